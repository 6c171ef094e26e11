using System.Security.Cryptography;
using System.Text;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Progress;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary>
/// Says in the box how a push or a pull goes, for whoever asks for <c>relay status</c> on the other side: while it runs, and how it ended. A run whose
/// word cannot be left goes on all the same.
/// </summary>
/// <param name="box">The box.</param>
/// <param name="isPull">Whether it takes out.</param>
/// <param name="state">The state directory of its ledger.</param>
/// <param name="wiring">What the command line is connected to.</param>
internal sealed class RelayRunNote(Address box, bool isPull, string state, Wiring wiring) : ITransferObserver, IAsyncDisposable
{
    /// <summary>Time between two words of a run that goes on.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1);
    private IStore? _store;
    private ITimer? _timer;
    private DropBoxRun? _run;
    private DropBoxRun? _before;
    private bool _hasAsked;
    private TransferMeter? _meter;

    /// <summary>Gets what measures the run.</summary>
    public void Measure(TransferMeter meter) => _meter = meter;

    /// <inheritdoc/>
    public void On(TransferEvent happened)
    {
        lock (_lock)
        {
            switch (happened)
            {
                case TransferStarted:
                    _run ??= Begun();
                    _timer ??= wiring.Time.CreateTimer(_ => SayNow(), null, TimeSpan.Zero, Every);
                    break;
                case FileDelivered delivered when _run is { } run:
                    _run = run with { Delivered = run.Delivered + 1, Bytes = run.Bytes + delivered.Receipt.Intent.Length, LastDelivery = Now };
                    break;
                case FileFailed failed when _run is { } run:
                    _run = run with { Failed = run.Failed + 1, Fault = run.Fault ?? FailedFile.From(failed).Message };
                    break;
                case TransferStopping stopping when _run is { } run:
                    _run = run with { Fault = run.Fault ?? stopping.Message };
                    break;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void OnBytes(StorePath path, long bytes)
    {
    }

    /// <summary>Says how it ended. A run that never began, because another one goes on, says nothing: it would hide that one.</summary>
    /// <param name="code">The exit code.</param>
    /// <param name="fault">What ended it before it began; null where it ended by itself.</param>
    public async Task EndAsync(ExitCode code, string? fault)
    {
        lock (_lock)
        {
            DropBoxRun? run = _run ?? (fault is null ? null : Begun());
            _run = run is null ? null : run with { Exit = (int)code, Fault = run.Fault ?? fault };
        }

        await SayAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_timer is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        await _writing.WaitAsync().ConfigureAwait(false);
        if (_store is { } store)
        {
            await store.DisposeAsync().ConfigureAwait(false);
        }

        _writing.Dispose();
    }

    private Timestamp Now => Timestamp.From(wiring.Time.GetUtcNow());

    private DropBoxRun Begun() => new(Environment.MachineName, isPull, LettersOf(state)) { Began = Now, At = Now };

    private static string LettersOf(string directory) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory)))[..8];

    private void SayNow() => _ = SayAsync();

    private async Task SayAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            using var patience = new CancellationTokenSource(s_patience, wiring.Time);
            var runs = new DropBoxRuns(_store ??= AddressedEntry.Tree(box, wiring));
            if (Told() is { } run)
            {
                _before = _hasAsked ? _before : await runs.BeforeAsync(run, patience.Token).ConfigureAwait(false);
                _hasAsked = true;
                await runs.WriteAsync(Told() ?? run, patience.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is StoreException or CommandException or OperationCanceledException)
        {
            // What the box could not take of files was told already, and this is nothing that anybody needs.
        }
        finally
        {
            _writing.Release();
        }
    }

    private DropBoxRun? Told()
    {
        lock (_lock)
        {
            if (_run is not { } run)
            {
                return null;
            }

            Timestamp now = Now;
            double seconds = (now.Nanoseconds - run.Began.Nanoseconds) / 1e9;
            run = run with { At = now, LastDelivery = run.LastDelivery ?? _before?.LastDelivery };
            return run.Exit is null && _meter?.Look() is { DoneBytes: > 0 } standing
                ? run with { Bytes = standing.DoneBytes, Rate = standing.Rate, Left = standing.Left?.TotalSeconds }
                : run with { Rate = run.Delivered > 0 && seconds > 0 ? run.Bytes / seconds : _before?.Rate };
        }
    }
}
