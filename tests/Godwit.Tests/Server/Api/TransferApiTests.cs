using System.Net.Http.Json;
using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Api;

public sealed class TransferApiTests : IAsyncLifetime
{
    private const string Order = """{"source": "disk:a", "destination": "tape:b", "options": {"verify": "size", "transfers": 3, "include": ["a", "b"], "times": true}, "priority": 4}""";

    private ApiTrial _trial = null!;

    public async Task InitializeAsync() => _trial = await ApiTrial.StartAsync();

    public async Task DisposeAsync() => await _trial.DisposeAsync();

    [Fact]
    public async Task A_transfer_that_is_handed_over_is_read_again()
    {
        using HttpResponseMessage made = await _trial.PostAsync("/api/v1/transfers", Order);
        Assert.Equal(201, (int)made.StatusCode);
        string id = (await ApiTrial.JsonAsync(made)).GetProperty("id").GetString()!;
        Assert.Equal($"/api/v1/transfers/{id}", made.Headers.Location?.ToString());
        JsonElement read = await _trial.GetAsync(made.Headers.Location!.ToString());
        Assert.Equal("SUBMITTED", read.GetProperty("state").GetString());
        Assert.Equal(4, read.GetProperty("priority").GetInt32());
        Assert.Equal("""{"verify":["size"],"transfers":["3"],"include":["a","b"],"times":["true"]}""", read.GetProperty("options").ToString());
        Assert.Equal("SUBMITTED", read.GetProperty("steps")[0].GetProperty("state").GetString());
        Assert.EndsWith("Z", read.GetProperty("made").GetString(), StringComparison.Ordinal);
        Assert.Equal([id], _trial.Looked);
    }

    [Fact]
    public async Task The_same_key_and_body_is_the_same_transfer_and_another_body_is_refused()
    {
        using HttpResponseMessage first = await _trial.PostAsync("/api/v1/transfers", Order, key: "k");
        using HttpResponseMessage again = await _trial.PostAsync("/api/v1/transfers", Order, key: "k");
        Assert.Equal((201, 200), ((int)first.StatusCode, (int)again.StatusCode));
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotent-Replay")));
        Assert.Equal((await ApiTrial.JsonAsync(first)).GetProperty("id").GetString(), (await ApiTrial.JsonAsync(again)).GetProperty("id").GetString());
        await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/transfers", Order + " ", key: "k"), 409);
        using HttpResponseMessage other = await _trial.PostAsync("/api/v1/transfers", Order, key: "k2");
        Assert.Equal(201, (int)other.StatusCode);
    }

