using Godwit.Server.Access;
using Godwit.Server.Api;
using Godwit.Storage;
using Godwit.Tests.Server.Api;
using Godwit.Transfers.Record.Access;
using Microsoft.AspNetCore.Http;

namespace Godwit.Tests.Server.Access;

public sealed class RulesTests : IAsyncLifetime
{
    private ApiTrial _trial = null!;

    public async Task InitializeAsync() => _trial = await ApiTrial.StartAsync();

    public async Task DisposeAsync() => await _trial.DisposeAsync();

    [Fact]
    public async Task Every_endpoint_that_is_routed_keeps_the_table_of_rules()
    {
        (string Subject, string Project, TokenRoles Role)[] callers =
            [("alice", "atlas", TokenRoles.Submitter), ("pete", "atlas", TokenRoles.Project), ("olga", "", TokenRoles.Operator),
             ("stan", "atlas", TokenRoles.Stager), ("ada", "", TokenRoles.Administrator)];
        ApiEndpoint[] routed = [.. _trial.Host.Routed.Select(endpoint => endpoint.Metadata.GetMetadata<ApiEndpoint>() ?? throw new InvalidOperationException($"{endpoint}"))];
        Assert.Equal(Endpoints.All.Count, routed.Length);
        using HttpClient bob = await _trial.ClientAsync("bob", "cta", TokenRoles.Submitter);
        using HttpClient carl = await _trial.ClientAsync("carl", "atlas", TokenRoles.Submitter);
        foreach (ApiEndpoint endpoint in routed.Where(one => !Rules.Open.Contains(one.Name)))
        {
            Assert.True(Rules.All.ContainsKey(endpoint.Name), $"{endpoint.Name} has no rule");
            foreach ((string subject, string project, TokenRoles role) in callers)
            {
                using HttpClient client = await _trial.ClientAsync(subject, project, role);
                Reach reach = Rules.All[endpoint.Name][role];
                bool isSchedule = endpoint.Path.Contains("{schedule}", StringComparison.Ordinal);
                if (!isSchedule && !endpoint.Path.Contains("{id}", StringComparison.Ordinal))
                {
                    Assert.Equal(reach == Reach.Nothing, await StatusAsync(client, endpoint, "") == StatusCodes.Status403Forbidden);
                    continue;
                }

                string own = await MadeAsync(isSchedule, reach == Reach.Nothing ? _trial.Client : client);
                string projects = await MadeAsync(isSchedule, carl);
                string foreign = await MadeAsync(isSchedule, bob);
                Assert.Equal(
                    (reach >= Reach.Own, reach >= Reach.Project, reach >= Reach.Everything, $"{endpoint.Name} {role}"),
                    (await IsThereAsync(client, endpoint, own), await IsThereAsync(client, endpoint, projects), await IsThereAsync(client, endpoint, foreign),
                        $"{endpoint.Name} {role}"));
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("gwt_abcdefghijkl_x")]
    [InlineData("gwt_")]
    public async Task Without_a_token_that_counts_nothing_is_told(string? token)
    {
        using var client = new HttpClient { BaseAddress = new Uri(_trial.Address) };
        if (token is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        using HttpResponseMessage answer = await client.GetAsync("/api/v1/transfers");
        await ApiTrial.ProblemAsync(answer, 401);
        Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
    }

    [Fact]
    public async Task A_token_counts_with_its_own_secret_until_it_expires_or_is_taken_back()
    {
        ITokens tokens = _trial.Ledger.Tokens;
        (string text, Token token) = Tokens.New("alice", "atlas", TokenRoles.Submitter, default, new Timestamp(100));
        (string other, _) = Tokens.New("eve", "atlas", TokenRoles.Submitter, default);
        await tokens.AddAsync(token, default);
        Assert.Matches("^gwt_[a-z]{12}_[A-Za-z0-9_-]{43}$", text);
        Assert.DoesNotContain(text[17..], token.ToString(), StringComparison.Ordinal);
        Assert.Equal(token, await Tokens.CheckAsync(tokens, text, new Timestamp(99), default));
        Assert.Null(await Tokens.CheckAsync(tokens, text, new Timestamp(100), default));
        Assert.Null(await Tokens.CheckAsync(tokens, text[..17] + other[17..], new Timestamp(1), default));
        Assert.Null(await Tokens.CheckAsync(tokens, other, new Timestamp(1), default));
        await tokens.RevokeAsync(token.Id, new Timestamp(2), default);
        Assert.Null(await Tokens.CheckAsync(tokens, text, new Timestamp(3), default));
    }

    [Fact]
    public async Task What_is_listed_is_what_the_token_reaches()
    {
        using HttpClient alice = await _trial.ClientAsync("alice", "atlas", TokenRoles.Submitter);
        using HttpClient carl = await _trial.ClientAsync("carl", "atlas", TokenRoles.Submitter);
        using HttpClient bob = await _trial.ClientAsync("bob", "cta", TokenRoles.Submitter);
        using HttpClient pete = await _trial.ClientAsync("pete", "atlas", TokenRoles.Project);
        foreach (HttpClient client in (HttpClient[])[alice, carl, bob])
        {
            await _trial.SubmittedAsync(client: client);
        }

        Assert.Equal((1, 2, 3), (await CountAsync(alice, ""), await CountAsync(pete, ""), await CountAsync(_trial.Client, "")));
        Assert.Equal((0, 0, 1), (await CountAsync(alice, "?owner=bob"), await CountAsync(pete, "?project=cta"), await CountAsync(_trial.Client, "?owner=bob")));
        await ApiTrial.ProblemAsync(
            await _trial.PostAsync("/api/v1/transfers", """{"source": "disk:a", "destination": "tape:b", "project": "cta"}""", client: alice), 422);
    }

    private async Task<int> CountAsync(HttpClient client, string query) =>
        (await _trial.GetAsync("/api/v1/transfers" + query, client: client)).GetProperty("items").GetArrayLength();

    private async Task<string> MadeAsync(bool isSchedule, HttpClient client) => isSchedule
        ? await _trial.ScheduledAsync($"s{Guid.NewGuid():N}", client)
        : await _trial.SubmittedAsync(client: client);

    private static async Task<bool> IsThereAsync(HttpClient client, ApiEndpoint endpoint, string id) =>
        await StatusAsync(client, endpoint, id) is not (StatusCodes.Status404NotFound or StatusCodes.Status403Forbidden);

    private static async Task<int> StatusAsync(HttpClient client, ApiEndpoint endpoint, string id)
    {
        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), endpoint.Path.Replace("{id}", id, StringComparison.Ordinal).Replace("{schedule}", id, StringComparison.Ordinal));
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)answer.StatusCode;
    }
}
