using System.Net.Http.Headers;
using System.Text.Json;
using Godwit.Server.Access;
using Godwit.Storage;
using Godwit.Transfers.Record.Access;

namespace Godwit.Tests.Server.Api;

public sealed class TokenApiTests : IAsyncLifetime
{
    private ApiTrial _trial = null!;
    private HttpClient _admin = null!;

    public async Task InitializeAsync()
    {
        _trial = await ApiTrial.StartAsync();
        _admin = await _trial.ClientAsync("ada", "", TokenRoles.Administrator);
    }

    public async Task DisposeAsync()
    {
        _admin.Dispose();
        await _trial.DisposeAsync();
    }

    [Fact]
    public async Task A_token_that_was_made_counts_until_it_is_taken_back()
    {
        JsonElement made = await MadeAsync("""{"subject": "alice", "project": "atlas", "roles": ["submitter", "project"], "expires": "2099-01-31T12:00:00Z"}""");
        string text = made.GetProperty("token").GetString()!;
        string id = made.GetProperty("id").GetString()!;
        using HttpClient alice = Client(text);
        JsonElement self = await _trial.GetAsync("/api/v1/self", client: alice);
        Assert.Equal($$"""{"subject":"alice","project":"atlas","roles":["submitter","project"],"credential":"{{id}}"}""", self.GetRawText());
        await _trial.SubmittedAsync(client: alice);
        JsonElement[] listed = [.. (await _trial.GetAsync("/api/v1/tokens", client: _admin)).GetProperty("items").EnumerateArray()];
        JsonElement one = Assert.Single(listed, token => token.GetProperty("id").GetString() == id);
        Assert.StartsWith("2099-01-31T12:00:00", one.GetProperty("expires").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(text[17..], string.Concat(listed), StringComparison.Ordinal);
        using HttpResponseMessage revoked = await _admin.DeleteAsync($"/api/v1/tokens/{id}");
        Assert.Equal(200, (int)revoked.StatusCode);
        Assert.NotNull((await ApiTrial.JsonAsync(revoked)).GetProperty("revoked").GetString());
        await ApiTrial.ProblemAsync(await alice.GetAsync("/api/v1/self"), 401);
        await ApiTrial.ProblemAsync(await _admin.DeleteAsync("/api/v1/tokens/nobodystoken"), 404);
    }

    [Theory]
    [InlineData("""{"roles": ["submitter"]}""", "subject")]
    [InlineData("""{"subject": "", "roles": ["submitter"]}""", "subject")]
    [InlineData("""{"subject": "a\nb", "roles": ["submitter"]}""", "subject")]
    [InlineData("""{"subject": "a", "roles": []}""", "roles")]
    [InlineData("""{"subject": "a", "roles": ["root"]}""", "roles")]
    [InlineData("""{"subject": "a", "roles": [1]}""", "roles")]
    [InlineData("""{"subject": "a", "roles": "submitter"}""", "roles")]
    [InlineData("""{"subject": "a", "roles": ["submitter", "submitter"]}""", "roles")]
    [InlineData("""{"subject": "a", "roles": ["submitter"], "expires": "2001-01-01T00:00:00Z"}""", "expires")]
    [InlineData("""{"subject": "a", "roles": ["submitter"], "expires": "tomorrow"}""", "expires")]
    [InlineData("""{"subject": "a", "roles": ["submitter"], "rolls": 1}""", "rolls")]
    public async Task What_is_wrong_is_told_with_its_field(string body, string field)
    {
        JsonElement problem = await ApiTrial.ProblemAsync(await _trial.PostAsync("/api/v1/tokens", body, client: _admin), 400);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task What_changes_something_and_what_is_refused_is_in_the_audit_trail_before_it_is_answered()
    {
        using HttpClient bob = await _trial.ClientAsync("bob", "", TokenRoles.Submitter);
        string id = await _trial.SubmittedAsync(client: bob);
        await _trial.PostAsync($"/api/v1/transfers/{id}/cancel", client: bob);
        await _trial.PostAsync("/api/v1/transfers", """{"source": "nowhere", "destination": "tape:b"}""", client: bob);
        await bob.GetAsync("/api/v1/audit");
        await bob.GetAsync($"/api/v1/transfers/{id}");
        JsonElement made = await MadeAsync("""{"subject": "eve", "roles": ["stager"]}""");
        string[] told = [.. (await _trial.GetAsync("/api/v1/audit", client: _trial.Client)).GetProperty("items").EnumerateArray().Select(LineOf)];
        Assert.Equal(
            [
                $"201 create_token ada {made.GetProperty("id").GetString()} stager for \"eve\"", "403 list_audit bob  ", "422 create_transfer bob  nowhere -> tape:b",
                $"202 cancel_transfer bob {id} ", $"201 create_transfer bob {id} disk:a -> tape:b",
            ],
            told);
    }

    [Fact]
    public async Task The_audit_trail_is_told_by_page()
    {
        for (int made = 0; made < 5; made++)
        {
            await MadeAsync($$"""{"subject": "s{{made}}", "roles": ["submitter"]}""");
        }

        var told = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            JsonElement page = await _trial.GetAsync("/api/v1/audit?limit=2" + cursor, client: _trial.Client);
            told.AddRange(page.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("detail").GetString()!));
            cursor = page.TryGetProperty("next", out JsonElement next) ? $"&cursor={next.GetString()}" : null;
        }

        Assert.Equal(Enumerable.Range(0, 5).Reverse().Select(at => $"submitter for \"s{at}\""), told);
    }

    [Fact]
    public async Task Whether_anybody_may_make_tokens_is_known()
    {
        ITokens tokens = _trial.Ledger.Tokens;
        Assert.True(await Tokens.HasAdministratorAsync(tokens, new Timestamp(5), default));
        JsonElement page = await _trial.GetAsync("/api/v1/tokens", client: _admin);
        foreach (JsonElement one in page.GetProperty("items").EnumerateArray())
        {
            await tokens.RevokeAsync(one.GetProperty("id").GetString()!, default, default);
        }

        Assert.False(await Tokens.HasAdministratorAsync(tokens, new Timestamp(5), default));
        await tokens.AddAsync(Tokens.New("late", "", TokenRoles.Administrator, default, new Timestamp(5)).Token, default);
        Assert.False(await Tokens.HasAdministratorAsync(tokens, new Timestamp(5), default));
        Assert.True(await Tokens.HasAdministratorAsync(tokens, new Timestamp(4), default));
    }

    [Fact]
    public async Task A_cursor_that_was_made_up_is_refused() =>
        await ApiTrial.ProblemAsync(await _trial.Client.GetAsync("/api/v1/audit?cursor=" + Godwit.Server.Api.Cursor.Write("audit", "abc")), 400);

    private static string LineOf(JsonElement entry)
    {
        Assert.Equal("127.0.0.1", entry.GetProperty("origin").GetString());
        return $"{entry.GetProperty("status")} {entry.GetProperty("action")} {entry.GetProperty("subject")} {entry.GetProperty("target")} "
            + (entry.TryGetProperty("detail", out JsonElement detail) ? detail.GetString() : "");
    }

    private async Task<JsonElement> MadeAsync(string body)
    {
        using HttpResponseMessage answer = await _trial.PostAsync("/api/v1/tokens", body, client: _admin);
        Assert.Equal(201, (int)answer.StatusCode);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        return await ApiTrial.JsonAsync(answer);
    }

    private HttpClient Client(string token)
    {
        var client = new HttpClient { BaseAddress = new Uri(_trial.Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
