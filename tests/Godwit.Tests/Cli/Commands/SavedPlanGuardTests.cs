namespace Godwit.Tests.Cli.Commands;

/// <summary>What a saved plan never does: more than was shown, to what it never saw, or without what was promised with it.</summary>
public sealed class SavedPlanGuardTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    private string Plan => _folder.In("night.plan");

    private string Backup => _folder.In("kept");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a", "a/old", "a")]
    [InlineData("a/b", "a", "a/b")]
    [InlineData("a/b", "a", "a/b/c")]
    public async Task What_came_instead_of_what_was_in_the_way_is_not_replaced(string source, string inTheWay, string came)
    {
        _folder.Put(source, "one");
        PutThere(inTheWay, "old");
        await MakeAsync("sync");
        Directory.Delete(_folder.Destination, recursive: true);
        PutThere(came, "PRECIOUS");
        Answer answer = await RunAsync(6, "sync");
        Assert.Contains("what is there has changed at the destination", answer.Error, StringComparison.Ordinal);
        Assert.Equal([(came, "PRECIOUS")], There());
    }

    [Theory]
    [InlineData("a", "a/old")]
    [InlineData("a/b", "a")]
    public async Task What_was_in_the_way_and_is_as_it_was_makes_way_once(string source, string inTheWay)
    {
        _folder.Put(source, "one");
        _folder.Put("a.b", "newer");
        PutThere(inTheWay, "old");
        PutThere("a.b", "older");
        await MakeAsync("sync");
        await RunAsync(0, "sync");
        Assert.Equal(["newer", "one"], There().Select(file => file.Content).Order(StringComparer.Ordinal));
        Assert.Contains("2 unchanged", (await RunAsync(0, "sync")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_in_the_way_and_is_gone_is_no_hindrance()
    {
        _folder.Put("a", "one");
        PutThere("a/old", "old");
        await MakeAsync("sync");
        Directory.Delete(_folder.Destination, recursive: true);
        await RunAsync(0, "sync");
        Assert.Equal([("a", "one")], There());
    }

    [Fact]
    public async Task A_plan_by_the_ledger_replaces_nothing_that_the_ledger_does_not_know()
    {
        _folder.Put("sent", "one");
        await _folder.CopyAsync();
        _folder.Put("sent", "other");
        _folder.Put("new", "two");
        await MakeAsync("copy", 0, "--compare", "ledger");
        PutThere("new", "PRECIOUS");
        PutThere("sent", "somebody's");
        Answer answer = await RunAsync(6, "copy");
        Assert.Equal(2, Count(answer.Error, "what is there has changed at the destination"));
        Assert.Equal([("new", "PRECIOUS"), ("sent", "somebody's")], There());
    }

    [Fact]
    public async Task A_plan_by_the_ledger_replaces_what_was_delivered_and_sends_again_what_was_taken_away()
    {
        _folder.Put("sent", "one");
        _folder.Put("taken", "two");
        await _folder.CopyAsync();
        _folder.Put("sent", "other");
        _folder.Put("taken", "another");
        await MakeAsync("copy", 0, "--compare", "ledger");
        File.Delete(Path.Combine(_folder.Destination, "taken"));
        await RunAsync(0, "copy");
        Assert.Equal([("sent", "other"), ("taken", "another")], There());
    }

    [Theory]
    [InlineData("x", "x")]
    [InlineData("x", "x/y")]
    [InlineData("d/x", "d/x")]
    [InlineData("d/x", "d/y")]
    public async Task What_the_source_has_again_is_not_deleted(string extra, string again)
    {
        _folder.Put("keep", "one");
        await _folder.CopyAsync();
        PutThere(extra, "x");
        await MakeAsync("sync");
        _folder.Put(again, "x");
        Answer answer = await RunAsync(6, "sync");
        Assert.Contains("what would be deleted came back at the source", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["one", "x"], There().Select(file => file.Content).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_would_be_kept_is_kept()
    {
        _folder.Put("a", "newer");
        PutThere("a", "old");
        PutThere("extra", "x");
        Answer shown = await MakeAsync("sync", 0, "--backup-dir", Backup);
        Assert.Contains("2 would be put aside", shown.Output, StringComparison.Ordinal);
        await RunAsync(0, "sync");
        Assert.Equal([("a", "newer")], There());
        Assert.Equal(["old", "x"], CommandLineFolder.Tree(Backup).Values);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task What_is_kept_and_where_is_decided_with_the_plan(bool planned, bool other)
    {
        _folder.Put("a", "newer");
        PutThere("a", "old");
        await MakeAsync("copy", 0, planned ? ["--backup-dir", Backup] : []);
        Answer answer = await RunAsync(other ? 2 : 0, "copy", "--backup-dir", other ? Backup + "2" : Backup);
        Assert.Equal(other, answer.Error.Contains("--backup-dir is not as in the plan", StringComparison.Ordinal));
        Assert.Equal([("a", other ? "old" : "newer")], There());
    }

    [Theory]
    [InlineData("--max-delete", "1")]
    [InlineData("--max-delete", "50%")]
    [InlineData(null, null)]
    public async Task What_a_guard_refused_leaves_no_plan(string? option, string? value)
    {
        PutThere("x", "1");
        PutThere("y", "2");
        if (option is not null)
        {
            _folder.Put("keep", "one");
        }

        const string Older = "{\"godwit_plan\":1}\n";
        await File.WriteAllTextAsync(Plan, Older);
        Answer refused = await MakeAsync("sync", 7, option is null ? [] : [option, value!]);
        Assert.Contains("No plan was saved", refused.Error, StringComparison.Ordinal);
        Assert.Equal(Older, await File.ReadAllTextAsync(Plan));
        Assert.Equal(["night.plan"], Directory.EnumerateFiles(_folder.Root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("5", "5", 0)]
    [InlineData("5", "4", 2)]
    [InlineData("5", "50%", 2)]
    [InlineData("50%", "50%", 0)]
    [InlineData("50%", "60%", 2)]
    [InlineData(null, "0", 7)]
    [InlineData(null, "5", 0)]
    public async Task A_guard_of_the_plan_stays_and_one_may_be_added(string? planned, string given, int code)
    {
        _folder.Put("keep", "one");
        await _folder.CopyAsync();
        PutThere("extra", "x");
        await MakeAsync("sync", 0, planned is null ? [] : ["--max-delete", planned]);
        Answer answer = await RunAsync(code, "sync", "--max-delete", given);
        Assert.Equal(code == 2, answer.Error.Contains("--max-delete is not as in the plan", StringComparison.Ordinal));
        Assert.Equal(code == 0 ? 1 : 2, There().Count());
    }

    [Fact]
    public async Task An_empty_source_is_allowed_with_the_plan_or_not_at_all()
    {
        PutThere("x", "1");
        await MakeAsync("sync", 0, "--allow-empty-source");
        await RunAsync(0, "sync");
        Assert.Empty(There());
        await MakeAsync("sync");
        Answer answer = await RunAsync(2, "sync", "--allow-empty-source");
        Assert.Contains("--allow-empty-source is not as in the plan", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directories_that_a_plan_keeps_at_the_source_stay()
    {
        _folder.Put("d/a", "one");
        await MakeAsync("move", 0, "--keep-directories");
        await RunAsync(0, "move");
        Assert.Equal([("d/a", "one")], There());
        Assert.True(Directory.Exists(Path.Combine(_folder.Source, "d")));
        await MakeAsync("move");
        Answer answer = await RunAsync(2, "move", "--keep-directories");
        Assert.Contains("--keep-directories is not as in the plan", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_directories_that_were_shown_are_deleted_at_the_source()
    {
        _folder.Put("d/a.fits", "one");
        Directory.CreateDirectory(Path.Combine(_folder.Source, "empty"));
        Directory.CreateDirectory(Path.Combine(_folder.Destination, "empty"));
        Answer shown = await MakeAsync("move", 0, "--include", "*.fits");
        Assert.DoesNotContain("empty/", shown.Output, StringComparison.Ordinal);
        await RunAsync(0, "move");
        Assert.True(Directory.Exists(Path.Combine(_folder.Source, "empty")));
        Assert.False(Directory.Exists(Path.Combine(_folder.Source, "d")));
    }

    private void PutThere(string name, string content)
    {
        string file = Path.Combine(_folder.Destination, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    private IEnumerable<(string Name, string Content)> There() =>
        CommandLineFolder.Tree(_folder.Destination).Select(file => (file.Key, file.Value));

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private Task<Answer> MakeAsync(string verb) => MakeAsync(verb, 0);

    private async Task<Answer> MakeAsync(string verb, int code, params string[] options)
    {
        Answer answer = await _folder.RunAsync([verb, _folder.Source, _folder.Destination, "--dry-run", "--plan", Plan, .. options]);
        Assert.True(answer.Code == code, $"{answer.Code}: {answer.Error}");
        return answer;
    }

    private async Task<Answer> RunAsync(int code, string verb, params string[] options)
    {
        Answer answer = await _folder.RunAsync([verb, _folder.Source, _folder.Destination, "--plan", Plan, .. options]);
        Assert.True(answer.Code == code, $"{answer.Code}: {answer.Error}{answer.Output}");
        return answer;
    }
}
