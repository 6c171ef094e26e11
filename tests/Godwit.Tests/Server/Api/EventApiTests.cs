using System.Text.Json;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Api;

public sealed class EventApiTests : IAsyncLifetime
{
    private readonly FakeTime _time = new();
    private ApiTrial _trial = null!;

    public async Task InitializeAsync() => _trial = await ApiTrial.StartAsync(_time);

    public async Task DisposeAsync() => await _trial.DisposeAsync();

    [Fact]
    public async Task Events_are_replayed_from_an_id_and_go_on_while_they_happen()
    {
        string id = await _trial.SubmittedAsync();
        string other = await _trial.SubmittedAsync();
        await _trial.Ledger.Submissions.SetPriorityAsync(id, 5, default);
        using StreamReader all = await FollowAsync($"/api/v1/transfers/{id}/events");
        (long first, JsonElement accepted) = await NextAsync(all);
        Assert.Equal(("transfer.state", "SUBMITTED", id), (accepted.GetProperty("event").GetString(), accepted.GetProperty("state").GetString(), accepted.GetProperty("transfer").GetString()));
        (long second, JsonElement changed) = await NextAsync(all);
        Assert.Equal("transfer.priority", changed.GetProperty("event").GetString());
        using StreamReader later = await FollowAsync($"/api/v1/transfers/{id}/events", first);
        Assert.Equal(second, (await NextAsync(later)).Id);
        await _trial.Ledger.Journal.AppendAsync(other, [new NewEvent(default, "{\"n\":1}")], default);
        await _trial.Ledger.Journal.AppendAsync(id, [new NewEvent(default, "{\"n\":2}")], default);
        foreach (StreamReader stream in (StreamReader[])[all, later])
        {
            Assert.Equal(2, (await NextAsync(stream)).Event.GetProperty("n").GetInt32());
        }

        using StreamReader everything = await FollowAsync($"/api/v1/events?after={second}");
        Assert.Equal(1, (await NextAsync(everything)).Event.GetProperty("n").GetInt32());
        JsonElement log = await _trial.GetAsync($"/api/v1/transfers/{id}/log?limit=2");
        Assert.Equal((2, second), (log.GetProperty("items").GetArrayLength(), log.GetProperty("next").GetInt64()));
        JsonElement rest = await _trial.GetAsync($"/api/v1/transfers/{id}/log?after={second}");
        Assert.Equal(2, Assert.Single(rest.GetProperty("items").EnumerateArray()).GetProperty("event").GetProperty("n").GetInt32());
        await ApiTrial.ProblemAsync(await _trial.Client.GetAsync("/api/v1/events?after=x"), 400);
    }

    [Fact]
    public async Task Whoever_saw_more_than_there_is_hears_what_is_new()
    {
        string id = await _trial.SubmittedAsync();
        using StreamReader stream = await FollowAsync("/api/v1/events", 999_999);
        await _trial.Ledger.Journal.AppendAsync(id, [new NewEvent(default, "{\"n\":1}")], default);
        Assert.Equal(1, (await NextAsync(stream)).Event.GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task A_submitter_hears_of_his_own_alone()
    {
        using HttpClient alice = await _trial.ClientAsync("alice", "", TokenRoles.Submitter);
        await _trial.SubmittedAsync();
        string own = await _trial.SubmittedAsync(client: alice);
        using StreamReader stream = await FollowAsync("/api/v1/events", client: alice);
        Assert.Equal(own, (await NextAsync(stream)).Event.GetProperty("transfer").GetString());
    }

    [Fact]
    public async Task A_quiet_stream_says_every_fifteen_seconds_that_it_is_there_and_ends_with_the_service()
    {
        string id = await _trial.SubmittedAsync();
        using StreamReader stream = await FollowAsync($"/api/v1/transfers/{id}/events");
        await NextAsync(stream);
        await _time.ArmedAsync();
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(":", await stream.ReadLineAsync());
        Assert.Equal("", await stream.ReadLineAsync());
        await _trial.Host.StopAsync(default);
        Assert.Null(await stream.ReadLineAsync());
    }

    [Fact]
    public async Task A_stream_ends_soon_after_its_token_was_taken_back()
    {
        using HttpClient alice = await _trial.ClientAsync("alice", "", TokenRoles.Submitter);
        await _trial.SubmittedAsync(client: alice);
        string token = (await _trial.GetAsync("/api/v1/self", client: alice)).GetProperty("credential").GetString()!;
        using StreamReader stream = await FollowAsync("/api/v1/events", client: alice);
        await NextAsync(stream);
        await _time.ArmedAsync();
        await _trial.Ledger.Tokens.RevokeAsync(token, default, default);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(":", await stream.ReadLineAsync());
        Assert.Equal("", await stream.ReadLineAsync());
        Assert.Null(await stream.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)));
    }

    private async Task<StreamReader> FollowAsync(string path, long? after = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Last-Event-ID", after?.ToString() ?? "0");
        HttpResponseMessage answer = await (client ?? _trial.Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new StreamReader(await answer.Content.ReadAsStreamAsync());
    }

    private static async Task<(long Id, JsonElement Event)> NextAsync(StreamReader stream)
    {
        string? id = await stream.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        string? data = await stream.ReadLineAsync();
        Assert.Equal("", await stream.ReadLineAsync());
        return (long.Parse(id![4..]), JsonDocument.Parse(data![6..]).RootElement);
    }
}
