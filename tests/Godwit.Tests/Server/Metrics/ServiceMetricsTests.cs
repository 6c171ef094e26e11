using Godwit.Server.Metrics;
using Godwit.Server.Queue;
using Godwit.Storage;
using Godwit.Tests.Cli.Pages;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Server.Metrics;

public sealed class ServiceMetricsTests : IDisposable
{
    private static readonly EndpointPair s_link = new("disk", "tape");

    private readonly FakeTime _time = new();
    private readonly ServiceMetrics _metrics;

    public ServiceMetricsTests() => _metrics = new ServiceMetrics("1.2.3", _time);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Every_metric_is_told_once_with_its_help_and_type()
    {
        Scrape scrape = await ScrapeAsync();
        Assert.Equal([.. MetricTable.All.Select(metric => metric.Name), .. RcloneAlias.All.Select(alias => alias.Name), RcloneAlias.HttpStatusCode], scrape.Names);
        Assert.All(scrape.Names, name => Assert.Single(scrape.Text.Split('\n'), line => line.StartsWith($"# HELP {name} ", StringComparison.Ordinal)));
        Assert.Equal(1, scrape["godwit_build_info{version=\"1.2.3\"}"]);
        Assert.EndsWith("\n", scrape.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', scrape.Text);
    }

    [Fact]
    public async Task What_happens_in_a_run_is_counted_by_its_link()
    {
        RunMetrics run = _metrics.Begin("id", s_link);
        run.On(new TransferStarted("id", "copy", "file:///a", "s3://bucket/b"));
        foreach (TransferEvent happened in EventTable.Samples)
        {
            if (happened is not TransferStarted)
            {
                run.On(happened);
            }
        }

        run.OnBytes(StorePath.FromText("a"), 5);
        run.OnBytes(StorePath.FromText("b"), 7);
        run.On(new FileFailed(StorePath.FromText("c"), 1, FileFailure.NameNotRepresentable("it is too long")));
        run.On(new FileFailed(StorePath.FromText("d"), 3, FileFailure.Mismatch("one byte")));
        run.On(new TransferStopping(StopReason.ClaimLost, ""));
        run.On(new TransferEnded("id", TransferOutcome.Partial, new TransferTotals { Planned = 4, Unchanged = 2, Filtered = 1 }, TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromSeconds(30));
        run.End(TransferOutcome.Partial, new TransferTotals());
        Scrape scrape = await ScrapeAsync();
        const string Link = "src=\"disk\",dst=\"tape\"";
        Assert.Equal(12, scrape[$"godwit_bytes_transferred_total{{{Link},protocol=\"s3\"}}"]);
        Assert.Equal(1, scrape[$"godwit_files_transferred_total{{{Link},protocol=\"s3\"}}"]);
        Assert.Equal(1, scrape[$"godwit_files_failed_total{{{Link},phase=\"read\",cause=\"source-changed\"}}"]);
        Assert.Equal(1, scrape[$"godwit_files_failed_total{{{Link},phase=\"plan\",cause=\"name-not-representable\"}}"]);
        Assert.Equal(1, scrape[$"godwit_files_failed_total{{{Link},phase=\"verify\",cause=\"integrity\"}}"]);
        Assert.Equal(1, scrape[$"godwit_checksum_mismatch_total{{{Link}}}"]);
        Assert.Equal(1, scrape[$"godwit_retries_total{{{Link},cause=\"source-changed\"}}"]);
        Assert.Equal(1, scrape.Sum("godwit_verify_verdict_total"));
        Assert.Equal(2, scrape.Sum("godwit_files_deleted_total"));
        Assert.Equal(1, scrape.Sum("godwit_files_backed_up_total"));
        Assert.Equal((2, 7), (scrape.Sum("godwit_files_unchanged_total"), scrape.Sum("godwit_entries_listed_total")));
        Assert.Equal(1, scrape["godwit_lease_lost_total"]);
        Assert.Equal(1, scrape[$"godwit_runs_ended_total{{{Link},outcome=\"partial\"}}"]);
        Assert.Equal((0, 1, 1), (Bucket("15"), Bucket("60"), Bucket("+Inf")));
        Assert.Equal(30, scrape[$"godwit_transfer_duration_seconds_sum{{{Link}}}"]);
        Assert.Equal(
            (12.0 / 30, 3, 2, 1, 2, 1, 7, 1),
            (scrape["rclone_speed"], scrape["rclone_errors_total"], scrape["rclone_checked_files_total"], scrape["rclone_files_transferred_total"],
                scrape["rclone_files_deleted_total"], scrape["rclone_files_renamed_total"], scrape["rclone_entries_listed_total"], scrape["rclone_retry_error"]));

        double? Bucket(string bound) => scrape[$"godwit_transfer_duration_seconds_bucket{{{Link},le=\"{bound}\"}}"];
    }

    [Fact]
    public async Task A_label_holds_whatever_an_endpoint_is_called()
    {
        _metrics.Begin("id", new EndpointPair("a\"b\\c\nd", "é")).OnBytes(StorePath.FromText("a"), 1);
        Assert.Equal(1, (await ScrapeAsync())["godwit_bytes_transferred_total{src=\"a\\\"b\\\\c\\nd\",dst=\"é\",protocol=\"unknown\"}"]);
    }

    [Fact]
    public async Task Links_without_end_do_not_make_series_without_end()
    {
        for (int link = 0; link < LinkLabels.Most + 100; link++)
        {
            _metrics.Begin("id", new EndpointPair($"sftp://host{link}", "disk")).OnBytes(StorePath.FromText("a"), 1);
        }

        Scrape scrape = await ScrapeAsync();
        Assert.Equal(LinkLabels.Most + 1, scrape.Count("godwit_bytes_transferred_total"));
        Assert.Equal(100, scrape["godwit_bytes_transferred_total{src=\"other\",dst=\"other\",protocol=\"unknown\"}"]);
    }

    [Fact]
    public async Task Answers_of_stores_are_counted_by_host_method_and_status()
    {
        _metrics.Answered("s3.example.org:9000", "PUT", 200);
        _metrics.Answered("s3.example.org:9000", "PUT", 503);
        _metrics.Answered("s3.example.org:9000", "PUT", 503);
        _metrics.Answered("s3.example.org:9000", "BREW", 0);
        Scrape scrape = await ScrapeAsync();
        Assert.Equal(1, scrape["godwit_http_status_total{host=\"s3.example.org:9000\",method=\"PUT\",code=\"200\"}"]);
        Assert.Equal(2, scrape["godwit_http_status_total{host=\"s3.example.org:9000\",method=\"PUT\",code=\"503\"}"]);
        Assert.Equal(1, scrape["godwit_http_status_total{host=\"s3.example.org:9000\",method=\"other\",code=\"0\"}"]);
        Assert.Equal(2, scrape["rclone_http_status_code{host=\"s3.example.org:9000\",method=\"PUT\",code=\"503\"}"]);
    }

    [Fact]
    public async Task Hosts_and_statuses_without_end_do_not_make_series_without_end()
    {
        for (int host = 0; host < AnswerLabels.Most + 100; host++)
        {
            _metrics.Answered($"host{host}", "GET", 10_000 + host);
        }

        Scrape scrape = await ScrapeAsync();
        Assert.Equal(AnswerLabels.Most + 1, scrape.Count("godwit_http_status_total"));
        Assert.Equal(100, scrape["godwit_http_status_total{host=\"other\",method=\"GET\",code=\"other\"}"]);
    }

    [Fact]
    public async Task Nothing_is_lost_where_many_count_at_once()
    {
        RunMetrics[] runs = [.. Enumerable.Range(0, 4).Select(_ => _metrics.Begin("id", s_link))];
        await Task.WhenAll(runs.Select(run => Task.Run(() =>
        {
            for (int time = 0; time < 20_000; time++)
            {
                run.OnBytes(StorePath.FromText("a"), 3);
            }

            run.End(TransferOutcome.Success, new TransferTotals());
        })));
        Scrape scrape = await ScrapeAsync();
        Assert.Equal(240_000, scrape.Sum("godwit_bytes_transferred_total"));
        Assert.Equal(4, scrape.Sum("godwit_transfer_duration_seconds_count"));
    }

    [Theory]
    [InlineData("file:///a", "s3://b/c", "s3")]
    [InlineData("sftp://h/a", "file:///c", "sftp")]
    [InlineData("root://h//a", "gsiftp://h/b", "gsiftp")]
    [InlineData("/a", "/b", "file")]
    [InlineData("/a", "Ä b://c", "file")]
    public void The_protocol_is_that_of_the_far_end(string source, string destination, string protocol) => Assert.Equal(protocol, Protocol.Of(source, destination));

    private async Task<Scrape> ScrapeAsync() => new(await _metrics.TextAsync());
}
