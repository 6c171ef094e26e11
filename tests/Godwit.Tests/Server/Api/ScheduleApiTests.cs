using System.Text;
using System.Text.Json;
using Godwit.Server.Engine;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Api;

public sealed class ScheduleApiTests : IAsyncLifetime
{
    private const string Path = "/api/v1/schedules";
    private ApiTrial _trial = null!;

    public async Task InitializeAsync() => _trial = await ApiTrial.StartAsync();

    public async Task DisposeAsync() => await _trial.DisposeAsync();

    [Fact]
    public async Task A_schedule_is_made_told_changed_and_forgotten()
    {
        using HttpResponseMessage made = await _trial.PostAsync(
            Path,
            """
            {"name": "nightly", "cron": "0 23 * * *", "zone": "Europe/Zurich", "window": "22:00-06:00", "missed": "skip", "project": "atlas",
             "source": "disk:a", "destination": "tape:b", "options": {"checksum": "md5"}, "priority": 5}
            """);
        Assert.Equal(201, (int)made.StatusCode);
        JsonElement told = await ApiTrial.JsonAsync(made);
        string one = $"{Path}/{told.GetProperty("id").GetString()}";
        Assert.Equal(one, made.Headers.Location!.ToString());
        Assert.Equal(told.GetRawText(), (await _trial.GetAsync(one)).GetRawText());
        Assert.Equal(
            ("nightly", "olga", "atlas", "skip", true, 5, "md5"),
            (Text(told, "name"), Text(told, "owner"), Text(told, "project"), Text(told, "missed"), told.GetProperty("enabled").GetBoolean(),
                told.GetProperty("priority").GetInt32(), told.GetProperty("options").GetProperty("checksum")[0].GetString()));
        Assert.Equal(5, told.GetProperty("next").GetArrayLength());
        await ApiTrial.ProblemAsync(await _trial.PostAsync(Path, """{"name": "nightly", "cron": "@daily", "source": "disk:a", "destination": "tape:b"}"""), 409);

        JsonElement changed = await ApiTrial.JsonAsync(await PatchAsync(one, """{"enabled": false, "window": null, "cron": "@daily", "priority": 1}"""));
        Assert.Equal((false, "@daily", "Europe/Zurich", 1, 0), (changed.GetProperty("enabled").GetBoolean(), Text(changed, "cron"), Text(changed, "zone"),
            changed.GetProperty("priority").GetInt32(), changed.GetProperty("next").GetArrayLength()));
        Assert.False(changed.TryGetProperty("window", out _));
        Assert.Equal(1, (await _trial.GetAsync(Path + "?name=nightly")).GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await _trial.GetAsync(Path + "?name=other")).GetProperty("items").GetArrayLength());

