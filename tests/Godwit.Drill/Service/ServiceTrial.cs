using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Postgres;
using Godwit.Transfers.Record.Sql;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Drill.Service;

/// <summary>Hands transfers to a service that is killed at a step, starts it again, and says what is wrong with the outcome. The client is one who does not
/// know whether his request arrived: he sends it again, with the same key.</summary>
/// <param name="trees">The sources, by name.</param>
/// <param name="database">The address of the database with its ledger; null for one in its directory.</param>
internal sealed class ServiceTrial(IReadOnlyDictionary<string, string> trees, string? database = null) : IAsyncDisposable
{
    private static readonly TransferState[] s_everyState =
    [
        TransferState.Submitted, TransferState.Staging, TransferState.Staged, TransferState.Preparing, TransferState.Prepared, TransferState.Transferring, TransferState.Success,
    ];

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private const string Staged = "staged";

    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-service-");
    private readonly Dictionary<string, string> _ids = [];
    private readonly DrillStager _stager = new(FreePort());

    // Whoever calls back finds the next service where the first one was.
    private readonly string _listen = $"127.0.0.1:{FreePort()}";

    private string[] Arguments => ["--listen", _listen, "--config", Path.Combine(_room.FullName, "godwit.yaml"), .. database is null ? Array.Empty<string>() : ["--database", database]];

    private string Data => Path.Combine(_room.FullName, "data");

    /// <summary>Where a tree goes.</summary>
    public string ArchiveOf(string tree) => Path.Combine(_room.FullName, "archive", tree);

    /// <summary>Hands all over, kills the service where told, and has another one finish.</summary>
    /// <param name="kill">Where, as <see cref="Plug"/> takes it; null for nowhere.</param>
    /// <param name="steps">The file that gets the steps that were met; null for none.</param>
    /// <returns>What is wrong, null when everything is right; and whether the kill happened.</returns>
    public async Task<(string? Wrong, bool Killed)> RunAsync(string? kill, string? steps)
    {
        bool killed = false;
        await ConfigureAsync();
        await using (var first = ServiceProcess.Start(Data, kill, steps, Arguments))
        {
            using var patience = new CancellationTokenSource(s_patience);
            string? wrong = await DriveAsync(first, patience.Token);
            if (wrong is not null || !first.Ended.IsCompleted)
            {
                await first.StopAsync();
            }

            killed = first.Code == DrillProcess.Killed;
            if (!killed && (wrong is not null || first.Code != 0))
            {
                return ($"{kill}: the service ended with {first.Code}: {wrong}\n{first.Said}", false);
            }
        }

        if (killed)
        {
            await using var second = ServiceProcess.Start(Data, null, null, Arguments);
            using var patience = new CancellationTokenSource(s_patience);
            string? wrong = await DriveAsync(second, patience.Token);
            await second.StopAsync();
            if (wrong is not null || second.Code != 0)
            {
                return ($"{kill}: the second service ended with {second.Code}: {wrong}\n{second.Said}", true);
            }
        }

        return (await JudgeAsync() is { } bad ? $"{kill}: {bad}" : null, killed);
    }

    public async ValueTask DisposeAsync()
    {
        await _stager.DisposeAsync();
        _room.Delete(recursive: true);
    }

    private async Task ConfigureAsync()
    {
        string secret = Path.Combine(_room.FullName, "stager.secret");
        await File.WriteAllTextAsync(secret, "a line that both of them know\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        string asked = $"url: {_stager.Url}, secret: {{ file: {secret} }}";
        await File.WriteAllTextAsync(
            Path.Combine(_room.FullName, "godwit.yaml"), $"stagers:\n  tape: {{ {asked}, places: [\"/\"] }}\npreparers:\n  flag: {{ {asked} }}\n");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Hands over what is not handed over yet, and waits for the ends.</summary>
    /// <returns>What is wrong; null for nothing, and where the service was killed.</returns>
    private async Task<string?> DriveAsync(ServiceProcess service, CancellationToken ct)
    {
        if (await service.Address.WaitAsync(ct) is not { } address)
        {
            return null;
        }

        using var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(Data, "admin.token"), ct)).Trim());
        try
        {
            await GiveTokenAsync(http, ct);
            foreach ((string name, string tree) in trees)
            {
                await SubmitAsync(http, name, tree, ct);
            }

            await PostAsync(http, $"transfers/{_ids.First().Value}/pause", """{"message":"wait"}""", ct);
            await PostAsync(http, $"transfers/{_ids.First().Value}/resume", "{}", ct);
            await PostAsync(http, $"transfers/{_ids.Last().Value}/cancel", "{}", ct);
            return await WaitAsync(http, ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !ct.IsCancellationRequested)
        {
            // It is gone, or was just going.
            await service.Ended.WaitAsync(ct);
            return service.Code == DrillProcess.Killed ? null : e.ToString();
        }
    }

