using System.Net;
using System.Text.Json;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Api;

public sealed class CallBackApiTests : IAsyncLifetime
{
    private const string Code = "the code";

    private ApiTrial _api = null!;
    private HttpClient _stager = null!;

    public async Task InitializeAsync()
    {
        _api = await ApiTrial.StartAsync();
        _stager = await _api.ClientAsync("tape", "", TokenRoles.Stager);
    }

    public async Task DisposeAsync()
    {
        _stager.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_hands_over_names_who_stages_and_prepares()
    {
        string id = await _api.SubmittedAsync(
            """{"destination": "tape:b", "project": "cta", "stage": {"by": "tape", "what": "product 7"}, "prepare": {"by": "flag"}}""");
        JsonElement told = await _api.GetAsync($"/api/v1/transfers/{id}");
        Assert.Equal("""stager "tape": product 7""", told.GetProperty("source").GetString());
        Assert.Equal(("tape", "product 7"), (told.GetProperty("stage").GetProperty("by").GetString(), told.GetProperty("stage").GetProperty("what").GetString()));
        Assert.Equal("flag", told.GetProperty("prepare").GetProperty("by").GetString());
        Assert.Empty(told.GetProperty("call_outs").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"destination": "tape:b"}""", 400, "source", "It is missing.")]
    [InlineData("""{"destination": "tape:b", "prepare": {"by": "flag"}}""", 400, "source", "It is missing.")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "stage": "tape"}""", 400, "stage", "It is no JSON object.")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "stage": {"what": "x"}}""", 400, "stage.by", "It is missing.")]
    [InlineData("""{"source": "disk:a", "destination": "tape:b", "stage": {"by": "tape", "url": "http://x"}}""", 400, "stage.url", "There is no such field. Known: by, what.")]
    [InlineData(
        """{"source": "disk:a", "destination": "tape:b", "stage": {"by": "flag"}}""", 422, "stage.by",
        "The service's configuration has no stager \"flag\" below stagers:. Known: tape.")]
    [InlineData(
        """{"source": "disk:a", "destination": "tape:b", "project": "atlas", "prepare": {"by": "flag"}}""", 422, "prepare.by",
        "The preparer \"flag\" is not for the project \"atlas\": preparers.flag.projects of the service's configuration.")]
    public async Task Who_cannot_be_asked_is_told(string body, int status, string field, string sentence)
    {
        using HttpResponseMessage answer = await _api.PostAsync("/api/v1/transfers", body);
        JsonElement problem = await ApiTrial.ProblemAsync(answer, status);
        Assert.Equal(sentence, problem.GetProperty("errors").GetProperty(field)[0].GetString());
    }

    [Fact]
    public async Task A_schedule_may_name_them_too()
    {
        using HttpResponseMessage answer = await _api.PostAsync(
            "/api/v1/schedules", """{"name": "s", "cron": "0 2 * * *", "destination": "tape:b", "stage": {"by": "tape", "what": "last night"}}""");
        Assert.Equal(201, (int)answer.StatusCode);
        Assert.Equal("last night", (await ApiTrial.JsonAsync(answer)).GetProperty("stage").GetProperty("what").GetString());
    }

    [Fact]
    public async Task An_answer_is_written_down_once_and_the_dispatcher_is_told()
    {
        (string transfer, string call) = await AskedAsync();
        _api.Looked.Clear();
        JsonElement first = await ApiTrial.JsonAsync(await AnswerAsync(call, """{"code": "the code", "success": true, "message": "two\nlines"}""", 200));
        Assert.Equal((transfer, true, false), (first.GetProperty("transfer").GetString(), first.GetProperty("success").GetBoolean(), first.GetProperty("repeated").GetBoolean()));
        JsonElement again = await ApiTrial.JsonAsync(await AnswerAsync(call, """{"code": "the code", "success": true}""", 200));
        Assert.True(again.GetProperty("repeated").GetBoolean());
        Assert.Equal([transfer, transfer], _api.Looked);
        await AnswerAsync(call, """{"code": "the code", "success": false}""", 409);
        JsonElement told = (await _api.GetAsync($"/api/v1/transfers/{transfer}")).GetProperty("call_outs")[0];
        Assert.Equal(
            ("stage", "tape", 1, true, "two?lines"),
            (told.GetProperty("stage").GetString(), told.GetProperty("by").GetString(), told.GetProperty("tries").GetInt32(), told.GetProperty("success").GetBoolean(),
                told.GetProperty("message").GetString()));
        Assert.DoesNotContain("code", told.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"success": true}""", "code")]
    [InlineData("""{"code": "the code"}""", "success")]
    [InlineData("""{"code": "the code", "success": "False"}""", "success")]
    [InlineData("""{"code": "the code", "success": null}""", "success")]
    [InlineData("""{"code": "the code", "success": 1}""", "success")]
    [InlineData("""{"code": "the code", "success": true, "source": ""}""", "source")]
    [InlineData("""{"code": "the code", "success": true, "path": "/x"}""", "path")]
    public async Task What_is_no_answer_changes_nothing(string body, string field)
    {
        (string transfer, string call) = await AskedAsync();
        JsonElement problem = await ApiTrial.ProblemAsync(await AnswerAsync(call, body, 400), 400);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
        Assert.Null(Assert.Single(await _api.Ledger.CallOuts.ListAsync(transfer, default)).Answer);
    }

    [Fact]
    public async Task A_wrong_code_and_an_id_that_is_none_are_the_same()
    {
        (string transfer, string call) = await AskedAsync();
        JsonElement wrong = await ApiTrial.ProblemAsync(await AnswerAsync(call, """{"code": "another", "success": true}""", 403), 403);
        JsonElement none = await ApiTrial.ProblemAsync(await AnswerAsync("none", """{"code": "the code", "success": true}""", 403), 403);
        Assert.Equal(wrong.GetProperty("detail").GetString(), none.GetProperty("detail").GetString());
        Assert.Null(Assert.Single(await _api.Ledger.CallOuts.ListAsync(transfer, default)).Answer);
    }

    [Theory]
    [InlineData(TokenRoles.Submitter, 403)]
    [InlineData(TokenRoles.Operator, 403)]
    [InlineData(TokenRoles.Administrator, 403)]
    [InlineData(TokenRoles.Stager, 200)]
    public async Task Only_a_stager_answers(TokenRoles roles, int status)
    {
        (_, string call) = await AskedAsync();
        using HttpClient client = await _api.ClientAsync("somebody", "", roles);
        using HttpResponseMessage answer = await _api.PostAsync($"/api/v1/callbacks/{call}", """{"code": "the code", "success": true}""", client: client);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Nobody_unknown_answers()
    {
        (_, string call) = await AskedAsync();
        using var client = new HttpClient { BaseAddress = new Uri(_api.Address) };
        using HttpResponseMessage answer = await _api.PostAsync($"/api/v1/callbacks/{call}", """{"code": "the code", "success": true}""", client: client);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_transfer_that_was_cancelled_takes_no_answer()
    {
        (string transfer, string call) = await AskedAsync();
        await _api.Ledger.Submissions.StepAsync(transfer, TransferState.Staging, TransferState.Canceled, null, Now, default);
        JsonElement problem = await ApiTrial.ProblemAsync(await AnswerAsync(call, """{"code": "the code", "success": true}""", 409), 409);
        Assert.Equal("CANCELED", problem.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("disk:staged/7", true, null)]
    [InlineData("disk:private/7", false, "The stager \"tape\" may not name \"disk:private/7\" as a source. Allowed are disk:staged/*: stagers.tape.places of the service's configuration.")]
    [InlineData("disk:staged/../private", false, "Its source cannot be used: \"disk:staged/../private\" holds \"..\", which could lead out of what is allowed. Write the path without it.")]
    [InlineData("nowhere", false, "Its source cannot be used: It names no endpoint.")]
    public async Task A_source_is_held_to_the_places_of_the_stager(string source, bool isSuccess, string? refusal)
    {
        (string transfer, string call) = await AskedAsync();
        HttpResponseMessage answer = await AnswerAsync(call, $$"""{"code": "the code", "success": true, "source": "{{source}}"}""", isSuccess ? 200 : 422);
        CallAnswer written = Assert.Single(await _api.Ledger.CallOuts.ListAsync(transfer, default)).Answer!;
        Assert.Equal((isSuccess, isSuccess ? source : null, isSuccess ? "disk" : null, refusal ?? ""), (written.IsSuccess, written.Source, written.Endpoint, written.Message));
        if (refusal is not null)
        {
            Assert.Equal("source: " + refusal, (await ApiTrial.ProblemAsync(answer, 422)).GetProperty("detail").GetString());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_configuration_lacks_for_a_moment_is_no_failure_of_the_stager(bool stagerIsThere)
    {
        (string transfer, string call) = await AskedAsync("""{"destination": "tape:b", "project": "cta", "stage": {"by": "tape"}, "prepare": {"by": "flag"}}""");
        StagerRule[] before = [.. _api.Stagers.All];
        _api.Stagers.Use([.. before.Where(rule => stagerIsThere && rule.Name == "tape")]);
        HttpResponseMessage answer = await AnswerAsync(call, """{"code": "the code", "success": true, "source": "disk:staged/7"}""", stagerIsThere ? 200 : 503);
        Assert.Equal(stagerIsThere, Assert.Single(await _api.Ledger.CallOuts.ListAsync(transfer, default)).Answer is not null);
        if (!stagerIsThere)
        {
            Assert.Equal(TimeSpan.FromMinutes(1), answer.Headers.RetryAfter!.Delta);
            _api.Stagers.Use(before);
            await AnswerAsync(call, """{"code": "the code", "success": true, "source": "disk:staged/7"}""", 200);
        }
    }

    [Fact]
    public async Task A_source_is_held_to_the_project_of_a_transfer_that_is_bound()
    {
        _api.Projects.Set([new Godwit.Server.Access.Project("atlas") { Sources = [Godwit.Server.Access.UrlPattern.Parse("disk:other")], Destinations = [Godwit.Server.Access.UrlPattern.Parse("tape:")] }]);
        (string transfer, string call) = await AskedAsync("""{"destination": "tape:b", "project": "atlas", "stage": {"by": "tape"}}""");
        await AnswerAsync(call, """{"code": "the code", "success": true, "source": "disk:staged/7"}""", 422);
        Assert.Contains("The project \"atlas\" may not use", Assert.Single(await _api.Ledger.CallOuts.ListAsync(transfer, default)).Answer!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_said_where_the_source_is_the_stager_has_to()
    {
        (string transfer, string call) = await AskedAsync("""{"destination": "tape:b", "stage": {"by": "tape"}, "project": "atlas"}""");
        await AnswerAsync(call, """{"code": "the code", "success": true}""", 422);
        Assert.False(Assert.Single(await _api.Ledger.CallOuts.ListAsync(transfer, default)).Answer!.IsSuccess);
    }

    [Fact]
    public async Task Answers_are_in_the_trail()
    {
        (string transfer, string call) = await AskedAsync();
        await AnswerAsync(call, """{"code": "the code", "success": true}""", 200);
        JsonElement entry = (await _api.GetAsync("/api/v1/audit")).GetProperty("items")[0];
        Assert.Equal(
            ("call_back", transfer, "stager \"tape\": ready"),
            (entry.GetProperty("action").GetString(), entry.GetProperty("target").GetString(), entry.GetProperty("detail").GetString()));
        Assert.DoesNotContain(Code, (await _api.GetAsync("/api/v1/audit")).ToString(), StringComparison.Ordinal);
    }

    private static Timestamp Now => Timestamp.From(TimeProvider.System.GetUtcNow());

    private async Task<HttpResponseMessage> AnswerAsync(string call, string body, int status)
    {
        HttpResponseMessage answer = await _api.PostAsync($"/api/v1/callbacks/{call}", body, client: _stager);
        Assert.True(status == (int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        return answer;
    }

    /// <summary>A transfer whose stager was asked with the code.</summary>
    private async Task<(string Transfer, string Call)> AskedAsync(string body = """{"source": "disk:a", "destination": "tape:b", "stage": {"by": "tape"}}""")
    {
        string id = await _api.SubmittedAsync(body);
        await _api.Ledger.Submissions.StepAsync(id, TransferState.Submitted, TransferState.Staging, null, Now, default);
        var wanted = new NewCallOut(CallCode.NewId(), id, 1, CallStage.Stage, "tape", Now, Timestamp.From(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1)));
        CallOut call = await _api.Ledger.CallOuts.BeginAsync(wanted, default);
        await _api.Ledger.CallOuts.AskAsync(call.What.Id, CallCode.HashOf(Code), Now, default);
        await _api.Ledger.CallOuts.RecordAskedAsync(call.What.Id, null, Now, default);
        return (id, call.What.Id);
    }
}
