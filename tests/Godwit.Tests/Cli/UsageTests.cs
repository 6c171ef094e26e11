using Godwit.Cli;
using Godwit.Cli.Options;
using Godwit.Cli.Progress;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli;

public sealed class UsageTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_command_is_built_under_the_name_by_which_it_is_called()
    {
        var context = new CommandContext(new Wiring(), TextWriter.Null, TextWriter.Null);
        Assert.All(GodwitCommandLine.Commands, command => Assert.Equal(command.Name, command.Build(context).Name));
    }

    [Theory]
    [InlineData("davs://host/x", "davs:// address", "s3://bucket/prefix")]
    [InlineData("sftp://-oProxyCommand=x/x", "cannot be used", "sftp://user@host:22/path")]
    [InlineData("s3://a/x", "no bucket can have this name", "--s3-endpoint")]
    [InlineData("s3://bucket/a//b", "cannot be a path in a bucket", "empty segment")]
    [InlineData("archive:x", "endpoint \"archive\"", "./archive:x")]
    [InlineData("", "DST is empty", "file:///path")]
    [InlineData("file://other/x", "another machine", "file:///path")]
    public async Task An_address_that_cannot_be_reached_names_what_can(string address, string what, string remedy)
    {
        Answer answer = await _folder.RunAsync(["copy", _folder.Source, address]);
        Assert.Equal(2, answer.Code);
        Assert.Contains(what, answer.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://AKIA:hush@bucket/x")]
    [InlineData("https://host/x?X-Amz-Signature=hush")]
    [InlineData("sftp://user:hush@host/x")]
    public async Task A_key_on_the_command_line_is_refused_and_not_repeated(string address)
    {
        Answer answer = await _folder.RunAsync(["copy", address, _folder.Destination]);
        Answer unexpected = await _folder.RunAsync(["copy", _folder.Source, _folder.Destination, address]);
        Assert.Equal((2, 2), (answer.Code, unexpected.Code));
        Assert.Contains("key or a password", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_in_a_stray_argument_is_not_repeated()
    {
        Answer answer = await _folder.RunAsync(["copy", _folder.Source, _folder.Destination, "s3://AKIA:hush@bucket/x"]);
        Assert.Equal(2, answer.Code);
        Assert.DoesNotContain("hush", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_faults_of_the_settings_come_in_one_answer()
    {
        Answer answer = await _folder.CopyAsync("--compare", "sha", "--transfers", "0", "--part-size", "5MB", "--stable-for", "60");
        Assert.Equal(2, answer.Code);
        Assert.Contains("--compare is \"sha\": write one of mtime, size,", answer.Error, StringComparison.Ordinal);
        Assert.Contains("--transfers is 0; it must be 1 to 1024.", answer.Error, StringComparison.Ordinal);
        Assert.Contains("--part-size is \"5MB\": MB may mean 1000 or 1024; write MiB", answer.Error, StringComparison.Ordinal);
        Assert.Contains("--stable-for is \"60\": write a time such as 60s", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Theory]
    [InlineData("--route server --bandwidth 1M", "--bandwidth cannot be kept")]
    [InlineData("--route server --manifest m", "--manifest and --checksum cannot be had")]
    [InlineData("--manifest-kind md5", "without --manifest FILE")]
    [InlineData("--no-such-option", "no-such-option")]
    [InlineData("--config /no/such/file", "/no/such/file cannot be read")]
    public async Task What_contradicts_itself_is_refused(string options, string sentence)
    {
        Answer answer = await _folder.CopyAsync(options.Split(' '));
        Assert.Equal(2, answer.Code);
        Assert.Contains(sentence, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_the_configuration_that_is_not_known_is_an_error()
    {
        File.WriteAllText(_folder.In("godwit.yaml"), "# mine\n\nendpoint:\n  x: y\n");
        Answer answer = await _folder.CopyAsync("--config", _folder.In("godwit.yaml"));
        Assert.Equal(2, answer.Code);
        Assert.Contains("line 3: the key \"endpoint\" is not known here; the nearest is \"endpoints\".", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        Answer answer = await _folder.RunAsync(["copy", "--help"]);
        Assert.Equal(0, answer.Code);
        Assert.Contains("--error-on-no-transfer", answer.Output, StringComparison.Ordinal);
        Assert.Contains("--compare <mtime|size|checksum|exists|ledger|always>", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_asked_shows_the_help_and_is_not_success()
    {
        using var error = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)[], _folder.Wiring, TextWriter.Null, error, CancellationToken.None);
        Assert.Equal(2, code);
        Assert.Contains("copy <SRC> <DST>", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpoy", "there is no command \"cpoy\"; write one of copy, sync,")]
    [InlineData("copy", "copy needs SRC and DST;")]
    public async Task What_is_missing_or_unknown_is_named(string command, string sentence)
    {
        using var error = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)[command], _folder.Wiring, TextWriter.Null, error, CancellationToken.None);
        Assert.Equal(2, code);
        Assert.StartsWith($"godwit: {sentence}", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, error.ToString().Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("--report")]
    [InlineData("--failed")]
    [InlineData("--manifest")]
    public async Task A_result_that_cannot_be_written_is_said_before_anything_moves(string option)
    {
        _folder.Put("a", "x");
        Answer answer = await _folder.CopyAsync(option, _folder.In("no/such/file"));
        Assert.Equal(2, answer.Code);
        Assert.Contains($"{option} \"{_folder.In("no/such/file")}\" cannot be written", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
    }

    [Fact]
    public void Failures_are_seen_in_any_window_and_verifying_is_not_called_done()
    {
        var totals = new TransferTotals { Planned = 2, PlannedBytes = 100, Failed = 3 };
        var standing = new Standing(totals, true, 100, 10, TimeSpan.Zero, ["a"]);
        Assert.Contains(TerminalProgress.LinesOf(standing, TimeSpan.FromSeconds(5), 20), line => line.StartsWith("3 FAILED", StringComparison.Ordinal));
        Assert.Contains(", verifying", StandingText.Whole(standing, TimeSpan.FromSeconds(5)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1048576", 1048576)]
    [InlineData("50MiB", 52428800)]
    [InlineData("10G", 10737418240)]
    [InlineData("1.5k", 1536)]
    [InlineData("0", 0)]
    public void Sizes_are_binary(string text, long bytes) => Assert.Equal(bytes, SizeText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("10MB")]
    [InlineData("-1")]
    [InlineData("1.2.3G")]
    [InlineData("9E")]
    [InlineData("10Q")]
    public void What_is_not_a_size_is_refused(string text) => Assert.Throws<FormatException>(() => SizeText.Parse(text));

    [Theory]
    [InlineData("60s", 60)]
    [InlineData("1h30m", 5400)]
    [InlineData("7d", 604800)]
    [InlineData("250ms", 0.25)]
    public void Times_have_units(string text, double seconds) => Assert.Equal(seconds, DurationText.Parse(text).TotalSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("60")]
    [InlineData("1y")]
    [InlineData("-5s")]
    public void What_is_not_a_time_is_refused(string text) => Assert.Throws<FormatException>(() => DurationText.Parse(text));

    [Fact]
    public void Any_bytes_survive_as_an_argument()
    {
        byte[] all = [.. Enumerable.Range(1, 255).Select(number => (byte)number), .. "ü\U0001F600"u8, 0xf0, 0x9f];
        Assert.Equal(all, ArgumentText.ToBytes(ArgumentText.FromBytes(all)));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(40)]
    [InlineData(80)]
    public void The_last_column_of_a_window_stays_free(int columns)
    {
        int width = TerminalProgress.WidthOf(columns);
        Assert.True(width < columns);
        var standing = new Standing(
            new TransferTotals { Planned = 2, PlannedBytes = 100, Failed = 1 }, true, 100, 1e9, TimeSpan.FromSeconds(5), [new string('n', 300)]);
        Assert.All(TerminalProgress.LinesOf(standing, TimeSpan.FromSeconds(5), width), line => Assert.True(line.Length < columns, line));
        Assert.Equal(79, TerminalProgress.WidthOf(0));
    }

    /// <summary>Rate, time left and failures are whole in every window; the counts go before the bytes, and names of files before both.</summary>
    [Theory]
    [InlineData(100, "12m05s: 1234/98765 files, 1.46 TiB of 3.00 TiB, 118 MiB/s, 3h46m left|7 FAILED; why is told at the end|  a")]
    [InlineData(80, "12m05s: 1234/98765 files, 1.46 TiB of 3.00 TiB, 118 MiB/s, 3h46m left|7 FAILED; why is told at the end|  a")]
    [InlineData(60, "1.46 TiB of 3.00 TiB, 118 MiB/s, 3h46m left|7 FAILED; why is told at the end")]
    [InlineData(38, "118 MiB/s, 3h46m left|7 FAILED; why is told at the end")]
    [InlineData(20, "118 MiB/s|3h46m left|7 FAILED; why is t…")]
    public void A_narrow_window_loses_names_counts_and_bytes_first(int columns, string expected)
    {
        var totals = new TransferTotals { Planned = 98_765, PlannedBytes = 3L << 40, Delivered = 1234, Failed = 7 };
        var standing = new Standing(totals, true, 1_600_000_000_000, 123_456_789, TimeSpan.FromSeconds(13_560), ["a"]);
        IReadOnlyList<string> lines = TerminalProgress.LinesOf(standing, TimeSpan.FromSeconds(725), TerminalProgress.WidthOf(columns));
        Assert.Equal(expected, string.Join('|', lines.Skip(1)));
        Assert.All(lines, line => Assert.True(line.Length < columns, line));
    }

    [Fact]
    public void A_narrow_window_shows_no_names_that_would_go_at_once()
    {
        var begun = new Standing(new TransferTotals { Planned = 5, PlannedBytes = 1000 }, true, 10, 0, null, ["a", "b", "c", "d"]);
        Assert.Equal(2, TerminalProgress.LinesOf(begun, TimeSpan.Zero, TerminalProgress.WidthOf(38)).Count);
        Assert.Equal(6, TerminalProgress.LinesOf(begun, TimeSpan.Zero, TerminalProgress.WidthOf(60)).Count);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(200)]
    public void A_bar_is_never_wider_than_its_window(int width)
    {
        var standing = new Standing(new TransferTotals { Planned = 2, PlannedBytes = 100 }, true, 50, 10, TimeSpan.FromSeconds(5), ["a"]);
        IReadOnlyList<string> lines = TerminalProgress.LinesOf(standing, TimeSpan.FromSeconds(5), width);
        Assert.True(lines[0].Length <= Math.Max(width, 12));
        Assert.EndsWith("50%", lines[0], StringComparison.Ordinal);
        Assert.StartsWith(width == 10 ? "10 B/s" : "5.0s: 0/2", lines[1], StringComparison.Ordinal);
        Assert.All(lines.Skip(1), line => Assert.True(line.Length <= width));
        Assert.Equal("5.0s: 0/2 files, 50 B of 100 B, 10 B/s, 5.0s left", StandingText.Whole(standing, TimeSpan.FromSeconds(5)));
    }
}
