namespace Godwit.Tests.Cli.Commands;

/// <summary>A plan that is saved by a dry run and carried out later, as it was shown.</summary>
public sealed class SavedPlanTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    private string Plan => _folder.In("night.plan");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_shown_is_done_and_nothing_else()
    {
        _folder.Put("a", "one");
        _folder.Put("d/\n\"b\" é", "two");
        Directory.CreateDirectory(Path.Combine(_folder.Source, "empty"));
        Answer shown = await MakeAsync("copy");
        Assert.Contains("would copy a", shown.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
        _folder.Put("later", "three");
        await RunAsync(0, "copy");
        Assert.Equal(["a", "d/\n\"b\" é"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.True(Directory.Exists(Path.Combine(_folder.Destination, "empty")));
        Answer again = await RunAsync(0, "copy");
        Assert.Contains("2 unchanged", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_are_no_text_are_in_the_plan()
    {
        using (var make = System.Diagnostics.Process.Start("sh", ["-c", $"cd '{_folder.Source}' && printf content > \"$(printf '\\377x')\""]))
        {
            await make.WaitForExitAsync();
        }

        await MakeAsync("copy");
        Assert.Contains("1 of 1 file delivered", (await RunAsync(0, "copy")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_changed_since_is_a_failure_of_that_file()
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        _folder.Put("c", "three");
        await MakeAsync("copy");
        _folder.Put("b", "other");
        File.Delete(Path.Combine(_folder.Source, "c"));
        Answer answer = await RunAsync(6, "copy");
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Contains("plan-outdated", answer.Error, StringComparison.Ordinal);
        Assert.Contains("it has changed at the source: make a new plan", answer.Error, StringComparison.Ordinal);
        Assert.Contains("it is no longer there at the source", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_to_the_destination_since_is_not_replaced()
    {
        _folder.Put("new", "one");
        _folder.Put("old", "newer");
        Directory.CreateDirectory(_folder.Destination);
        await File.WriteAllTextAsync(Path.Combine(_folder.Destination, "old"), "old");
        await MakeAsync("copy");
        await File.WriteAllTextAsync(Path.Combine(_folder.Destination, "old"), "changed");
        await File.WriteAllTextAsync(Path.Combine(_folder.Destination, "new"), "somebody's");
        Answer answer = await RunAsync(6, "copy");
        Assert.Equal(["somebody's", "changed"], CommandLineFolder.Tree(_folder.Destination).Values);
        Assert.Contains("what is there has changed at the destination", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sync_deletes_what_was_shown_as_long_as_it_is_the_same()
    {
        _folder.Put("keep", "one");
        await _folder.CopyAsync();
        foreach (string name in (string[])["extra", "changing"])
        {
            await File.WriteAllTextAsync(Path.Combine(_folder.Destination, name), "x");
        }

        Assert.Contains("would delete extra", (await MakeAsync("sync", "--max-delete", "70%")).Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(_folder.Destination, "later"), "y");
        await RunAsync(0, "sync", "--max-delete", "70%");
        Assert.Equal(["keep", "later"], CommandLineFolder.Tree(_folder.Destination).Keys);
        await MakeAsync("sync");
        await File.WriteAllTextAsync(Path.Combine(_folder.Destination, "later"), "changed");
        Assert.Contains("what would be deleted has changed", (await RunAsync(6, "sync")).Error, StringComparison.Ordinal);
        Assert.Equal(["keep", "later"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_guard_counts_the_files_that_the_plan_saw()
    {
        _folder.Put("keep", "one");
        await _folder.CopyAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder.Destination, "extra"), "x");
        await MakeAsync("sync");
        await RunAsync(7, "sync", "--max-delete", "49%");
        Assert.Equal(["extra", "keep"], CommandLineFolder.Tree(_folder.Destination).Keys);
        await RunAsync(0, "sync", "--max-delete", "50%");
        Assert.Equal(["keep"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_move_deletes_at_the_source_what_the_plan_names()
    {
        _folder.Put("there", "one");
        await _folder.CopyAsync();
        _folder.Put("new", "two");
        await MakeAsync("move");
        _folder.Put("later", "three");
        await RunAsync(0, "move");
        Assert.Equal(["later"], CommandLineFolder.Tree(_folder.Source).Keys);
        Assert.Equal(["new", "there"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task What_the_plan_could_not_find_fails_again()
    {
        _folder.Put("a", "one");
        await File.WriteAllTextAsync(_folder.In("list"), "a\nmissing\n");
        await MakeAsync("copy", 6, "--files-from", _folder.In("list"));
        Answer answer = await RunAsync(6, "copy");
        Assert.Contains("asked for by name and is not there", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Theory]
    [InlineData("--include", "*.fits", "Leave out the filters")]
    [InlineData("--compare", "checksum", "Leave out --compare")]
    [InlineData("--links", "keep", "Leave out --links")]
    public async Task What_the_plan_decides_cannot_be_decided_again(string option, string value, string says)
    {
        _folder.Put("a", "one");
        await MakeAsync("copy");
        Assert.Contains(says, (await RunAsync(2, "copy", option, value)).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Fact]
    public async Task Its_own_comparison_and_links_come_with_it()
    {
        _folder.Put("a", "one");
        File.CreateSymbolicLink(Path.Combine(_folder.Source, "link"), "a");
        await MakeAsync("copy", 0, "--links", "keep", "--compare", "checksum");
        await RunAsync(0, "copy");
        Assert.Equal("a", new FileInfo(Path.Combine(_folder.Destination, "link")).LinkTarget);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("changed")]
    [InlineData("removed line")]
    [InlineData("empty")]
    [InlineData("no plan")]
    [InlineData("gone")]
    [InlineData("other version")]
    public async Task A_damaged_plan_is_refused_whole(string damage)
    {
        _folder.Put("a", "one");
        _folder.Put("b", "two");
        await MakeAsync("copy");
        string[] lines = await File.ReadAllLinesAsync(Plan);
        string? text = damage switch
        {
            "cut" => string.Join('\n', lines[..^1]) + "\n",
            "changed" => string.Join('\n', lines).Replace("\"path\":\"a\"", "\"path\":\"b\"", StringComparison.Ordinal) + "\n",
            "removed line" => string.Join('\n', lines.Where((_, i) => i != 1)) + "\n",
            "empty" => "",
            "no plan" => "a list\n",
            "other version" => string.Join('\n', lines).Replace("\"godwit_plan\":1", "\"godwit_plan\":2", StringComparison.Ordinal),
            _ => null,
        };
        File.Delete(Plan);
        if (text is not null)
        {
            await File.WriteAllTextAsync(Plan, text);
        }

        Answer answer = await RunAsync(2, "copy");
        Assert.Contains($"The plan \"{Plan}\"", answer.Error, StringComparison.Ordinal);
        Assert.Contains("Make it", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Fact]
    public async Task A_plan_is_carried_out_between_its_own_places_only()
    {
        _folder.Put("a", "one");
        await MakeAsync("copy");
        Answer other = await _folder.RunAsync(["copy", _folder.Source, _folder.In("other"), "--plan", Plan]);
        Assert.Equal(2, other.Code);
        Assert.Contains("Name the same places", other.Error, StringComparison.Ordinal);
        Assert.Contains("The plan is of copy", (await RunAsync(2, "move")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_file_with_another_name_can_be_planned()
    {
        _folder.Put("a", "one");
        string[] ends = [Path.Combine(_folder.Source, "a"), Path.Combine(_folder.Destination, "b")];
        Assert.Equal(0, (await _folder.RunAsync(["copy", .. ends, "--dry-run", "--plan", Plan])).Code);
        Assert.Equal(0, (await _folder.RunAsync(["copy", .. ends, "--plan", Plan])).Code);
        Assert.Equal(["b"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    private Task<Answer> MakeAsync(string verb, params string[] options) => MakeAsync(verb, 0, options);

    private async Task<Answer> MakeAsync(string verb, int code, params string[] options)
    {
        Answer answer = await _folder.RunAsync([verb, _folder.Source, _folder.Destination, "--dry-run", "--plan", Plan, .. options]);
        Assert.True(answer.Code == code, answer.Error);
        return answer;
    }

    private async Task<Answer> RunAsync(int code, string verb, params string[] options)
    {
        Answer answer = await _folder.RunAsync([verb, _folder.Source, _folder.Destination, "--plan", Plan, .. options]);
        Assert.True(answer.Code == code, $"{answer.Code}: {answer.Error}");
        return answer;
    }
}
