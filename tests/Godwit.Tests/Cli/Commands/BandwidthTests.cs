using Godwit.Cli.Options;
using Godwit.Cli.Runs;

namespace Godwit.Tests.Cli.Commands;

/// <summary>Limits by the hour, and limits that change while a run goes on.</summary>
public sealed class BandwidthTests : IDisposable
{
    private const string Week = "08:00,10M 18:00,50M Sat-00:00,off Sat-08:00,off Sat-18:00,off Sun-18:00,1M";

    private readonly CommandLineFolder _folder = new();
    private readonly FakeTime _time = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("50MiB", "2026-11-20T03:00", 50)]
    [InlineData("off", "2026-11-20T03:00", null)]
    [InlineData(Week, "2026-11-20T07:59", 50)]
    [InlineData(Week, "2026-11-20T08:00", 10)]
    [InlineData(Week, "2026-11-20T18:00", 50)]
    [InlineData(Week, "2026-11-21T00:00", null)]
    [InlineData(Week, "2026-11-21T23:59", null)]
    [InlineData(Week, "2026-11-22T07:59", null)]
    [InlineData(Week, "2026-11-22T08:00", 10)]
    [InlineData(Week, "2026-11-22T18:00", 1)]
    [InlineData(Week, "2026-11-23T07:59", 1)]
    [InlineData("fri-9:00,3M", "2026-11-19T12:00", 3)]
    public void The_entry_before_a_moment_counts(string text, string moment, int? mebibytes) => Assert.Equal(
        mebibytes * 1048576L,
        BandwidthTimetable.Parse(text).RateAt(DateTimeOffset.Parse(moment + "Z", System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("0", "more than 0")]
    [InlineData("08:00,10M 08:00,20M", "second entry of its time")]
    [InlineData("08:00,10M 20M", "is no entry of a timetable")]
    [InlineData("25:00,10M", "is no entry of a timetable")]
    [InlineData("Foo-08:00,10M", "is no entry of a timetable")]
    [InlineData("08:00,10MB", "MiB")]
    [InlineData("", "write bytes a second")]
    public void What_is_no_timetable_is_refused(string text, string says) =>
        Assert.Contains(says, Assert.Throws<FormatException>(() => BandwidthTimetable.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_limit_follows_the_clock()
    {
        using var follow = new FollowBandwidth(BandwidthTimetable.Parse("08:00,10M 00:01,off"), null, _time, _warnings.Add);
        Assert.Equal(10L << 20, follow.Limit.BytesPerSecond);
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.Null(follow.Limit.BytesPerSecond);
    }

    [Fact]
    public void The_limit_follows_its_file_and_stays_where_that_cannot_be_used()
    {
        string file = _folder.In("limit");
        File.WriteAllText(file, "5M\n");
        using var follow = new FollowBandwidth(null, file, _time, _warnings.Add);
        Assert.Equal(5L << 20, follow.Limit.BytesPerSecond);
        File.WriteAllText(file, "700K");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(700L << 10, follow.Limit.BytesPerSecond);
        File.WriteAllText(file, "fast please");
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(700L << 10, follow.Limit.BytesPerSecond);
        File.Delete(file);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(700L << 10, follow.Limit.BytesPerSecond);
        Assert.Equal(2, _warnings.Count);
        Assert.All(_warnings, warning => Assert.Contains("The limit stays as it was.", warning, StringComparison.Ordinal));
        File.WriteAllText(file, "off");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(follow.Limit.BytesPerSecond);
    }

    [Fact]
    public async Task A_file_that_was_a_pipe_is_followed_once_it_is_none()
    {
        string file = _folder.In("limit");
        System.Diagnostics.Process.Start("mkfifo", [file]).WaitForExit();
        using var writer = System.Diagnostics.Process.Start("timeout", ["30", "sh", "-c", "echo 5M > \"$0\"", file]);
        using var follow = new FollowBandwidth(null, file, _time, _warnings.Add);
        await writer.WaitForExitAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(5L << 20, follow.Limit.BytesPerSecond);
        File.Delete(file);
        File.WriteAllText(file, "700K");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(700L << 10, follow.Limit.BytesPerSecond);
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_from_the_beginning_is_an_error()
    {
        _folder.Put("a", "one");
        Answer answer = await _folder.CopyAsync("--bandwidth-file", _folder.In("missing"));
        Assert.Equal(2, answer.Code);
        Assert.Contains("--bandwidth-file", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination));
    }
}
