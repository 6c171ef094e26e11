using System.Text.Json;
using Godwit.Server.Limits;
using Godwit.Server.Queue;

namespace Godwit.Tests.Server.Api;

public sealed class LimitApiTests : IAsyncLifetime
{
    private ApiTrial _trial = null!;

    public async Task InitializeAsync() => _trial = await ApiTrial.StartAsync();

    public async Task DisposeAsync() => await _trial.DisposeAsync();

    [Fact]
    public async Task What_is_set_counts_is_told_and_holds_for_the_next_service()
    {
        await PutAsync("""{"endpoint": "tape", "transfers": 2, "files": 30, "bytes_per_second": 5000000}""", 200);
        await PutAsync("""{"source": "disk", "destination": "tape", "pause": {"message": "the line is down"}}""", 200);
        Assert.Equal([new LimitedPlace("tape", null), new LimitedPlace("disk", "tape")], _trial.Limited);
        JsonElement[] items = [.. (await _trial.GetAsync("/api/v1/limits")).GetProperty("items").EnumerateArray()];
        Assert.Equal(("tape", 2, 30, 5_000_000), (items[0].GetProperty("endpoint").GetString(), items[0].GetProperty("transfers").GetInt32(),
            items[0].GetProperty("files").GetInt32(), items[0].GetProperty("bytes_per_second").GetInt32()));
        Assert.Equal("the line is down", items[1].GetProperty("pause").GetProperty("message").GetString());
        var next = new LiveLimits(TimeProvider.System);
        await new LimitBook(_trial.Ledger.ServiceSettings, next).LoadAsync(default);
        Assert.Equal(30, next.Of("tape").Files);
        Assert.Equal(("olga", "the line is down"), (next.PauseOf(new EndpointPair("disk", "tape"))!.By, next.PauseOf(new EndpointPair("disk", "tape"))!.Message));
    }

    [Fact]
    public async Task Whoever_looks_at_what_waits_is_told_why_until_it_may_go_on()
    {
        string id = await _trial.SubmittedAsync();
        JsonElement before = await _trial.GetAsync($"/api/v1/transfers/{id}");
        Assert.False(before.TryGetProperty("held", out _));
        await PutAsync("""{"endpoint": "tape", "pause": {"message": "maintenance until noon"}}""", 200);
        foreach (JsonElement one in (JsonElement[])[await _trial.GetAsync($"/api/v1/transfers/{id}"), (await _trial.GetAsync("/api/v1/transfers")).GetProperty("items")[0]])
        {
            Assert.Equal("maintenance until noon", one.GetProperty("held").GetProperty("message").GetString());
        }

        await PutAsync("""{"endpoint": "tape"}""", 200);
        Assert.False((await _trial.GetAsync($"/api/v1/transfers/{id}")).TryGetProperty("held", out _));
        Assert.Empty((await _trial.GetAsync("/api/v1/limits")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("{}", "endpoint")]
    [InlineData("""{"endpoint": "a", "source": "b", "destination": "c"}""", "endpoint")]
    [InlineData("""{"source": "b"}""", "endpoint")]
    [InlineData("""{"endpoint": "a", "transfers": 0}""", "transfers")]
    [InlineData("""{"endpoint": "a", "files": "many"}""", "files")]
    [InlineData("""{"endpoint": "a", "bytes_per_second": 1.5}""", "bytes_per_second")]
    [InlineData("""{"endpoint": "a", "pause": true}""", "pause")]
    [InlineData("""{"endpoint": "a", "pause": {"text": "x"}}""", "pause.text")]
    [InlineData("""{"endpoint": "a", "limit": 3}""", "limit")]
    public async Task What_is_no_limit_is_told_by_field(string body, string field)
    {
        JsonElement problem = await PutAsync(body, 400);
        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    private async Task<JsonElement> PutAsync(string body, int status)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _trial.Client.PutAsync("/api/v1/limits", content);
        Assert.Equal(status, (int)answer.StatusCode);
        return await ApiTrial.JsonAsync(answer);
    }
}
