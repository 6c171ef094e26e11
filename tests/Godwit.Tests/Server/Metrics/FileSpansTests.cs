using System.Diagnostics;
using Godwit.Server.Metrics;
using Godwit.Server.Queue;
using Godwit.Storage;
using Godwit.Tests.Cli.Pages;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Server.Metrics;

/// <summary>What is told of files to whoever follows traces.</summary>
public sealed class FileSpansTests : IDisposable
{
    private static readonly EndpointPair s_link = new("disk", "tape");
    private static readonly FileFailure s_late = new("timed-out", StoreSide.Destination, "/secret/path is slow", true, NextStep.RepeatCall);

    private readonly FakeTime _time = new();
    private readonly List<Activity> _told = [];
    private readonly string _id = Guid.NewGuid().ToString();
    private readonly ActivityListener _listener;
    private readonly ActivitySource _source;

    public FileSpansTests()
    {
        _source = new ActivitySource(_id);
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source == _source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (_told)
                {
                    _told.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    [Fact]
    public void A_file_has_a_span_below_the_run_and_each_try_one_below_the_file()
    {
        using Activity run = _source.StartActivity("transfer")!;
        var files = new FileSpans(_source, run, tellsPaths: false, _time);
        files.On(new FileStarted(Path("a"), 5, false));
        _time.Advance(TimeSpan.FromSeconds(2));
        files.On(new FileRetried(Path("a"), 1, s_late));
        _time.Advance(TimeSpan.FromSeconds(10));
        files.On(new FileStarted(Path("a"), 5, false));
        _time.Advance(TimeSpan.FromSeconds(3));
        files.On(new FileDelivered(Path("a"), Receipt));
        Assert.Same(run, Activity.Current);
        Activity file = Assert.Single(_told, span => span.OperationName == "file");
        Assert.Equal(run.SpanId, file.ParentSpanId);
        Assert.Equal(run.TraceId, file.TraceId);
        Assert.Equal(TimeSpan.FromSeconds(15), file.Duration);
        Assert.Equal(("delivered", 2, "stream", "read-back"), (Tag(file, "godwit.file.outcome"), Tag(file, "godwit.file.attempts"), Tag(file, "godwit.file.route"), Tag(file, "godwit.file.verdict")));
        Assert.Equal(ActivityStatusCode.Unset, file.Status);
        Activity[] tries = [.. _told.Where(span => span.OperationName == "attempt")];
        Assert.All(tries, one => Assert.Equal(file.SpanId, one.ParentSpanId));
        Assert.Equal([2.0, 3.0], tries.Select(one => one.Duration.TotalSeconds));
        Assert.Equal([12.0], tries[1..].Select(one => (one.StartTimeUtc - file.StartTimeUtc).TotalSeconds));
        Assert.Equal(("timed-out", true, "destination"), (Tag(tries[0], "tr_error_category"), Tag(tries[0], "is_recoverable"), Tag(tries[0], "godwit.side")));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], tries.Select(one => one.Status));
    }

    [Fact]
    public void What_failed_says_why_and_no_span_has_the_path()
    {
        using Activity run = _source.StartActivity("transfer")!;
        var files = new FileSpans(_source, run, tellsPaths: false, _time);
        files.On(new FileStarted(Path("secret/path"), 5, false));
        files.On(new FileFailed(Path("secret/path"), 1, s_late));
        files.On(new FileFailed(Path("secret/never"), 0, FileFailure.NameNotRepresentable("secret")));
        files.On(new FileStarted(Path("secret/goes-on"), 5, false));
        files.Stop();
        Assert.Equal(["attempt", "file", "file", "attempt", "file"], _told.Select(span => span.OperationName));
        Assert.Equal(["timed-out", "name-not-representable", null], _told.Where(span => span.OperationName == "file").Select(span => Tag(span, "tr_error_category")));
        Assert.Equal("stopped", Tag(_told[^1], "godwit.file.outcome"));
        Assert.All(_told, span => Assert.DoesNotContain("secret", span.DisplayName + span.StatusDescription + string.Join(' ', span.TagObjects.Select(tag => $"{tag.Value}")), StringComparison.Ordinal));
    }

    [Fact]
    public void The_path_is_told_where_it_is_asked_for()
    {
        using Activity run = _source.StartActivity("transfer")!;
        var files = new FileSpans(_source, run, tellsPaths: true, _time);
        files.On(new FileStarted(Path("a/b"), 5, false));
        files.On(new FileDelivered(Path("a/b"), Receipt));
        Assert.Equal("a/b", Tag(_told[^1], "godwit.file.path"));
    }

    [Fact]
    public void After_ten_thousand_only_what_failed_or_is_large_is_told_and_that_not_without_end()
    {
        using Activity run = _source.StartActivity("transfer")!;
        var files = new FileSpans(_source, run, tellsPaths: false, _time);
        for (int file = 0; file < FileSpans.Most; file++)
        {
            Deliver(files, $"{file}", 5);
        }

        Assert.Equal(FileSpans.Most, _told.Count);
        Deliver(files, "large", FileSpans.LargeBytes + 1);
        files.On(new FileStarted(Path("late"), 5, false));
        files.On(new FileFailed(Path("late"), 1, s_late));
        Assert.Equal(FileSpans.Most + 4, _told.Count);
        for (int file = 0; file < FileSpans.End; file++)
        {
            files.On(new FileFailed(Path($"{file}"), 1, s_late));
        }

        Assert.InRange(_told.Count, FileSpans.Most + 5, FileSpans.End);
    }

    [Fact]
    public void Nobody_who_listens_costs_nothing()
    {
        _listener.Dispose();
        using var metrics = new ServiceMetrics("1", _time);
        var run = new RunMetrics(metrics, "id", s_link, _source, _time);
        run.Start();
        Assert.False(run.TellsFiles);
    }

    private static void Deliver(FileSpans files, string path, long length)
    {
        files.On(new FileStarted(Path(path), length, false));
        files.On(new FileDelivered(Path(path), Receipt));
    }

    private static Receipt Receipt { get; } = EventTable.Samples.OfType<FileDelivered>().First().Receipt with { Route = "stream", Verdict = Verdict.ReadBack };

    private static object? Tag(Activity span, string name) => span.GetTagItem(name);

    private static StorePath Path(string text) => StorePath.FromText(text);
}
