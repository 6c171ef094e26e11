using Godwit.Server.Access;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Metrics;
using Godwit.Server.Runs;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Tests.Server.Runs;
using Godwit.Transfers;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Staging;

/// <summary>A dispatcher on a ledger of its own, with a stager called tape and a preparer called flag. Its clock moves when a test says so.</summary>
internal sealed class StagingTrial : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-staging-").FullName;

    public FakeTime Time { get; } = new();

    public TestEngine Engine { get; } = new();

    public TestStager Tape { get; } = new();

    public TestStager Flag { get; } = new();

    public StagerBook Stagers { get; } = new();

    public LiveLimits Limits { get; }

    public ServiceMetrics Metrics { get; }

    public List<string> Warnings { get; } = [];

    public int Released { get; private set; }

    public TimeSpan? WaitLimit { get; init; }

    public TimeSpan? TransferLimit { get; init; }

    public SqliteLedger Ledger { get; private set; } = null!;

    public Dispatcher Dispatcher { get; private set; } = null!;

    public ISubmissions Submissions => Ledger.Submissions;

    public StagingTrial()
    {
        Limits = new LiveLimits(Time);
        Metrics = new ServiceMetrics("1", Time);
        Use();
    }

    /// <summary>What call-outs stand on where nobody is to be asked.</summary>
    public static StagingParts NobodyOn(SqliteLedger ledger, TimeProvider time) => new()
    {
        Submissions = ledger.Submissions,
        Calls = ledger.CallOuts,
        Stagers = new StagerBook(),
        CallbackOf = _ => throw new InvalidOperationException("Nobody is to be asked."),
        Warn = _ => { },
        Time = time,
    };

    public StagingParts Parts => new()
    {
        Submissions = Submissions,
        Calls = Ledger.CallOuts,
        Stagers = Stagers,
        CallbackOf = id => new Uri($"https://service.example/api/v1/callbacks/{id}"),
        Metrics = Metrics,
        Warn = Warnings.Add,
        Time = Time,
    };

    /// <summary>Says what there is of stagers and preparers.</summary>
    public void Use(int atOnce = 4, TimeSpan? limit = null) => Stagers.Use(
    [
        new StagerRule("tape", CallStage.Stage, Tape) { Places = [UrlPattern.Parse("disk:staged")], AtOnce = atOnce, Limit = limit ?? TimeSpan.FromHours(24) },
        new StagerRule("flag", CallStage.Prepare, Flag) { AtOnce = atOnce, Limit = limit ?? TimeSpan.FromHours(24) },
    ]);

    public async Task<StagingTrial> StartAsync()
    {
        Ledger ??= await SqliteLedger.OpenAsync(_directory, Time, default);
        var options = new DispatchOptions
        {
            Warn = Warnings.Add,
            Staging = Parts,
            Released = () => Released++,
            Metrics = Metrics,
            WaitLimit = WaitLimit,
            TransferLimit = TransferLimit,
        };
        Dispatcher = new Dispatcher(Ledger, Submissions, Engine, Limits, options, Time);
        await Dispatcher.StartAsync(default);
        return this;
    }

    /// <summary>Stops it, and starts another one on the same ledger.</summary>
    public async Task RestartAsync()
    {
        await Dispatcher.DisposeAsync();
        await StartAsync();
    }

    public async Task SubmitAsync(string id, string? stager = "tape", string? preparer = null, string? source = null, int priority = 3)
    {
        var order = new TransferOrder("copy", source ?? $"from:{id}", $"to:{id}")
        {
            Endpoints = ("from", "to"),
            Stage = stager is null ? null : new CallOrder(stager, $"product {id}"),
            Prepare = preparer is null ? null : new CallOrder(preparer, "rfi"),
        };
        var submission = new Submission(id, "alice", "atlas", "copy", order.Source, order.Destination, order.ToDetails(), Now) { RequestKey = id, Priority = priority };
        Assert.Null(await Submissions.ReceiveAsync(submission, default));
        await Submissions.SubmitAsync(id, "hash", Now, default);
        Dispatcher.Look(id);
    }

    /// <summary>Answers the newest call-out of a transfer.</summary>
    public async Task<AnswerTaken> AnswerAsync(string id, bool isSuccess = true, string message = "", string? source = null, string? endpoint = null)
    {
        CallOut call = (await CallsAsync(id))[^1];
        var answer = new CallAnswer(Now, isSuccess, message) { Source = source, Endpoint = endpoint };
        AnswerTaken taken = await Ledger.CallOuts.AnswerAsync(call.What.Id, call.CodeHash ?? "", answer, default);
        Dispatcher.Look(id);
        return taken;
    }

    public async Task CancelAsync(string id)
    {
        await Submissions.AskCancelAsync(id, Now, default);
        Dispatcher.Look(id);
    }

    public async Task PauseAsync(string id, bool isPaused)
    {
        await Submissions.PauseAsync(id, isPaused ? new SubmissionPause(Now, "bob", "") : null, default);
        Dispatcher.Look(id);
    }

    public async Task<IReadOnlyList<CallOut>> CallsAsync(string id) => await Ledger.CallOuts.ListAsync(id, default);

    public async Task<IEnumerable<TransferState>> StepsAsync(string id) => (await Submissions.ListStepsAsync(id, default)).Select(step => step.State);

    public async Task<Submission> UntilAsync(string id, TransferState state)
    {
        await UntilAsync(async () => (await Submissions.FindAsync(id, default))?.State == state);
        return (await Submissions.FindAsync(id, default))!;
    }

    /// <summary>Waits until somebody has acknowledged the newest call-out of a transfer.</summary>
    public Task AcknowledgedAsync(string id) => UntilAsync(async () => await CallsAsync(id) is [.., { Acknowledged: not null, Answer: null }]);

    /// <summary>A test that waits for what never comes says so, instead of standing still.</summary>
    public async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await isTrue())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"it does not come: {Dispatcher.Fault} {string.Join(' ', Warnings)}");
            await Task.Yield();
        }
    }

    public Task UntilAsync(Func<bool> isTrue) => UntilAsync(() => Task.FromResult(isTrue()));

    /// <summary>Waits until all that was said to the dispatcher was taken in.</summary>
    public async Task SettleAsync()
    {
        for (int i = 0; i < 3; i++)
        {
            var alive = new TaskCompletionSource();
            Dispatcher.WhenAlive(alive.SetResult);
            await alive.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Dispatcher.DisposeAsync();
        await Ledger.DisposeAsync();
        Metrics.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Timestamp Now => Timestamp.From(Time.GetUtcNow());
}
