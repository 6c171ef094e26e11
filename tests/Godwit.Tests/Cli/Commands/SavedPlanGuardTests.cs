namespace Godwit.Tests.Cli.Commands;

/// <summary>What a saved plan never does: more than was shown, to what it never saw, or without what was promised with it.</summary>
public sealed class SavedPlanGuardTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    private string Plan => _folder.In("night.plan");

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
