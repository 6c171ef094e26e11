using System.Net.Http.Headers;
using System.Text.Json;
using Godwit.Tests.Cli.Service;

namespace Godwit.ServerTests.Prometheus;

/// <summary>What a real Prometheus makes of the service's numbers.</summary>
public sealed class PrometheusTests : IAsyncLifetime
{
    private readonly ServiceTrial _service = ServiceTrial.Prepare();

    private Uri Address => new(_service.Folder.Wiring.Environment("GODWIT_SERVER")!);

    public async Task InitializeAsync()
    {
        _service.Folder.Put("a.dat", "one");
        _service.Folder.Put("sub/b.dat", "three");
        await _service.StartAsync();
    }

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task It_reads_them_with_an_operators_token_and_evaluates_the_rules()
    {
        await using PrometheusServer prometheus = await StartAsync("operator");
        await _service.UntilAsync(await _service.SubmitAsync(_service.Folder.Source, _service.Folder.Destination), "SUCCESS");
        await _service.UntilAsync(await _service.SubmitAsync(_service.Folder.In("missing"), _service.Folder.In("elsewhere")), "ERROR");
        await prometheus.UntilAsync("sum(godwit_files_transferred_total{src=\"file://\",dst=\"file://\",protocol=\"file\"})", 2);
        await prometheus.UntilAsync("godwit_bytes_transferred_total", 8);
        await prometheus.UntilAsync("rclone_bytes_transferred_total", 8);
        await prometheus.UntilAsync("godwit_runs_ended_total{outcome=\"error\"}", 1);
        await prometheus.UntilAsync("histogram_quantile(0.5, godwit_transfer_duration_seconds_bucket) > bool 0", 1);
        await prometheus.UntilAsync("godwit_ledger_up", 1);
        JsonElement target = (await prometheus.UntilAsync("/api/v1/targets", data => HealthOf(data) != "unknown")).GetProperty("activeTargets")[0];
        Assert.Equal(("up", ""), (target.GetProperty("health").GetString(), target.GetProperty("lastError").GetString()));
        JsonElement rules = await prometheus.UntilAsync("/api/v1/rules", data => RulesOf(data).All(rule => rule.GetProperty("health").GetString() != "unknown"));
        Assert.Equal(4, RulesOf(rules).Count());
        Assert.All(RulesOf(rules), rule => Assert.True(rule.GetProperty("health").GetString() == "ok", $"{rule}"));
        await prometheus.UntilAsync("ALERTS{alertname=\"GodwitTransfersFail\",alertstate=\"firing\",outcome=\"error\"}", 1);
    }

    [Fact]
    public async Task It_reads_nothing_with_somebody_elses()
    {
        await using PrometheusServer prometheus = await StartAsync("submitter");
        JsonElement targets = await prometheus.UntilAsync("/api/v1/targets", data => HealthOf(data) != "unknown");
        Assert.Equal("down", HealthOf(targets));
        Assert.Contains("403", targets.GetProperty("activeTargets")[0].GetProperty("lastError").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_own_tool_has_nothing_to_say_against_them()
    {
        await _service.UntilAsync(await _service.SubmitAsync(_service.Folder.Source, _service.Folder.Destination), "SUCCESS");
        using var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync("operator"));
        string text = await client.GetStringAsync("/metrics");
        await PromTool.RequireAsync(text, "check", "metrics");
        Assert.NotEqual(0, (await PromTool.RunAsync(text.Replace("# HELP godwit_queue_depth", "# HALP", StringComparison.Ordinal), "check", "metrics")).Code);
    }

    [Fact]
    public async Task The_rules_are_right_and_wake_somebody_when_they_should()
    {
        await PromTool.RequireAsync(null, "check", "rules", "alerts.yml");
        await PromTool.RequireAsync(null, "test", "rules", "alerts.test.yml");
    }

    private async Task<PrometheusServer> StartAsync(string role) =>
        await PrometheusServer.StartAsync(_service.Folder.In("prometheus"), Address, await TokenAsync(role));

    private async Task<string> TokenAsync(string role) => (await _service.AskAsync("token", "new", "prometheus", "--role", role)).Output.Trim();

    private static string? HealthOf(JsonElement targets) =>
        targets.GetProperty("activeTargets") is { } active && active.GetArrayLength() == 1 ? active[0].GetProperty("health").GetString() : "unknown";

    private static IEnumerable<JsonElement> RulesOf(JsonElement data) =>
        data.GetProperty("groups").EnumerateArray().SelectMany(group => group.GetProperty("rules").EnumerateArray());
}