    [Fact]
    public async Task A_key_whose_request_is_being_received_is_to_be_asked_for_later()
    {
        await _trial.Ledger.Submissions.ReceiveAsync(new Submission("t1", "olga", "", "copy", "a", "b", "{}", default) { RequestKey = "k" }, default);
        using HttpResponseMessage answer = await _trial.PostAsync("/api/v1/transfers", Order, key: "k");
        await ApiTrial.ProblemAsync(answer, 409);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("{", 400, "")]
    [InlineData("[]", 400, "")]
    [InlineData("""{"destination": "tape:b"}""", 400, "source")]
    [InlineData("""{"source": 5, "destination": "tape:b"}""", 400, "source")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "sorce": 1}""", 400, "sorce")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "priority": 6}""", 400, "priority")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "options": {"x": {}}}""", 400, "options.x")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "options": {"verfy": "size"}}""", 422, "options.verfy")]
    [InlineData("""{"source": "a", "destination": "tape:b"}""", 422, "source")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "verb": "sync"}""", 422, "verb")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b"} x""", 400, "")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "project": "\ud800"}""", 400, "")]
    public async Task What_is_wrong_is_told_by_field(string body, int status, string field)
    {
        JsonElement problem = await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/transfers", body, key: "k"), status);
        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
        using HttpResponseMessage later = await _trial.PostAsync("/api/v1/transfers", Order, key: "k");
        Assert.Equal(201, (int)later.StatusCode);
    }

    [Fact]
    public async Task Transfers_are_listed_in_pages_and_a_cursor_of_another_list_is_refused()
    {
        var ids = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            ids.Insert(0, await _trial.SubmittedAsync());
        }

        var found = new List<string>();
        string? next = null;
        do
        {
            JsonElement page = await _trial.GetAsync("/api/v1/transfers?limit=2&state=submitted" + (next is null ? "" : "&cursor=" + next));
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()!));
            next = page.TryGetProperty("next", out JsonElement cursor) ? cursor.GetString() : null;
            foreach (string wrong in next is null ? [] : (string[])[$"limit=2&cursor={next}", $"limit=2&state=submitted&cursor=A{next[1..]}", "cursor=%21"])
            {
                await ApiTrial.ProblemAsync(await _trial.Client.GetAsync("/api/v1/transfers?" + wrong), 400);
            }
        }
        while (next is not null);
        Assert.Equal(ids, found);
        await ApiTrial.ProblemAsync(await _trial.Client.GetAsync("/api/v1/transfers?state=nothing"), 400);
        await ApiTrial.ProblemAsync(await _trial.Client.GetAsync("/api/v1/transfers?limit=0"), 400);
    }

    [Fact]
    public async Task A_transfer_is_cancelled_paused_resumed_and_gets_another_priority()
    {
        string id = await _trial.SubmittedAsync();
        string at = "/api/v1/transfers/" + id;
        using HttpResponseMessage paused = await _trial.PostAsync(at + "/pause", """{"message": "tape is down"}""");
        Assert.Equal(202, (int)paused.StatusCode);
        JsonElement read = await _trial.GetAsync(at);
        Assert.Equal(("olga", "tape is down"), (read.GetProperty("paused").GetProperty("by").GetString(), read.GetProperty("paused").GetProperty("message").GetString()));
        using HttpResponseMessage resumed = await _trial.PostAsync(at + "/resume");
        Assert.False((await _trial.GetAsync(at)).TryGetProperty("paused", out _));
        using HttpResponseMessage changed = await _trial.Client.PatchAsync(at, JsonContent.Create(new { priority = 5 }));
        Assert.Equal(5, (await ApiTrial.JsonAsync(changed)).GetProperty("priority").GetInt32());
        await ApiTrial.ProblemAsync(await _trial.Client.PatchAsync(at, JsonContent.Create(new { priority = 0 })), 400);
        using HttpResponseMessage cancelled = await _trial.PostAsync(at + "/cancel");
        Assert.Equal(202, (int)cancelled.StatusCode);
        Assert.NotNull((await _trial.Ledger.Submissions.FindAsync(id, default))!.CancelAsked);
        Assert.Equal(5, _trial.Looked.Count);
    }

    [Fact]
    public async Task What_has_ended_is_only_tried_again_and_what_succeeded_is_not()
    {
        string id = await _trial.SubmittedAsync();
        string at = "/api/v1/transfers/" + id;
        await ApiTrial.ProblemAsync(await _trial.PostAsync(at + "/retry"), 409);
        await StepAsync(id, TransferState.Submitted, TransferState.Transferring);
        await StepAsync(id, TransferState.Transferring, TransferState.Partial);
        foreach (string what in (string[])["/pause", "/resume"])
        {
            JsonElement problem = await ApiTrial.ProblemAsync(await _trial.PostAsync(at + what), 409);
            Assert.Equal("PARTIAL", problem.GetProperty("state").GetString());
        }

        using HttpResponseMessage cancelled = await _trial.PostAsync(at + "/cancel");
        Assert.Equal(200, (int)cancelled.StatusCode);
        using HttpResponseMessage again = await _trial.PostAsync(at + "/retry");
        Assert.Equal(202, (int)again.StatusCode);
        JsonElement read = await ApiTrial.JsonAsync(again);
        Assert.Equal(("SUBMITTED", 2), (read.GetProperty("state").GetString(), read.GetProperty("round").GetInt32()));
        await StepAsync(id, TransferState.Submitted, TransferState.Transferring);
        await StepAsync(id, TransferState.Transferring, TransferState.Success);
        await ApiTrial.ProblemAsync(await _trial.PostAsync(at + "/retry"), 409);
    }

    [Fact]
    public async Task Counts_add_up_over_runs()
    {
        TransferTotals all = Godwit.Server.Api.ReadTransfers.Sum(
        [
            new TransferTotals { Planned = 5, Delivered = 3, Failed = 2, DeliveredBytes = 30, PlannedBytes = 50, SentBytes = 31, Retries = 1 },
            new TransferTotals { Planned = 2, Delivered = 1, Failed = 1, DeliveredBytes = 10, PlannedBytes = 20, SentBytes = 10, Unchanged = 4 },
        ])!;
        Assert.Equal((5, 4, 1, 1, 40, 50, 41), (all.Planned, all.Delivered, all.Failed, all.Unchanged, all.DeliveredBytes, all.PlannedBytes, all.SentBytes));
        string id = await _trial.SubmittedAsync();
        await _trial.Ledger.Submissions.RecordRunAsync(id, "run1", default);
        _trial.Totals[id] = new TransferTotals { Planned = 7, Delivered = 2 };
        JsonElement totals = (await _trial.GetAsync("/api/v1/transfers/" + id)).GetProperty("totals");
        Assert.Equal((7, 2), (totals.GetProperty("planned").GetInt32(), totals.GetProperty("delivered").GetInt32()));
    }

    [Theory]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "options": {"\ud800": "a"}}""", "/api/v1/transfers")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "files": [{"\ud800": "a"}]}""", "/api/v1/transfers")]
    [InlineData("""{"\ud800": 1}""", "/api/v1/limits")]
    public async Task Half_a_character_is_the_callers_fault(string body, string path)
    {
        using var request = new HttpRequestMessage(path.EndsWith('s') && path.Contains("limits", StringComparison.Ordinal) ? HttpMethod.Put : HttpMethod.Post, path)
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        await ApiTrial.ProblemAsync(await _trial.Client.SendAsync(request), 400);
        Assert.Empty(_trial.Warnings);
    }

    [Fact]
    public async Task A_service_that_stops_takes_nothing()
    {
        _trial.NotReady = "The service stops.";
        using HttpResponseMessage answer = await _trial.PostAsync("/api/v1/transfers", """{"source": "disk:a", "destination": "tape:b"}""");
        Assert.Equal("The service stops.", (await ApiTrial.ProblemAsync(answer, 503)).GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_ledger_that_was_removed_takes_nothing_and_is_told()
    {
        _trial.RemoveLedger();
        await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/transfers", """{"source": "disk:a", "destination": "tape:b"}"""), 503);
        using HttpResponseMessage ready = await _trial.Client.GetAsync("/readyz");
        Assert.Equal(503, (int)ready.StatusCode);
        Assert.Contains("removed", Assert.Single(_trial.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_nowhere_or_cannot_be_done_is_a_problem_too()
    {
        await ApiTrial.ProblemAsync(await _trial.Client.GetAsync("/nothing"), 404);
        await ApiTrial.ProblemAsync(await _trial.Client.GetAsync("/api/v1/transfers/nothing"), 404);
        await ApiTrial.ProblemAsync(await _trial.Client.DeleteAsync("/api/v1/transfers"), 405);
        await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/transfers", Order, "text/plain"), 415);
        await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/transfers", Order, key: new string('k', 201)), 400);
    }

    [Fact]
    public async Task Health_readiness_and_version_need_no_token()
    {
        using var nobody = new HttpClient { BaseAddress = new Uri(_trial.Address) };
        Assert.Equal("ok", (await _trial.GetAsync("/healthz", client: nobody)).GetProperty("status").GetString());
        Assert.Equal("1.2.3", (await _trial.GetAsync("/api/v1/version", client: nobody)).GetProperty("version").GetString());
        await _trial.GetAsync("/readyz", client: nobody);
        _trial.NotReady = "it drains";
        Assert.Equal("it drains", (await _trial.GetAsync("/readyz", 503, nobody)).GetProperty("reason").GetString());
        _trial.NotReady = null;
        await _trial.Ledger.DisposeAsync();
        Assert.Equal("the ledger does not answer", (await _trial.GetAsync("/readyz", 503, nobody)).GetProperty("reason").GetString());
    }

    private async Task StepAsync(string id, TransferState from, TransferState to) =>
        Assert.True(await _trial.Ledger.Submissions.StepAsync(id, from, to, null, new Timestamp(1), default));
}
