using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Godwit.Server.Notices;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Notices;

public sealed class NoticeLoopTests : IAsyncLifetime
{
    private NoticeTrial _trial = null!;

    private WebhookReceiver Receiver => _trial.Receiver;

    private NoticeRule All => new([_trial.Hook()]) { On = new HashSet<TransferState>(Enum.GetValues<TransferState>()) };

    public async Task InitializeAsync() => _trial = await NoticeTrial.MakeAsync();

    public Task DisposeAsync() => _trial.DisposeAsync().AsTask();

    [Fact]
    public async Task A_transfer_that_ended_is_posted_and_signed()
    {
        await _trial.StartAsync(All);
        string id = await _trial.EndAsync(TransferState.Partial, why: "2 of 3 files failed");
        Delivery came = await Receiver.NextAsync();
        JsonElement told = came.Json;
        Assert.Equal((1, "transfer.ended", came.Id), (told.GetProperty("v").GetInt32(), told.GetProperty("event").GetString(), told.GetProperty("id").GetString()));
        JsonElement transfer = told.GetProperty("transfer");
        Assert.Equal(
            [id, "PARTIAL", "disk:a\nb", "tape:ä", "alice", "atlas", "2 of 3 files failed"],
            ((string[])["id", "state", "source", "destination", "owner", "project", "why"]).Select(name => transfer.GetProperty(name).GetString()));
        Assert.Equal(("application/json", "godwit/1.2.3", came.Id), (came.Headers["Content-Type"], came.Headers["User-Agent"], came.Headers["Godwit-Delivery"]));

        // As its receiver does it, by the published scheme.
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{came.Id}.{came.Headers["webhook-timestamp"]}."), .. came.Body];
        byte[] key = Convert.FromBase64String(NoticeTrial.Secret["whsec_".Length..]);
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)), came.Headers["webhook-signature"]);
        Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(long.Parse(came.Headers["webhook-timestamp"])), TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow());
        Notice kept = await _trial.OneAsync(NoticeStatus.Delivered);
        Assert.Equal((came.Id, 1), (kept.What.Id, kept.Tries));
    }

    [Fact]
    public async Task What_fails_is_tried_again_as_the_same_notice()
    {
        Receiver.Answer = (came, http) =>
        {
            http.Response.StatusCode = came.Number < 3 ? 500 : 200;
            return Task.CompletedTask;
        };
        await _trial.StartAsync(All);
        await _trial.EndAsync();
        Notice kept = await _trial.OneAsync(NoticeStatus.Delivered);
        Assert.Equal((3, null), (kept.Tries, kept.Fault));
        Assert.Equal([kept.What.Id], Receiver.All.Select(came => came.Id).Distinct());
        Assert.Equal(3, Receiver.All.Count);
    }

    [Fact]
    public async Task Whoever_says_when_is_left_alone_until_then()
    {
        Receiver.Say(503, retryAfter: "3600");
        await _trial.StartAsync(All);
        await _trial.EndAsync();
        await Receiver.NextAsync();
        Notice waiting;
        do
        {
            waiting = await _trial.OneAsync(NoticeStatus.Waiting);
        }
        while (waiting.Tries == 0);

        double minutes = (waiting.Next!.Value.Nanoseconds - Timestamp.From(TimeProvider.System.GetUtcNow()).Nanoseconds) / 60e9;
        Assert.InRange(minutes, 40, 60);
        Assert.Equal("It answers 503.", waiting.Fault);

        // With all that is his, until somebody wants it told at once.
        string second = await _trial.EndAsync();
        while (await _trial.Ledger.Notices.ListAsync(null, null, 9, default) is not { Count: 2 })
        {
            await Task.Yield();
        }

        Assert.Single(Receiver.All);
        Assert.Equal("t2", second);
    }

    [Fact]
    public async Task After_the_last_try_it_is_given_up_and_tried_again_when_somebody_asks()
    {
        Receiver.Say(500);
        await _trial.StartAsync(All);
        await _trial.EndAsync();
        Notice dead = await _trial.OneAsync(NoticeStatus.Dead);
        Assert.Equal((4, "It answers 500."), (dead.Tries, dead.Fault));
        Assert.Equal(4, Receiver.All.Count);
        await _trial.WarnedAsync($"godwit notices retry {dead.What.Id}");
        Receiver.Say(200);
        Assert.True(await _trial.Ledger.Notices.RetryAsync(dead.What.Id, Timestamp.From(TimeProvider.System.GetUtcNow()), default));
        _trial.Loop!.Look();
        Assert.Equal(dead.What.Id, (await _trial.OneAsync(NoticeStatus.Delivered)).What.Id);
    }

    [Theory]
    [InlineData(410, 1)]
    [InlineData(404, 3)]
    [InlineData(302, 3)]
    [InlineData(429, 4)]
    public async Task What_is_refused_is_given_up_earlier(int status, int tries)
    {
        Receiver.Answer = (_, http) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.Location = Receiver.Address + "/elsewhere";
            return Task.CompletedTask;
        };
        await _trial.StartAsync(All);
        await _trial.EndAsync();
        Assert.Equal(tries, (await _trial.OneAsync(NoticeStatus.Dead)).Tries);
        Assert.All(Receiver.All, came => Assert.Equal("/", came.Path));
    }

    [Fact]
    public async Task What_ended_while_nobody_followed_is_told_at_the_next_start_and_once()
    {
        await _trial.StartAsync(All);
        string first = await _trial.EndAsync();
        await _trial.OneAsync(NoticeStatus.Delivered);
        await _trial.StopAsync();
        string second = await _trial.EndAsync(TransferState.Error);
        await _trial.StartAsync(All);
        await Receiver.NextAsync();
        Assert.Equal(second, (await Receiver.NextAsync()).Transfer);
        await _trial.StopAsync();
        await _trial.StartAsync(All);
        string third = await _trial.EndAsync();
        Assert.Equal(third, (await Receiver.NextAsync()).Transfer);
        Assert.Equal([first, second, third], Receiver.All.Select(came => came.Transfer));
    }

    [Fact]
    public async Task An_end_behind_thousands_of_other_events_is_told_once()
    {
        string other = await _trial.EndAsync();
        await _trial.StartAsync(All);
        NewEvent[] page = [.. Enumerable.Repeat(new NewEvent(default, """{"event":"file.delivered","path":"\"transfer.state\""}"""), 1000)];
        for (int times = 0; times < 11; times++)
        {
            await _trial.Ledger.Journal.AppendAsync(other, page, default);
        }

        string id = await _trial.EndAsync();
        Assert.Equal(id, (await Receiver.NextAsync()).Transfer);
        await _trial.StopAsync();
        IReadOnlyList<JournalEvent> events = await _trial.Ledger.Journal.ReadAsync(new EventFilter(), 11_000, 1000, default);
        Assert.Equal(events[^1].Id, await _trial.Ledger.Notices.FollowedAsync(default));
        await _trial.StartAsync(All);
        id = await _trial.EndAsync();
        Assert.Equal(id, (await Receiver.NextAsync()).Transfer);
        Assert.Equal(2, Receiver.All.Count);
    }

    [Fact]
    public async Task What_was_on_its_way_when_the_service_stopped_is_told_again()
    {
        var never = new TaskCompletionSource();
        Receiver.Answer = (_, http) => never.Task.WaitAsync(http.RequestAborted);
        await _trial.StartAsync(All);
        await _trial.EndAsync();
        Delivery first = await Receiver.NextAsync();
        await _trial.StopAsync();
        Receiver.Say(200);
        await _trial.StartAsync(All);
        Assert.Equal(first.Id, (await Receiver.NextAsync()).Id);
        Assert.Equal(first.Id, (await _trial.OneAsync(NoticeStatus.Delivered)).What.Id);
    }

    [Fact]
    public async Task One_who_is_slow_holds_up_nobody_else()
    {
        var slow = new TaskCompletionSource();
        Receiver.Answer = async (came, http) =>
        {
            http.Response.StatusCode = 200;
            await (came.Path == "/slow" ? slow.Task : Task.CompletedTask);
        };
        await _trial.StartAsync(new NoticeRule([_trial.Hook("/slow"), _trial.Hook("/fast")]));
        string[] ids = [await _trial.EndAsync(), await _trial.EndAsync(), await _trial.EndAsync()];
        var fast = new List<string>();
        while (fast.Count < 3)
        {
            Delivery came = await Receiver.NextAsync();
            fast.AddRange(came.Path == "/fast" ? [came.Transfer] : []);
        }

        Assert.Equal(ids, fast);
        Assert.Single(Receiver.All, came => came.Path == "/slow");
        slow.SetResult();
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_told_and_to_each_once()
    {
        await _trial.StartAsync(
            new NoticeRule([_trial.Hook("/usual")]),
            new NoticeRule([_trial.Hook("/failed")]) { On = new HashSet<TransferState>(NoticeRule.Words["failure"]) },
            new NoticeRule([_trial.Hook("/cta"), _trial.Hook("/usual")]) { Projects = ["cta"], On = new HashSet<TransferState>(Enum.GetValues<TransferState>()) });
        foreach ((TransferState state, string project) in new[]
        {
            (TransferState.Success, "atlas"), (TransferState.Partial, "atlas"), (TransferState.Error, "atlas"), (TransferState.Canceled, "atlas"), (TransferState.Canceled, "cta"),
            (TransferState.Success, "cta"),
        })
        {
            await _trial.EndAsync(state, project);
        }

        while (Receiver.All.Count < 9)
        {
            await Receiver.NextAsync();
        }

        await _trial.StopAsync();
        Assert.Equal(
            ["/cta CANCELED t5", "/cta SUCCESS t6", "/failed ERROR t3", "/failed PARTIAL t2", "/usual CANCELED t5",
                "/usual ERROR t3", "/usual PARTIAL t2", "/usual SUCCESS t1", "/usual SUCCESS t6"],
            Receiver.All.Select(came => $"{came.Path} {came.State} {came.Transfer}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nobody_is_told_what_ended_before_he_was_named()
    {
        await _trial.EndAsync();
        await _trial.StartAsync();
        await _trial.EndAsync();
        _trial.Loop!.Use([All]);
        while (await _trial.Ledger.Notices.FollowedAsync(default) is null)
        {
            await Task.Yield();
        }

        string told = await _trial.EndAsync();
        Assert.Equal(told, (await Receiver.NextAsync()).Transfer);
        await _trial.StopAsync();
        await _trial.StartAsync();
        await _trial.EndAsync();
        await _trial.StopAsync();
        await _trial.StartAsync(All);
        told = await _trial.EndAsync();
        Assert.Equal(told, (await Receiver.NextAsync()).Transfer);
        Assert.Equal(2, Receiver.All.Count);
    }

    [Fact]
    public async Task What_waits_for_somebody_who_is_named_no_more_is_given_up()
    {
        Receiver.Say(503, retryAfter: "3600");
        await _trial.StartAsync(All);
        await _trial.EndAsync();
        await Receiver.NextAsync();
        _trial.Loop!.Use([new NoticeRule([_trial.Hook("/other")])]);
        Notice dead = await _trial.OneAsync(NoticeStatus.Dead);
        Assert.Equal(Receiver.Address + "/", dead.What.Target);
        await _trial.WarnedAsync("does not name any more");
    }
}