        Assert.Equal(200, (int)(await _trial.Client.DeleteAsync(one)).StatusCode);
        Assert.Equal("There is no schedule " + Text(told, "id") + ".", Text(await ApiTrial.ProblemAsync(await _trial.Client.GetAsync(one), 404), "detail"));
    }

    [Fact]
    public async Task What_an_administrator_left_is_let_run_by_administrators_alone()
    {
        using HttpClient admin = await _trial.ClientAsync("boss", "", TokenRoles.Administrator);
        using HttpResponseMessage made = await _trial.PostAsync(Path, """{"name": "his", "cron": "@daily", "source": "disk:a", "destination": "tape:b"}""", client: admin);
        string one = $"{Path}/{Text(await ApiTrial.JsonAsync(made), "id")}";
        using HttpClient demoted = await _trial.ClientAsync("boss", "atlas", TokenRoles.Submitter);
        foreach (HttpClient other in (HttpClient[])[demoted, _trial.Client])
        {
            await ApiTrial.ProblemAsync(await _trial.PostAsync(one + "/run", client: other), 403);
            using var change = new HttpRequestMessage(HttpMethod.Patch, one) { Content = new StringContent("""{"cron": "* * * * *"}""", Encoding.UTF8, "application/json") };
            await ApiTrial.ProblemAsync(await other.SendAsync(change), 403);
        }

        string transfer = await _trial.SubmittedAsync(client: admin);
        await _trial.PostAsync($"/api/v1/transfers/{transfer}/pause", client: admin);
        await ApiTrial.ProblemAsync(await _trial.PostAsync($"/api/v1/transfers/{transfer}/resume"), 403);
        await ApiTrial.ProblemAsync(await _trial.PostAsync($"/api/v1/transfers/{transfer}/retry"), 403);
        Assert.Equal(202, (int)(await _trial.PostAsync($"/api/v1/transfers/{transfer}/resume", client: admin)).StatusCode);
        Assert.Equal(202, (int)(await _trial.PostAsync(one + "/run", client: admin)).StatusCode);
    }

    [Fact]
    public async Task A_schedule_of_a_project_that_its_owner_left_is_not_let_run_by_him()
    {
        using HttpClient before = await _trial.ClientAsync("alice", "atlas", TokenRoles.Submitter);
        using HttpResponseMessage made = await _trial.PostAsync(Path, """{"name": "hers", "cron": "@daily", "source": "disk:a", "destination": "tape:b"}""", client: before);
        string one = $"{Path}/{Text(await ApiTrial.JsonAsync(made), "id")}";
        using HttpClient after = await _trial.ClientAsync("alice", "cta", TokenRoles.Submitter);
        await ApiTrial.ProblemAsync(await _trial.PostAsync(one + "/run", client: after), 403);
        Assert.Equal(202, (int)(await _trial.PostAsync(one + "/run", client: before)).StatusCode);
    }

    [Fact]
    public async Task Nobody_takes_the_key_of_a_schedule_and_no_made_up_cursor_is_read()
    {
        string id = await _trial.ScheduledAsync("nightly");
        await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/transfers", """{"source": "disk:a", "destination": "tape:b"}""", key: $"schedule/{id}/2026-01-01T00:00:00Z"), 400);
        await ApiTrial.ProblemAsync(await _trial.Client.GetAsync($"{Path}/{id}/runs?cursor={Godwit.Server.Api.Cursor.Write($"schedule runs\n{id}", "abc")}"), 400);
    }

    [Fact]
    public async Task Nobody_has_more_than_a_thousand()
    {
        string id = await _trial.ScheduledAsync("first");
        Schedule first = (await _trial.Ledger.Schedules.FindAsync(id, default))!;
        for (int i = 1; i < 1000; i++)
        {
            Assert.True(await _trial.Ledger.Schedules.AddAsync(first with { Id = $"s{i}", Name = $"s{i}", IsEnabled = false }, default));
        }

        const string Body = """{"name": "more", "cron": "@daily", "source": "disk:a", "destination": "tape:b"}""";
        JsonElement problem = await ApiTrial.ProblemAsync(await _trial.PostAsync(Path, Body), 422);
        Assert.Contains("has 1000 schedules", Text(problem, "detail"), StringComparison.Ordinal);
        Assert.True(await _trial.Ledger.Schedules.RemoveAsync("s1", default));
        Assert.Equal(201, (int)(await _trial.PostAsync(Path, Body)).StatusCode);
    }

    [Fact]
    public async Task What_is_tried_again_outside_its_window_is_held_without_waiting_for_the_clock()
    {
        var time = new FakeTime();
        await using ApiTrial trial = await ApiTrial.StartAsync(time);
        var now = Timestamp.From(time.GetUtcNow());
        var schedule = new Schedule("s", "nightly", "olga", "", "copy", "disk:a", "tape:b", new TransferOrder("copy", "disk:a", "tape:b").ToDetails(), now)
        {
            Cron = "0 2 * * *",
            Window = "02:00-03:00",
        };
        Assert.True(await trial.Ledger.Schedules.AddAsync(schedule, default));
        foreach ((string id, long planned) in ((string, long)[])[("old", 1), ("last", 2)])
        {
            var transfer = new Submission(id, "olga", "", "copy", "disk:a", "tape:b", schedule.Details, now) { RequestKey = schedule.KeyOf(new Timestamp(planned)) };
            var run = new ScheduleRun("s", new Timestamp(planned), now, ScheduleEnd.Started) { IsByHand = true };
            Assert.NotNull(await trial.Ledger.Schedules.FireAsync(run, transfer, "h", default));
            Assert.True(await trial.Ledger.Submissions.StepAsync(id, TransferState.Submitted, TransferState.Canceled, null, now, default));
        }

        await trial.Timetable.StartAsync();
        using HttpClient admin = await trial.ClientAsync("boss", "", TokenRoles.Administrator);
        Assert.Equal(202, (int)(await trial.PostAsync("/api/v1/transfers/old/retry", client: admin)).StatusCode);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await trial.Ledger.Submissions.FindAsync("old", patience.Token))!.Pause is null)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task One_that_is_run_now_hands_a_transfer_over_once_and_says_so()
    {
        string one = $"{Path}/{await _trial.ScheduledAsync("nightly")}";
        using HttpResponseMessage run = await _trial.PostAsync(one + "/run");
        Assert.Equal(202, (int)run.StatusCode);
        string transfer = Text(await ApiTrial.JsonAsync(run), "transfer")!;
        Assert.Equal("SUBMITTED", Text(await _trial.GetAsync("/api/v1/transfers/" + transfer), "state"));
        Assert.Equal([transfer], _trial.Looked);
        await ApiTrial.ProblemAsync(await _trial.PostAsync(one + "/run"), 409);
        JsonElement runs = (await _trial.GetAsync(one + "/runs?limit=1")).GetProperty("items");
        Assert.Equal(("started", true, transfer), (Text(runs[0], "end"), runs[0].GetProperty("by_hand").GetBoolean(), Text(runs[0], "transfer")));
        Assert.Equal(transfer, Text(await _trial.GetAsync(one), "last_transfer"));
        _trial.NotReady = "The service stops.";
        await ApiTrial.ProblemAsync(await _trial.PostAsync(one + "/run"), 503);
        string[] actions = [.. (await _trial.Ledger.Audit.ListAsync(null, 9, default)).Select(entry => $"{entry.Action} {entry.Status}")];
        Assert.Equal(["run_schedule 503", "run_schedule 409", "run_schedule 202", "create_schedule 201"], actions);
    }

    [Theory]
    [InlineData("""{"cron": "@daily", "source": "disk:a", "destination": "tape:b"}""", 400, "name")]
    [InlineData("""{"name": "a b", "cron": "@daily", "source": "disk:a", "destination": "tape:b"}""", 400, "name")]
    [InlineData("""{"name": "a", "source": "disk:a", "destination": "tape:b"}""", 400, "cron")]
    [InlineData("""{"name": "a", "cron": "@daily", "source": "disk:a", "destination": "tape:b", "files": []}""", 400, "files")]
    [InlineData("""{"name": "a", "cron": "@daily", "source": "disk:a", "destination": "tape:b", "missed": "twice"}""", 400, "missed")]
    [InlineData("""{"name": "a", "cron": "@daily", "source": "disk:a", "destination": "tape:b", "enabled": "yes"}""", 400, "enabled")]
    [InlineData("""{"name": "a", "cron": "0 2 * *", "source": "disk:a", "destination": "tape:b"}""", 422, "cron")]
    [InlineData("""{"name": "a", "cron": "@daily", "zone": "Mars/Olympus", "source": "disk:a", "destination": "tape:b"}""", 422, "zone")]
    [InlineData("""{"name": "a", "cron": "@daily", "window": "22-6", "source": "disk:a", "destination": "tape:b"}""", 422, "window")]
    [InlineData("""{"name": "a", "cron": "0 5,12 * * *", "window": "22:00-06:00", "source": "disk:a", "destination": "tape:b"}""", 422, "window")]
    [InlineData("""{"name": "a", "cron": "@daily", "source": "a", "destination": "tape:b"}""", 422, "source")]
    [InlineData("""{"name": "a", "cron": "@daily", "source": "disk:a", "destination": "elsewhere:b"}""", 422, "destination")]
    [InlineData("""{"name": "a", "cron": "@daily", "source": "disk:a", "destination": "tape:b", "project": "lhcb"}""", 422, "project")]
    public async Task What_cannot_be_a_schedule_is_told_by_field(string body, int status, string field)
    {
        JsonElement problem = await ApiTrial.ProblemAsync(await _trial.PostAsync(Path, body), status);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        Assert.Equal(0, (await _trial.GetAsync(Path)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_change_that_would_leave_its_window_is_refused()
    {
        string one = $"{Path}/{await _trial.ScheduledAsync("nightly")}";
        JsonElement problem = await ApiTrial.ProblemAsync(await PatchAsync(one, """{"window": "03:00-06:00"}"""), 422);
        Assert.Contains("fires at 02:00", Text(problem, "detail"), StringComparison.Ordinal);
        await ApiTrial.ProblemAsync(await PatchAsync(one, """{"source": "disk:b"}"""), 400);
    }

    [Fact]
    public async Task What_is_listed_is_what_the_token_reaches()
    {
        using HttpClient alice = await _trial.ClientAsync("alice", "atlas", TokenRoles.Submitter);
        using HttpClient bob = await _trial.ClientAsync("bob", "cta", TokenRoles.Submitter);
        using HttpClient pete = await _trial.ClientAsync("pete", "atlas", TokenRoles.Project);
        await _trial.ScheduledAsync("nightly", alice);
        await _trial.ScheduledAsync("nightly", bob);
        await _trial.ScheduledAsync("other", pete);
        Assert.Equal((1, 1, 2, 3), (await CountAsync(alice), await CountAsync(bob), await CountAsync(pete), await CountAsync(_trial.Client)));
    }

    private async Task<int> CountAsync(HttpClient client) => (await _trial.GetAsync(Path, client: client)).GetProperty("items").GetArrayLength();

    private async Task<HttpResponseMessage> PatchAsync(string path, string body) =>
        await _trial.Client.PatchAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
