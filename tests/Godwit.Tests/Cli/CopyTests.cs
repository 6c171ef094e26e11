using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Godwit.Cli;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

public sealed class CopyTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tree_arrives_and_a_second_run_has_nothing_to_do()
    {
        _folder.Put("a.txt", "one");
        _folder.Put("deep/er/b.txt", "two");
        Answer first = await _folder.CopyAsync();
        Answer second = await _folder.CopyAsync("--error-on-no-transfer");
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Matches(@"^copy SUCCESS: 2 of 2 files delivered, 6 B in .*; verified read-back 2; id [0-9a-z]{26}\n$", first.Output);
        Assert.Equal(CommandLineFolder.Tree(_folder.Source), CommandLineFolder.Tree(_folder.Destination));
        Assert.Equal(9, second.Code);
        Assert.Contains("2 unchanged", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_file_goes_into_a_directory_or_gets_the_new_name()
    {
        _folder.Put("a.txt", "one");
        string file = Path.Combine(_folder.Source, "a.txt");
        Answer named = await _folder.RunAsync(["copy", file, _folder.In("new.txt")]);
        Answer slash = await _folder.RunAsync(["copy", file, _folder.In("dir/")]);
        Answer existing = await _folder.RunAsync(["copy", file, _folder.In("dir"), "--compare", "always"]);
        File.CreateSymbolicLink(_folder.In("link"), file);
        Answer link = await _folder.RunAsync(["copy", _folder.In("link"), _folder.In("dir")]);
        Assert.All([named, slash, existing, link], answer => Assert.Equal((0, ""), (answer.Code, answer.Error)));
        Assert.Equal("one", File.ReadAllText(_folder.In("new.txt")));
        Assert.Equal("one", File.ReadAllText(_folder.In("dir/a.txt")));
        Assert.Null(new FileInfo(_folder.In("dir/link")).LinkTarget);
        Assert.Equal("one", File.ReadAllText(_folder.In("dir/link")));
    }

    [Theory]
    [InlineData("gone", 4, "is not there")]
    [InlineData("gone/", 3, "is not there")]
    [InlineData("src/a.txt/", 3, "written like a directory")]
    public async Task A_missing_source_has_its_own_code(string name, int code, string sentence)
    {
        _folder.Put("a.txt", "one");
        Answer answer = await _folder.RunAsync(["copy", _folder.In(name), _folder.Destination]);
        Assert.Equal(code, answer.Code);
        Assert.Contains(sentence, answer.Error, StringComparison.Ordinal);
        Assert.Contains(_folder.In(name), answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Theory]
    [InlineData("src", "src/")]
    [InlineData("src", "src/sub/x")]
    [InlineData("src", "link/sub")]
    [InlineData("outer/src", ".")]
    [InlineData("src/a.txt", "src/a.txt")]
    [InlineData("src/a.txt", "src")]
    public async Task Places_that_lie_in_each_other_are_refused(string from, string to)
    {
        _folder.Put("a.txt", "one");
        Directory.CreateDirectory(_folder.In("outer/src/outer"));
        File.CreateSymbolicLink(_folder.In("link"), _folder.Source);
        Answer answer = await _folder.RunAsync(["copy", _folder.In(from), _folder.In(to)]);
        Assert.Equal(2, answer.Code);
        Assert.Contains("Name a", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_writes_nothing_and_says_what_it_would_do()
    {
        _folder.Put("a.txt", "one");
        File.WriteAllText(_folder.In("manifest"), "of yesterday");
        Answer answer = await _folder.CopyAsync("--dry-run", "--manifest", _folder.In("manifest"), "--report", _folder.In("report"));
        Assert.Equal((0, ""), (answer.Code, answer.Error));
        Assert.Contains("would copy a.txt (new)\n", answer.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
        Assert.Equal("of yesterday", File.ReadAllText(_folder.In("manifest")));
        Assert.True(_folder.Json("report").GetProperty("dry_run").GetBoolean());
    }

    [Fact]
    public async Task A_dry_run_says_what_it_could_not_look_at()
    {
        _folder.Put("a.txt", "one");
        _folder.Put("sub/b.txt", "two");
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = Around(call => call.Verb == StoreVerb.List && call.Path == StorePath.FromText("sub")
                ? throw new StoreException(StoreErrorKind.Forbidden, "no")
                : ValueTask.CompletedTask),
        };
        Answer answer = await _folder.CopyAsync("--dry-run");
        Assert.Equal(6, answer.Code);
        Assert.Contains("FAILED sub: no [forbidden, source]", answer.Error, StringComparison.Ordinal);
        Assert.Contains("the listing is NOT complete", answer.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Fact]
    public async Task Events_are_one_JSON_object_a_line_with_the_stable_names()
    {
        _folder.Put("a.txt", "one");
        Answer answer = await _folder.CopyAsync("--json");
        Assert.Equal(
            ["transfer.started", "file.started", "file.delivered", "transfer.ended"],
            answer.Events.Select(e => e.GetProperty("event").GetString()));
        JsonElement delivered = answer.Events[2];
        Assert.Equal("a.txt", delivered.GetProperty("path").GetString());
        Assert.Equal("read-back", delivered.GetProperty("verdict").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$", delivered.GetProperty("time").GetString());
        Assert.Contains("copy SUCCESS", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_are_hostile_arrive_and_sha256sum_reads_the_manifest()
    {
        string[] names = ["plain", "new\nline", "back\\slash", "carriage\rreturn", " blank ", "*star", "-dash", "ünï", "\u001b[31mred"];
        foreach (string name in names)
        {
            _folder.Put(name, name);
        }

        Answer odd = await RunRawAsync("printf odd > \"$1/$(printf 'not\\377utf8')\"", _folder.Source);
        Answer answer = await _folder.CopyAsync("--json", "--manifest", _folder.In("manifest"));
        Answer check = await RunRawAsync("cd \"$1\" && sha256sum --strict --quiet -c ../manifest && wc -l < ../manifest", _folder.Destination);
        Assert.Equal((0, 0), (odd.Code, answer.Code));
        Assert.Equal((0, "10\n"), (check.Code, check.Output));
        JsonElement notUtf8 = answer.Events.Single(e => e.GetProperty("event").ValueEquals("file.delivered") && e.TryGetProperty("path_base64", out _));
        Assert.Equal(@"not\xffutf8", notUtf8.GetProperty("path").GetString());
        Assert.Equal("not\u00ffutf8", Encoding.Latin1.GetString(notUtf8.GetProperty("path_base64").GetBytesFromBase64()));
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_can_be_given_on_the_command_line()
    {
        await RunRawAsync("printf odd > \"$1/$(printf 'not\\377utf8')\"", _folder.Source);
        byte[] file = [.. Encoding.UTF8.GetBytes(_folder.Source), .. "/not"u8, 0xff, .. "utf8"u8];
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await GodwitCommandLine.RunAsync(
            [.. ((byte[][])[.. new[] { "copy", "--state", _folder.In("state") }.Select(Encoding.UTF8.GetBytes), file]), Encoding.UTF8.GetBytes(_folder.In("out"))],
            _folder.Wiring, output, error, default);
        Assert.Equal((0, ""), (code, error.ToString()));
        Assert.Equal("odd", File.ReadAllText(_folder.In("out")));
    }

    [Fact]
    public async Task Failed_files_are_told_with_their_side_and_the_next_step_and_the_rest_arrives()
    {
        _folder.Put("good", "one");
        _folder.Put("bad\u001b[2J", "two");
        _folder.Wiring = _folder.Wiring with { DressStore = RefuseToRead("bad") };
        Answer answer = await _folder.CopyAsync("--report", _folder.In("report"), "--failed", _folder.In("failed0"));
        JsonElement report = _folder.Json("report");
        JsonElement failed = report.GetProperty("failed")[0];
        Assert.Equal(6, answer.Code);
        Assert.Contains("copy PARTIAL: 1 of 2 files delivered", answer.Output, StringComparison.Ordinal);
        Assert.Contains(@"FAILED bad\x1b[2J: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("[forbidden, source] Next: allow this user to read it", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', answer.Error);
        Assert.Equal("partial", report.GetProperty("outcome").GetString());
        Assert.Equal(6, report.GetProperty("exit_code").GetInt32());
        Assert.Equal(1, report.GetProperty("totals").GetProperty("delivered").GetInt32());
        Assert.Equal("bad\u001b[2J", failed.GetProperty("path").GetString());
        Assert.Equal("source", failed.GetProperty("side").GetString());
        Assert.Equal("bad\u001b[2J\0", File.ReadAllText(_folder.In("failed0")));
    }

    [Fact]
    public async Task Of_many_failures_the_first_twenty_are_shown_and_all_are_in_the_report()
    {
        foreach (int number in Enumerable.Range(0, 50))
        {
            _folder.Put($"bad{number}", "x");
        }

        _folder.Wiring = _folder.Wiring with { DressStore = RefuseToRead("bad") };
        Answer answer = await _folder.CopyAsync("--quiet", "--report", _folder.In("report"), "--failed", _folder.In("failed.txt"));
        Assert.Equal((6, ""), (answer.Code, answer.Output));
        Assert.Equal(20, answer.Error.Split('\n').Count(line => line.StartsWith("FAILED", StringComparison.Ordinal)));
        Assert.Contains("... and 30 more, see ", answer.Error, StringComparison.Ordinal);
        Assert.Equal(50, _folder.Json("report").GetProperty("failed").GetArrayLength());
        Assert.Equal(50, File.ReadAllLines(_folder.In("failed.txt")).Distinct().Count());
    }

    [Fact]
    public async Task A_stopped_run_says_so_and_the_same_command_again_finishes()
    {
        foreach (int number in Enumerable.Range(0, 30))
        {
            _folder.Put($"f{number:00}", "content");
        }

        using var stop = new CancellationTokenSource();
        Wiring calm = _folder.Wiring;
        _folder.Wiring = calm with { DressStore = StopAtRead("f1", stop), StopCode = () => ExitCode.Terminated };
        Answer stopped = await _folder.RunAsync(
            ["copy", _folder.Source, _folder.Destination, "--transfers", "1", "--report", _folder.In("report")], stop.Token);
        _folder.Wiring = calm;
        Answer again = await _folder.CopyAsync();
        JsonElement report = _folder.Json("report");
        JsonElement totals = report.GetProperty("totals");
        Assert.Equal(143, stopped.Code);
        Assert.Equal(("canceled", "canceled"), (report.GetProperty("outcome").GetString(), report.GetProperty("stopped").GetString()));
        Assert.Equal(
            totals.GetProperty("planned").GetInt64(),
            totals.GetProperty("delivered").GetInt64() + totals.GetProperty("failed").GetInt64() + totals.GetProperty("not_attempted").GetInt64());
        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Equal(CommandLineFolder.Tree(_folder.Source), CommandLineFolder.Tree(_folder.Destination));
    }

    [Fact]
    public async Task Limits_have_their_codes()
    {
        _folder.Put("a", "12345");
        _folder.Put("b", "12345");
        Answer bytes = await _folder.CopyAsync("--max-transfer", "6");
        Assert.Equal(8, bytes.Code);
        Assert.Contains("1 not attempted; stopped: max-transfer", bytes.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_says_nothing_when_all_is_well()
    {
        _folder.Put("a", "1");
        Answer answer = await _folder.CopyAsync("--quiet");
        Assert.Equal((0, "", ""), (answer.Code, answer.Output, answer.Error));
    }

    [Fact]
    public async Task Skipped_links_are_counted_in_the_summary()
    {
        _folder.Put("a", "1");
        File.CreateSymbolicLink(Path.Combine(_folder.Source, "l"), "a");
        Answer answer = await _folder.CopyAsync();
        Assert.Equal(0, answer.Code);
        Assert.Contains("1 link skipped", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_cannot_be_written_is_an_error_of_its_own()
    {
        _folder.Put("a", "1");
        Answer answer = await _folder.CopyAsync("--report", "/dev/full");
        Assert.Equal(1, answer.Code);
        Assert.Contains("could not be written", answer.Error, StringComparison.Ordinal);
        Assert.Contains("copy SUCCESS", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_file_tells_what_was_delivered()
    {
        _folder.Put("a", "1");
        await _folder.CopyAsync("--log-file", _folder.In("log"));
        Assert.Contains(" INFO file.delivered a: 1 bytes, read-back, ", File.ReadAllText(_folder.In("log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_past_can_be_asked_for_by_id()
    {
        _folder.Put("bad", "1");
        Answer none = await _folder.RunAsync(["history"]);
        _folder.Wiring = _folder.Wiring with { DressStore = RefuseToRead("bad") };
        await _folder.CopyAsync("--report", _folder.In("report"));
        string id = _folder.Json("report").GetProperty("id").GetString()!;
        Answer history = await _folder.RunAsync(["history"]);
        Answer show = await _folder.RunAsync(["show", id]);
        Answer report = await _folder.RunAsync(["report", id]);
        Answer wrong = await _folder.RunAsync(["show", "zzzz"]);
        Assert.Equal((0, ""), (none.Code, none.Output));
        Assert.StartsWith(id, history.Output, StringComparison.Ordinal);
        Assert.Contains("[forbidden, source]", show.Output, StringComparison.Ordinal);
        Assert.Equal("forbidden", JsonDocument.Parse(report.Output).RootElement.GetProperty("failed")[0].GetProperty("kind").GetString());
        Assert.Equal(2, wrong.Code);
    }

    [Fact]
    public async Task The_past_tells_failed_files_by_the_paths_that_the_run_told()
    {
        _folder.Put("d/bad", "1");
        _folder.Put("good", "1");
        _folder.Wiring = _folder.Wiring with { DressStore = RefuseToRead("d/bad") };
        await _folder.CopyAsync("--report", _folder.In("tree"));
        _folder.Wiring = _folder.Wiring with { DressStore = RefuseToRead("bad") };
        await _folder.RunAsync(["copy", Path.Combine(_folder.Source, "d/bad"), _folder.In("new"), "--report", _folder.In("single")]);
        foreach (string name in new[] { "tree", "single" })
        {
            JsonElement told = _folder.Json(name);
            string id = told.GetProperty("id").GetString()!;
            string path = told.GetProperty("failed")[0].GetProperty("path").GetString()!;
            Assert.Equal(name == "tree" ? "d/bad" : "new", path);
            Answer show = await _folder.RunAsync(["show", id]);
            Assert.Contains($"\nFAILED {(name == "tree" ? "d/bad" : "bad (at DST: new)")}: ", show.Output, StringComparison.Ordinal);
            Answer report = await _folder.RunAsync(["report", id]);
            Assert.Equal(path, JsonDocument.Parse(report.Output).RootElement.GetProperty("failed")[0].GetProperty("path").GetString());
        }
    }

    [Fact]
    public async Task Another_run_that_writes_there_is_fatal_and_named()
    {
        _folder.Put("a", "1");
        Answer? second = null;
        Wiring calm = _folder.Wiring;
        _folder.Wiring = calm with
        {
            DressStore = Around(async call =>
            {
                if (call.Verb == StoreVerb.OpenRange || call.Verb == StoreVerb.OpenRead)
                {
                    _folder.Wiring = calm;
                    second ??= await _folder.CopyAsync();
                }
            }),
        };
        Answer first = await _folder.CopyAsync();
        Assert.Equal((0, 7), (first.Code, second!.Code));
        Assert.Contains("Another run is writing there", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT complete", second.Output + second.Error, StringComparison.Ordinal);
    }

    private static Func<IStore, StoreSide, IStore> RefuseToRead(string prefix) => Around(call =>
        call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && call.Path.ToString().StartsWith(prefix, StringComparison.Ordinal)
            ? throw new StoreException(StoreErrorKind.Forbidden, $"\"{call.Path}\" may not be read.\n")
            : ValueTask.CompletedTask);

    private static Func<IStore, StoreSide, IStore> StopAtRead(string prefix, CancellationTokenSource stop) => Around(async call =>
    {
        if (call.Verb is StoreVerb.OpenRead or StoreVerb.OpenRange && call.Path.ToString().StartsWith(prefix, StringComparison.Ordinal))
        {
            await stop.CancelAsync();
        }
    });

    private static Func<IStore, StoreSide, IStore> Around(Func<StoreCall, ValueTask> before) =>
        (store, side) => side == StoreSide.Source ? new LayeredStore(store, new Before(before)) : store;

    private static async Task<Answer> RunRawAsync(string script, string argument)
    {
        using Process process = Process.Start(new ProcessStartInfo("bash", ["-c", script, "bash", argument])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Answer(process.ExitCode, output, error);
    }

    private sealed class Before(Func<StoreCall, ValueTask> before) : IStoreLayer
    {
        public async ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
        {
            await before(call);
            return await next(ct);
        }

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }
}
