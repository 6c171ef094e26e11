using System.Runtime.CompilerServices;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>
/// The worker process of one credential and one server: started when somebody needs it, again after it was lost, and anew when the credential's file is
/// another one. The stores of one server share it. Lanes are kept, because their sessions are: a login costs a quarter of a second.
/// </summary>
public sealed class GfalWorkers : IAsyncDisposable
{
    private const int MostIdle = 24;

    private readonly List<GfalLane> _idle = [];
    private readonly List<GfalProcess> _retired = [];
    private readonly List<Task> _ending = [];
    private readonly Lock _lock = new();
    private Task<GfalProcess>? _process;
    private GfalProcess? _running;
    private string? _stamp;
    private bool _isDisposed;

    /// <param name="options">Whom to ask, and as whom.</param>
    /// <param name="time">The clock.</param>
    public GfalWorkers(GfalOptions options, TimeProvider time) => (Options, Time) = (options, time);

    /// <summary>Whom to ask, and as whom.</summary>
    public GfalOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>The number of the process that is used now; null where none runs.</summary>
    internal int? ProcessId
    {
        get
        {
            lock (_lock)
            {
                return _running is { IsLost: false } running ? running.Id : null;
            }
        }
    }

    /// <summary>The version of libgfal2 on this machine. A worker is started for it, whatever the credential is, and ended.</summary>
    /// <exception cref="StoreException">It does not start, or libgfal2 is not there.</exception>
    public async Task<string> LibraryVersionAsync(CancellationToken ct)
    {
        GfalProcess process = await GfalProcess.StartAsync(Options with { Credential = null }, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ending = process.ConfigureAwait(false);
        return process.Version;
    }

    /// <summary>A lane for the caller alone, until he gives it back.</summary>
    internal async Task<GfalLane> RentAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        GfalProcess process = await CurrentAsync().WaitAsync(ct).ConfigureAwait(false);
        lock (_lock)
        {
            _idle.RemoveAll(lane => lane.Process.IsLost);
            int at = _idle.FindLastIndex(lane => lane.Process == process);
            if (at >= 0)
            {
                GfalLane lane = _idle[at];
                _idle.RemoveAt(at);
                return lane;
            }
        }

        return new GfalLane(this, process, process.OpenLane());
    }

    /// <summary>Takes a lane back.</summary>
    internal Task ReturnAsync(GfalLane lane)
    {
        lock (_lock)
        {
            if (!lane.IsGood || _isDisposed || _retired.Contains(lane.Process))
            {
                return EndLater(lane);
            }

            _idle.Add(lane);
            if (_idle.Count > MostIdle)
            {
                _ = EndLater(_idle[0]);
                _idle.RemoveAt(0);
            }

            return Task.CompletedTask;
        }
    }

    /// <summary>Ends the process. What is under way fails.</summary>
    public async ValueTask DisposeAsync()
    {
        GfalProcess[] processes;
        Task[] ending;
        lock (_lock)
        {
            _isDisposed = true;
            ending = [.. _ending];
            processes = _running is null ? [.. _retired] : [.. _retired, _running];
            _running = null;
        }

        await Task.WhenAll(ending).ConfigureAwait(false);
        foreach (GfalProcess process in processes)
        {
            await process.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task EndLater(GfalLane lane)
    {
        _ending.RemoveAll(task => task.IsCompleted);
        Task ending = lane.EndAsync(Options.CancelPatience, Time);
        _ending.Add(ending);
        return ending;
    }

    /// <summary>The process, started where none runs that can be used.</summary>
    private Task<GfalProcess> CurrentAsync()
    {
        string? stamp = Options.Credential?.Stamp();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_process is { IsCompleted: false } || (_running is { IsLost: false } && stamp == _stamp))
            {
                return _process!;
            }

            if (_running is not null)
            {
                // Lost; or what is under way ends there, and the next call is made with the renewed credential.
                _retired.Add(_running);
                _running = null;
            }

            _stamp = stamp;
            return _process = StartAsync();
        }
    }

    private async Task<GfalProcess> StartAsync()
    {
        await Task.Yield();
        Options.Credential?.RequireValid(Time);
        GfalProcess started = await GfalProcess.StartAsync(Options, CancellationToken.None).ConfigureAwait(false);
        lock (_lock)
        {
            _running = started;
        }

        return started;
    }
}
