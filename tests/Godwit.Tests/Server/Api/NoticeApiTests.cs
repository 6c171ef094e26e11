using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Api;

public sealed class NoticeApiTests : IAsyncLifetime
{
    private ApiTrial _api = null!;

    public async Task InitializeAsync()
    {
        _api = await ApiTrial.StartAsync();
        string id = await _api.SubmittedAsync();
        NewNotice Made(string name, string target) => new(name, id, 1, TransferState.Error, new Timestamp(1), "full", target, new Timestamp(2));
        await _api.Ledger.Notices.FollowAsync(1, [Made("n1", "one"), Made("n2", "nobody"), Made("n3", "three"), Made("n4", "four")], default);
        await _api.Ledger.Notices.RecordAsync("n1", new NoticeTry(new Timestamp(3), "It answers 500.", null), default);
        await _api.Ledger.Notices.RecordAsync("n2", new NoticeTry(new Timestamp(3), "gone", null), default);
        await _api.Ledger.Notices.RecordAsync("n3", new NoticeTry(new Timestamp(3), null, null), default);
    }

    public Task DisposeAsync() => _api.DisposeAsync().AsTask();

    [Fact]
    public async Task Notices_are_listed_page_by_page_and_by_what_became_of_them()
    {
        JsonElement page = await _api.GetAsync("/api/v1/notices?state=dead&limit=1");
        JsonElement only = Assert.Single(page.GetProperty("items").EnumerateArray());
        Assert.Equal(["n2", "dead", "ERROR", "gone"], ((string[])["id", "state", "transfer_state", "fault"]).Select(name => only.GetProperty(name).GetString()));
        string next = page.GetProperty("next").GetString()!;
        page = await _api.GetAsync($"/api/v1/notices?state=dead&limit=1&cursor={next}");
        Assert.Equal("n1", Assert.Single(page.GetProperty("items").EnumerateArray()).GetProperty("id").GetString());
        Assert.False(page.TryGetProperty("next", out _));
        Assert.Equal(4, (await _api.GetAsync("/api/v1/notices")).GetProperty("items").GetArrayLength());
        await _api.GetAsync($"/api/v1/notices?state=waiting&cursor={next}", 400);
        await _api.GetAsync("/api/v1/notices?state=lost", 400);
    }

    [Fact]
    public async Task What_was_given_up_is_tried_again_and_the_loop_is_told()
    {
        using HttpResponseMessage answer = await _api.PostAsync("/api/v1/notices/n1/retry");
        Assert.Equal(202, (int)answer.StatusCode);
        Assert.Equal("waiting", (await ApiTrial.JsonAsync(answer)).GetProperty("state").GetString());
        Assert.Contains("notices", _api.Looked);
        AuditEntry told = (await _api.Ledger.Audit.ListAsync(null, 1, default))[0];
        Assert.Equal(("retry_notice", "n1", 202), (told.Action, told.Target, told.Status));
    }

    [Theory]
    [InlineData("n2", 409, "does not name nobody")]
    [InlineData("n3", 409, "has arrived")]
    [InlineData("n9", 404, "There is no notice n9.")]
    public async Task What_cannot_be_tried_again_is_said(string id, int status, string says)
    {
        using HttpResponseMessage answer = await _api.PostAsync($"/api/v1/notices/{id}/retry");
        Assert.Contains(says, (await ApiTrial.ProblemAsync(answer, status)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("notices", _api.Looked);
    }

    [Fact]
    public async Task Whoever_is_no_operator_sees_none()
    {
        using HttpClient alice = await _api.ClientAsync("alice", "atlas", TokenRoles.Submitter | TokenRoles.Project);
        await _api.GetAsync("/api/v1/notices", 403, alice);
        using HttpResponseMessage answer = await _api.PostAsync("/api/v1/notices/n1/retry", client: alice);
        Assert.Equal(403, (int)answer.StatusCode);
    }
}
