using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Godwit.Server;
using Godwit.Server.Access;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Schedules;
using Godwit.Server.Staging;
using Godwit.Server.Tls;
using Godwit.Storage;
using Godwit.Tests.Server.Staging;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Api;

/// <summary>The service's interface, listening, on a ledger of its own.</summary>
internal sealed class ApiTrial : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-api-").FullName;

    public List<string> Looked { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<LimitedPlace> Limited { get; } = [];

    public Dictionary<string, TransferTotals> Totals { get; } = [];

    public string? NotReady { get; set; }

    /// <summary>There is a stager called tape, and a preparer called flag that only cta may ask.</summary>
    public StagerBook Stagers { get; } = new();

    public People People { get; } = new();

    /// <summary>Every project of the tests may use everything, and so may none.</summary>
    public Projects Projects { get; } = new();

    public required SqliteLedger Ledger { get; set; }

    /// <summary>Not started: it fires for whoever asks.</summary>
    public required Timetable Timetable { get; set; }

    public required ServiceHost Host { get; set; }

    public ServiceMetrics Metrics { get; } = new("1.2.3", TimeProvider.System);

    /// <summary>An operator's.</summary>
    public required HttpClient Client { get; set; }

    public string Address => Host.Addresses[0];

    public static async Task<ApiTrial> StartAsync(TimeProvider? time = null, Func<ISubmissions, ISubmissions>? around = null, ServerTls? tls = null)
    {
        var trial = new ApiTrial { Ledger = null!, Timetable = null!, Host = null!, Client = null! };
        trial.Ledger = await SqliteLedger.OpenAsync(trial._directory, TimeProvider.System, default);
        UrlPattern[] all = [.. ((string[])["disk:", "tape:"]).Select(UrlPattern.Parse)];
        trial.Projects.Set([.. ((string[])["", "atlas", "cta"]).Select(name => new Project(name) { Sources = all, Destinations = all })]);
        var engine = new CheckingEngine();
        trial.Stagers.Use(
        [
            new StagerRule("tape", CallStage.Stage, new TestStager()) { Places = [UrlPattern.Parse("disk:staged/*")] },
            new StagerRule("flag", CallStage.Prepare, new TestStager()) { Projects = ["cta"] },
        ]);
        var options = new TimetableOptions { Look = trial.Looked.Add, Warn = trial.Warnings.Add, Stagers = trial.Stagers };
        trial.Timetable = new Timetable(trial.Ledger.Schedules, trial.Ledger.Submissions, engine, trial.Projects, options, time ?? TimeProvider.System);
        trial.Host = await ServiceHost.StartAsync(
            new ServiceParts
            {
                Ledger = trial.Ledger,
                Submissions = around is null ? trial.Ledger.Submissions : around(trial.Ledger.Submissions),
                Journal = trial.Ledger.Journal,
                Staging = new StagingParts
                {
                    Submissions = trial.Ledger.Submissions,
                    Calls = trial.Ledger.CallOuts,
                    Stagers = trial.Stagers,
                    CallbackOf = id => new Uri($"http://127.0.0.1/api/v1/callbacks/{id}"),
                    Warn = trial.Warnings.Add,
                    Time = time ?? TimeProvider.System,
                },
                Tokens = new LeavingTokens(trial.Ledger.Tokens, () => trial.TokensAreAway),
                Audit = trial.Ledger.Audit,
                Notices = trial.Ledger.Notices,
                NoticesGoTo = target => target != "nobody",
                LookAtNotices = () => trial.Looked.Add("notices"),
                People = trial.People,
                Projects = trial.Projects,
                Limits = new LimitBook(trial.Ledger.ServiceSettings, new LiveLimits(TimeProvider.System)) { Changed = trial.Limited.Add },
                Metrics = trial.Metrics,
                Schedules = trial.Ledger.Schedules,
                Timetable = trial.Timetable,
                Engine = engine,
                Look = trial.Looked.Add,
                TotalsOf = id => trial.Totals.GetValueOrDefault(id),
                NotReady = () => trial.NotReady,
                Warn = trial.Warnings.Add,
                Time = time ?? TimeProvider.System,
                Version = "1.2.3",
            },
            new IPEndPoint(IPAddress.Loopback, 0),
            tls,
            default);
        trial.Client = await trial.ClientAsync("olga", "", TokenRoles.Operator);
        return trial;
    }

    /// <summary>Whether the ledger does not say who may ask.</summary>
    public bool TokensAreAway { get; set; }

    /// <summary>Takes the file away under it.</summary>
    public void RemoveLedger() => Array.ForEach(Directory.GetFiles(_directory, "ledger.db*"), File.Delete);

    public async Task<HttpClient> ClientAsync(string subject, string project, TokenRoles roles)
    {
        (string text, Token token) = Tokens.New(subject, project, roles, default);
        await Ledger.Tokens.AddAsync(token, default);
        var client = new HttpClient { BaseAddress = new Uri(Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", text);
        return client;
    }

    /// <summary>Hands a transfer over and tells its id.</summary>
    public async Task<string> SubmittedAsync(string? body = null, HttpClient? client = null)
    {
        using HttpResponseMessage answer = await PostAsync("/api/v1/transfers", body ?? """{"source": "disk:a", "destination": "tape:b"}""", client: client);
        Assert.Equal(201, (int)answer.StatusCode);
        return (await JsonAsync(answer)).GetProperty("id").GetString()!;
    }

    /// <summary>Makes a schedule and tells its id.</summary>
    public async Task<string> ScheduledAsync(string name, HttpClient? client = null)
    {
        using HttpResponseMessage answer = await PostAsync(
            "/api/v1/schedules", $$"""{"name": "{{name}}", "cron": "0 2 * * *", "source": "disk:a", "destination": "tape:b"}""", client: client);
        Assert.Equal(201, (int)answer.StatusCode);
        return (await JsonAsync(answer)).GetProperty("id").GetString()!;
    }

    public async Task<HttpResponseMessage> PostAsync(
        string path, string body = "", string type = "application/json", string? key = null, HttpClient? client = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await (client ?? Client).SendAsync(request);
    }

    public async Task<JsonElement> GetAsync(string path, int status = 200, HttpClient? client = null)
    {
        using HttpResponseMessage answer = await (client ?? Client).GetAsync(path);
        Assert.Equal(status, (int)answer.StatusCode);
        return await JsonAsync(answer);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    /// <summary>A problem document of a status, whole.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer, int status)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        JsonElement problem = await JsonAsync(answer);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.All((string[])["type", "title", "instance"], name => Assert.NotEqual("", problem.GetProperty(name).GetString()));
        Assert.DoesNotContain("   at ", problem.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", problem.ToString(), StringComparison.Ordinal);
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.StopAsync(default);
        await Host.DisposeAsync();
        await Timetable.DisposeAsync();
        await Ledger.DisposeAsync();
        Metrics.Dispose();
        Directory.Delete(_directory, true);
    }

    /// <summary>Tokens in a ledger that may not answer.</summary>
    private sealed class LeavingTokens(ITokens tokens, Func<bool> areAway) : ITokens
    {
        public ValueTask AddAsync(Token token, CancellationToken ct) => tokens.AddAsync(token, ct);

        public ValueTask<Token?> FindAsync(string id, CancellationToken ct) => areAway() ? throw new LedgerException("away") : tokens.FindAsync(id, ct);

        public ValueTask<IReadOnlyList<Token>> ListAsync(string? after, int limit, CancellationToken ct) => tokens.ListAsync(after, limit, ct);

        public ValueTask<bool> RevokeAsync(string id, Timestamp when, CancellationToken ct) => tokens.RevokeAsync(id, when, ct);
    }

    /// <summary>Takes every order but those that name nothing, or an option that is not there.</summary>
    private sealed class CheckingEngine : IEngine
    {
        public ValueTask<CheckedOrder> CheckAsync(TransferOrder order, CancellationToken ct)
        {
            var faults = new List<OrderFault>();
            if (!order.IsSourceStaged && !order.Source.Contains(':', StringComparison.Ordinal))
            {
                faults.Add(new OrderFault("source", "It names no endpoint."));
            }

            faults.AddRange(order.Options.Keys.Where(name => name == "verfy").Select(_ => new OrderFault("options.verfy", "There is no such option.")));
            return ValueTask.FromResult(new CheckedOrder(order.IsSourceStaged ? OrderPlace.None : Place(order.Source), Place(order.Destination), faults));
        }

        private static OrderPlace Place(string text) => new(text, text.Split(':')[0], text);

        public Task<RunOutcome> RunAsync(RunOrder run, CancellationToken ct) => Task.FromResult(new RunOutcome(TransferOutcome.Success, null));
    }
}
