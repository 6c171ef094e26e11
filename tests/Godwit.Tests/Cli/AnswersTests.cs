using System.Text.Json;

namespace Godwit.Tests.Cli;

/// <summary>What a person who is new asks, and a script that nobody watches: what was left, what was nothing, and what was mistyped.</summary>
public sealed class AnswersTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_resend_or_a_baseline_of_nothing_says_so()
    {
        _folder.Put("a", "one");
        await _folder.CopyAsync();
        foreach (string[] options in (string[][])[["resend", "--path", "b"], ["resend", "--before", "1d"], ["baseline", "--before", "1d"]])
        {
            Answer answer = await RunAsync(options);
            Assert.Equal(4, answer.Code);
            Assert.Contains("Check SRC, ", answer.Error, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await RunAsync("resend", "--path", "a")).Code);
        Assert.Equal(0, (await RunAsync("resend", "--path", "a")).Code);
    }

    [Fact]
    public async Task A_move_says_what_it_left_at_the_source_and_how_to_move_it()
    {
        _folder.Put("a", "one");
        File.CreateSymbolicLink(_folder.In("src/l"), "a");
        Answer answer = await RunAsync("move", "--report", _folder.In("report"));
        Assert.Contains("; 1 link LEFT at the source; --links keep moves links,", answer.Output, StringComparison.Ordinal);
        Assert.Equal(1, _folder.Json("report").GetProperty("left_at_source").GetInt64());
        Assert.Contains("; 1 link skipped;", (await RunAsync("copy")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_is_silent_only_while_nobody_is_needed()
    {
        _folder.Put("a", "one");
        Assert.Equal((0, "", ""), Parts(await RunAsync("copy", "--quiet")));
        Assert.Equal((0, "", ""), Parts(await GodwitAsync(["check", _folder.Source, _folder.Destination, "--quiet"])));
        Answer nothing = await RunAsync("copy", "--quiet", "--error-on-no-transfer");
        Assert.Equal((9, ""), (nothing.Code, nothing.Output));
        Assert.StartsWith("copy SUCCESS: 0 of 0 files", nothing.Error, StringComparison.Ordinal);
        File.WriteAllText(_folder.In("dst/a"), "longer");
        (int code, string output, string error) = Parts(await GodwitAsync(["check", _folder.Source, _folder.Destination, "--quiet"]));
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("0 the same, 1 differ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("08:00,10")]
    [InlineData("08:00,10M 18:00,1023")]
    public async Task A_rate_without_a_unit_that_no_line_has_is_refused(string rate)
    {
        _folder.Put("a", "one");
        Answer answer = await RunAsync("copy", "--bandwidth", rate);
        Assert.Equal(2, answer.Code);
        string number = rate.Split(',')[^1];
        Assert.Contains($"--bandwidth is \"{rate}\": \"{number}\" would be {number} bytes a second", answer.Error, StringComparison.Ordinal);
        Assert.Contains($"write {number}M for MiB", answer.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("copy", "--bandwidth", "08:00,1048576")).Code);
        Assert.Equal(0, (await RunAsync("copy", "--bandwidth", "1000B")).Code);
    }

    [Theory]
    [InlineData("sha256")]
    [InlineData("md5")]
    [InlineData("json")]
    public async Task A_second_run_keeps_what_the_manifest_of_the_first_lists(string kind)
    {
        string manifest = _folder.In("manifest");
        string[] options = ["--manifest", manifest, "--manifest-kind", kind];
        _folder.Put("b", "one");
        _folder.Put("d/c", "two");
        await RunAsync(["copy", .. options]);
        _folder.Put("a", "three");
        _folder.Put("b", "longer");
        _folder.Put("d/e", "four");
        await RunAsync(["copy", .. options]);
        Assert.Equal(0, (await RunAsync(["copy", .. options])).Code);
        Answer all = await GodwitAsync(["check", "--manifest", manifest, _folder.Destination, "--combined", _folder.In("found")]);
        Assert.Equal(0, all.Code);
        Assert.Equal(["= a", "= b", "= d/c", "= d/e"], File.ReadAllLines(_folder.In("found")).Order(StringComparer.Ordinal));

        File.Delete(_folder.In("src/d/c"));
        await RunAsync(["sync", .. options]);
        await GodwitAsync(["check", "--manifest", manifest, _folder.Destination, "--combined", _folder.In("found")]);
        Assert.Equal(["= a", "= b", "= d/e"], File.ReadAllLines(_folder.In("found")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("not a manifest\n")]
    [InlineData("900150983cd24fb0d6963f7d28e17f72  a\n")]
    [InlineData("{")]
    public async Task A_file_that_is_no_manifest_is_not_replaced_by_one(string content)
    {
        _folder.Put("a", "one");
        File.WriteAllText(_folder.In("other"), content);
        Answer answer = await RunAsync("copy", "--manifest", _folder.In("other"));
        Assert.Equal(2, answer.Code);
        Assert.Contains("It would be lost.", answer.Error, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(_folder.In("other")));
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Fact]
    public async Task A_report_from_the_ledger_says_what_that_of_the_run_said()
    {
        _folder.Put("a", "one");
        File.CreateSymbolicLink(_folder.In("src/l"), "a");
        Answer answer = await RunAsync("copy", "--links", "keep", "--report", _folder.In("report"));
        string id = answer.Output.Split("id ")[1].Trim();
        JsonElement later = JsonDocument.Parse((await _folder.RunAsync(["report", id])).Output).RootElement;
        JsonElement then = _folder.Json("report");
        string[] unknown = ["exit_code", "listing_incomplete"];
        Assert.Equal(
            then.EnumerateObject().Where(field => !unknown.Contains(field.Name)).Select(field => field.ToString()),
            later.EnumerateObject().Select(field => field.ToString()));
        Assert.Equal(2, then.GetProperty("verdicts").EnumerateObject().Sum(count => count.Value.GetInt64()));
        Assert.Equal(later.ToString(), JsonDocument.Parse((await _folder.RunAsync(["show", id, "--json"])).Output).RootElement.ToString());
    }

    [Theory]
    [InlineData("-lR", "Write -l -R.")]
    [InlineData("--recursiv", "The nearest is --recursive.")]
    [InlineData("-Z", "A file of that name is written ./-Z")]
    public async Task An_option_that_is_none_is_blamed_and_not_the_address(string option, string remedy)
    {
        foreach (string[] args in (string[][])[["ls", option, _folder.Source], ["ls", _folder.Source, option], ["ls", option]])
        {
            Answer answer = await GodwitAsync(args);
            Assert.Equal(2, answer.Code);
            Assert.StartsWith($"godwit: there is no option \"{option}\". {remedy}\n", answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder.Source, answer.Error, StringComparison.Ordinal);
        }

        Assert.Equal(3, (await GodwitAsync(["ls", "--", $"{option}/"])).Code);
        Assert.Equal(0, (await GodwitAsync(["ls", "--help"])).Code);
    }

    [Fact]
    public async Task A_file_that_is_not_as_planned_asks_for_a_new_plan_and_not_for_the_same_command()
    {
        _folder.Put("a", "one");
        await RunAsync("copy", "--dry-run", "--plan", _folder.In("plan"));
        _folder.Put("a", "other");
        Answer answer = await RunAsync("copy", "--plan", _folder.In("plan"));
        Assert.Contains("Next: make a new plan with --dry-run --plan FILE, and carry that out.", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("same command", answer.Error, StringComparison.Ordinal);
    }

    private Task<Answer> RunAsync(params string[] args) => _folder.RunAsync([args[0], _folder.Source, _folder.Destination, .. args[1..]]);

    private async Task<Answer> GodwitAsync(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await Godwit.Cli.GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, _folder.Wiring, output, error, default);
        return new Answer(code, output.ToString(), error.ToString());
    }

    private static (int Code, string Output, string Error) Parts(Answer answer) => (answer.Code, answer.Output, answer.Error);
}
