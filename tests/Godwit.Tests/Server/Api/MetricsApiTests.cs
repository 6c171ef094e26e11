using System.Net.Http.Headers;
using Godwit.Server.Access;
using Godwit.Storage;
using Godwit.Tests.Server.Metrics;
using Godwit.Transfers.Record.Access;

namespace Godwit.Tests.Server.Api;

public sealed class MetricsApiTests : IAsyncLifetime
{
    private ApiTrial _trial = null!;

    public async Task InitializeAsync() => _trial = await ApiTrial.StartAsync();

    public async Task DisposeAsync() => await _trial.DisposeAsync();

    [Fact]
    public async Task Requests_are_counted_by_endpoint_and_status()
    {
        await _trial.SubmittedAsync();
        await _trial.GetAsync("/api/v1/transfers/none", 404);
        await _trial.GetAsync("/api/v1/nowhere", 404);
        using var nobody = new HttpClient { BaseAddress = new Uri(_trial.Address) };
        await _trial.GetAsync("/api/v1/transfers", 401, nobody);
        using HttpResponseMessage answer = await _trial.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Scrape scrape = new(await answer.Content.ReadAsStringAsync());
        Assert.Equal(
            (1, 1, 1, 1),
            (Requests("create_transfer", 201), Requests("read_transfer", 404), Requests("none", 404), Requests("list_transfers", 401)));
        Assert.Equal(1, scrape["godwit_api_request_duration_seconds_count{endpoint=\"create_transfer\"}"]);

        double? Requests(string endpoint, int code) => scrape[$"godwit_api_requests_total{{endpoint=\"{endpoint}\",code=\"{code}\"}}"];
    }

    [Fact]
    public async Task A_stream_of_events_counts_as_a_request_and_not_as_a_slow_one()
    {
        string id = await _trial.SubmittedAsync();
        using (await _trial.Client.GetAsync($"/api/v1/transfers/{id}/events", HttpCompletionOption.ResponseHeadersRead))
        {
        }

        Scrape scrape = await ScrapeAsync();
        while (scrape["godwit_api_requests_total{endpoint=\"follow_transfer\",code=\"200\"}"] is null)
        {
            scrape = await ScrapeAsync();
        }

        Assert.Null(scrape["godwit_api_request_duration_seconds_count{endpoint=\"follow_transfer\"}"]);
    }

    [Fact]
    public async Task Whether_the_ledger_answers_is_told_also_when_it_does_not()
    {
        Scrape scrape = await ScrapeAsync();
        Assert.Equal((1, 1, 0), (scrape["godwit_ledger_up"], scrape["godwit_ready"], scrape["rclone_fatal_error"]));
        using HttpClient later = await _trial.ClientAsync("late", "", TokenRoles.Operator);
        _trial.RemoveLedger();
        _trial.TokensAreAway = true;
        scrape = await ScrapeAsync();
        Assert.Equal((0, 0, 1), (scrape["godwit_ledger_up"], scrape["godwit_ready"], scrape["rclone_fatal_error"]));

        // Who never read them can show nothing that could be checked, and whoever could reads nothing else.
        await ApiTrial.ProblemAsync(await later.GetAsync("/metrics"), 503);
        await ApiTrial.ProblemAsync(await _trial.Client.GetAsync("/api/v1/limits"), 503);
    }

    [Fact]
    public async Task A_service_that_takes_nothing_is_not_ready()
    {
        _trial.NotReady = "it drains";
        Scrape scrape = await ScrapeAsync();
        Assert.Equal((1, 0), (scrape["godwit_ledger_up"], scrape["godwit_ready"]));
    }

    [Fact]
    public async Task A_token_that_was_taken_back_or_has_expired_reads_nothing()
    {
        (string text, Token token) = Tokens.New("mona", "", TokenRoles.Operator, default);
        await _trial.Ledger.Tokens.AddAsync(token, default);
        using var mona = new HttpClient { BaseAddress = new Uri(_trial.Address) };
        mona.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", text);
        Assert.Equal(200, (int)(await mona.GetAsync("/metrics")).StatusCode);
        await _trial.Ledger.Tokens.RevokeAsync(token.Id, new Timestamp(1), default);
        await ApiTrial.ProblemAsync(await mona.GetAsync("/metrics"), 401);

        // What counted once does not count again because the ledger is away.
        _trial.TokensAreAway = true;
        await ApiTrial.ProblemAsync(await mona.GetAsync("/metrics"), 503);
    }

    private async Task<Scrape> ScrapeAsync() => new(await _trial.Client.GetStringAsync("/metrics"));
}
