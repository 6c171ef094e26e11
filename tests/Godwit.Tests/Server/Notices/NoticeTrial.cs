using System.Collections.Concurrent;
using Godwit.Server.Notices;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Notices;

/// <summary>Notices of a ledger, told to receivers of the test's own.</summary>
internal sealed class NoticeTrial : IAsyncDisposable
{
    public const string Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-notices-").FullName;
    private readonly HttpClient _http = WebhookTarget.MakeClient();
    private int _ended;

    public required WebhookReceiver Receiver { get; init; }

    public SqliteLedger Ledger { get; private set; } = null!;

    public NoticeLoop? Loop { get; private set; }

    public ConcurrentQueue<string> Warnings { get; } = [];

    public IReadOnlyList<TimeSpan> Waits { get; set; } = [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)];

    public static async Task<NoticeTrial> MakeAsync()
    {
        var trial = new NoticeTrial { Receiver = await WebhookReceiver.StartAsync() };
        trial.Ledger = await SqliteLedger.OpenAsync(trial._directory, TimeProvider.System, default);
        return trial;
    }

    public WebhookTarget Hook(string path = "/") => new(_http, Receiver.At(path), Secret, "1.2.3", TimeProvider.System);

    public async Task StartAsync(params IReadOnlyList<NoticeRule> rules)
    {
        Loop = new NoticeLoop(new NoticeParts
        {
            Notices = Ledger.Notices,
            Journal = Ledger.Journal,
            Submissions = Ledger.Submissions,
            Ledger = Ledger,
            Schedule = new NoticeSchedule(new Random(1)) { Waits = Waits },
            Warn = Warnings.Enqueue,
            Time = TimeProvider.System,
        });
        await Loop.StartAsync(rules, default);
    }

    public async Task StopAsync()
    {
        if (Loop is { } running)
        {
            Loop = null;
            await running.DisposeAsync();
        }
    }

    /// <summary>A transfer that ends.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> EndAsync(TransferState state = TransferState.Success, string project = "atlas", string? why = null)
    {
        string id = $"t{++_ended}";
        var now = new Timestamp(_ended * 1_000_000_000L);
        await Ledger.Submissions.ReceiveAsync(new Submission(id, "alice", project, "copy", "disk:a\nb", "tape:ä", "", now), default);
        await Ledger.Submissions.SubmitAsync(id, "hash", now, default);
        Assert.True(await Ledger.Submissions.StepAsync(id, TransferState.Submitted, TransferState.Transferring, null, now, default));
        Assert.True(await Ledger.Submissions.StepAsync(id, TransferState.Transferring, state, why, now, default));
        return id;
    }

    /// <summary>Waits until the only notice of a status is there.</summary>
    public async Task<Notice> OneAsync(NoticeStatus status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (await Ledger.Notices.ListAsync(status, null, 2, patience.Token) is [{ } one])
            {
                return one;
            }

            await Task.Yield();
        }
    }

    /// <summary>Waits until it was warned of something.</summary>
    public async Task WarnedAsync(string of)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!Warnings.Any(warning => warning.Contains(of, StringComparison.Ordinal)))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Receiver.DisposeAsync();
        await Ledger.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_directory, true);
    }
}