    /// <summary>What its stager calls back with.</summary>
    private async Task GiveTokenAsync(HttpClient http, CancellationToken ct)
    {
        if (_stager.Token is null)
        {
            using var content = new StringContent("""{"subject": "tape", "roles": ["stager"]}""", Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await http.PostAsync(new Uri("api/v1/tokens", UriKind.Relative), content, ct);
            _stager.Token = (await JsonOf(answer, ct)).GetProperty("token").GetString();
        }
    }

    private async Task SubmitAsync(HttpClient http, string name, string tree, CancellationToken ct)
    {
        var asked = new Dictionary<string, object> { ["destination"] = ArchiveOf(name) };
        if (name == Staged)
        {
            asked["stage"] = new Dictionary<string, string> { ["by"] = "tape", ["what"] = tree };
            asked["prepare"] = new Dictionary<string, string> { ["by"] = "flag" };
        }
        else
        {
            asked["source"] = tree;
        }

        string body = JsonSerializer.Serialize(asked);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/transfers") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", name);
        using HttpResponseMessage answer = await http.SendAsync(request, ct);
        string id = (await JsonOf(answer, ct)).GetProperty("id").GetString()!;
        if (_ids.TryGetValue(name, out string? before) && before != id)
        {
            throw new InvalidOperationException($"{name} was accepted twice, as {before} and as {id}");
        }

        _ids[name] = id;
    }

    private static async Task PostAsync(HttpClient http, string path, string body, CancellationToken ct)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(new Uri($"api/v1/{path}", UriKind.Relative), content, ct);
        if (answer.StatusCode != HttpStatusCode.Conflict)
        {
            await JsonOf(answer, ct);
        }
    }

    private async Task<string?> WaitAsync(HttpClient http, CancellationToken ct)
    {
        foreach ((string name, string id) in _ids)
        {
            string state;
            do
            {
                if (ct.IsCancellationRequested)
                {
                    return $"{name} is stuck";
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
                using HttpResponseMessage answer = await http.GetAsync(new Uri($"api/v1/transfers/{id}", UriKind.Relative), CancellationToken.None);
                state = (await JsonOf(answer, CancellationToken.None)).GetProperty("state").GetString()!;
            }
            while (TransferSteps.Find(state) is not { } known || !TransferSteps.IsEnd(known));
        }

        return await WaitForReleasesAsync(ct);
    }

    /// <summary>Whoever was asked hears that it is over.</summary>
    private async Task<string?> WaitForReleasesAsync(CancellationToken ct)
    {
        while (!_stager.Asked.Keys.All(_stager.Released.Contains))
        {
            if (ct.IsCancellationRequested)
            {
                return "what was made ready was never released";
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }

        return null;
    }

    private static async Task<JsonElement> JsonOf(HttpResponseMessage answer, CancellationToken ct)
    {
        string text = await answer.Content.ReadAsStringAsync(ct);
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {text}");
    }

    /// <summary>None is lost, none was carried out twice, none is stuck, and nothing half-done is left.</summary>
    private async Task<string?> JudgeAsync()
    {
        await using SqlLedger ledger = database is null
            ? await SqliteLedger.OpenAsync(Data, TimeProvider.System, default)
            : await PostgresLedger.OpenAsync(database, TimeProvider.System, default);
        foreach ((string name, string id) in _ids)
        {
            bool mayBeCancelled = id == _ids.Last().Value;
            Submission? found = await ledger.Submissions.FindAsync(id, default);
            if (found?.State != TransferState.Success && !(mayBeCancelled && found?.State == TransferState.Canceled))
            {
                return $"{name} ended as {found?.State}: {found?.Why}";
            }

            if (await JudgeRunsAsync(ledger, id) is { } twice)
            {
                return $"{name}: {twice}";
            }

            if (name == Staged && await JudgeStagesAsync(ledger, id) is { } stages)
            {
                return $"{name}: {stages}";
            }

            if (found.State == TransferState.Success && TreeDifference.Between(trees[name], ArchiveOf(name)) is { } different)
            {
                return $"{name}: {different}";
            }
        }

        IReadOnlyList<Submission> all = await ledger.Submissions.ListAsync(new SubmissionFilter(), null, 100, default);
        return all.Count == trees.Count ? null : $"{all.Count} transfers are there of {trees.Count}";
    }

    /// <summary>Each of both was asked under one id, and every state was entered once.</summary>
    private async Task<string?> JudgeStagesAsync(SqlLedger ledger, string id)
    {
        TransferState[] steps = [.. (await ledger.Submissions.ListStepsAsync(id, default)).Select(step => step.State)];
        return !_stager.Asked.Values.Order(StringComparer.Ordinal).SequenceEqual(["prepare.request", "stage.request"])
            ? $"they were asked for {string.Join(", ", _stager.Asked.Values)}"
            : steps.SequenceEqual(s_everyState) ? null : $"it entered {string.Join(", ", steps)}";
    }

    private static async Task<string?> JudgeRunsAsync(SqlLedger ledger, string id)
    {
        var delivered = new HashSet<Storage.StorePath>();
        foreach (SubmissionRun run in await ledger.Submissions.ListRunsAsync(id, default))
        {
            if (await ledger.FindTransfersAsync(run.RunId, default) is [])
            {
                continue;
            }

            foreach (Receipt receipt in await ledger.ListDeliveredAsync(run.RunId, null, int.MaxValue, default))
            {
                if (!delivered.Add(receipt.Intent.Destination))
                {
                    return $"\"{receipt.Intent.Destination}\" was delivered twice";
                }
            }
        }

        IReadOnlyList<SubmissionStep> steps = await ledger.Submissions.ListStepsAsync(id, default);
        return steps.Any(step => step.Round != 1) ? "it was tried in another round" : null;
    }
}
