using System.Collections.Concurrent;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Tests.Transfers;

/// <summary>Runs transfers between stores of a test, with a real ledger in a directory of its own.</summary>
internal sealed class FlowTrial : IAsyncDisposable, ITransferObserver
{
    private readonly string _state = Directory.CreateTempSubdirectory("godwit-flow-").FullName;
    private int _runs;

    public ConcurrentQueue<TransferEvent> Events { get; } = new();

    public ILedger Ledger { get; private set; } = null!;

    public TransferTally Tally { get; private set; } = new();

    public Func<string, bool> HolderIsGone { get; set; } = _ => true;

    public static async Task<FlowTrial> BeginAsync()
    {
        var trial = new FlowTrial();
        trial.Ledger = await SqliteLedger.OpenAsync(trial._state, TimeProvider.System, default);
        return trial;
    }

    public Task<TransferResult> RunAsync(IStore source, IStore destination, TransferPolicy? policy = null, CancellationToken ct = default) =>
        RunAsync(Request(source, destination, policy), ct);

    public async Task<TransferResult> RunAsync(TransferRequest request, CancellationToken ct = default)
    {
        Tally = new TransferTally();
        var holder = new RunHolder("trial-" + Interlocked.Increment(ref _runs), HolderIsGone, TimeSpan.FromSeconds(30));
        var flow = new TransferFlow(Ledger, holder, () => new MemoryStream(), this, TimeProvider.System);
        return await flow.RunAsync(request, Tally, ct);
    }

    public static TransferRequest Request(IStore source, IStore destination, TransferPolicy? policy = null) => new()
    {
        Id = TransferId.New(TimeProvider.System),
        Verb = "copy",
        Source = source,
        Destination = destination,
        Policy = policy ?? TransferPolicy.Default,
    };

    public IEnumerable<T> Heard<T>()
        where T : TransferEvent => Events.OfType<T>();

    public void On(TransferEvent happened) => Events.Enqueue(happened);

    public void OnBytes(StorePath path, long bytes)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        Directory.Delete(_state, recursive: true);
    }
}
