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

    // Every process that is not ended yet, with its lanes that somebody has. Only one of them takes new calls.
    private readonly Dictionary<GfalProcess, int> _rented = [];
    private readonly List<Task> _ending = [];
    private readonly Lock _lock = new();
    private Task<GfalProcess>? _starting;
    private GfalProcess? _running;
    private string? _stamp;
    private bool _isDisposed;

    /// <param name="options">Whom to ask, and as whom.</param>
    /// <param name="time">The clock.</param>
    public GfalWorkers(GfalOptions options, TimeProvider time) => (Options, Time) = (options, time);

    /// <summary>Whom to ask, and as whom.</summary>
    public GfalOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>How many processes were started so far.</summary>
    internal int Started { get; private set; }

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

    /// <summary>Starts the worker, because it will be needed soon, while the caller does something else. Why it does not start is told to whoever needs it.</summary>
    public void Begin() => CurrentAsync().ContinueWith(
        started => started.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>The version of libgfal2 on this machine. A worker is started for it, whatever the credential is, and ended.</summary>
    /// <exception cref="StoreException">It does not start, or libgfal2 is not there.</exception>
    public async Task<string> LibraryVersionAsync(CancellationToken ct)
    {
        GfalProcess process = await GfalProcess.StartAsync(Options with { Credential = null }, Time, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ending = process.ConfigureAwait(false);
        return process.Version;
    }

    /// <summary>A lane for the caller alone, until he gives it back.</summary>
    internal async Task<GfalLane> RentAsync(CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            GfalProcess process = await CurrentAsync().WaitAsync(ct).ConfigureAwait(false);
            lock (_lock)
            {
                if (process == _running && !process.IsLost)
                {
                    _rented[process]++;
                    int last = _idle.Count - 1;
                    if (last < 0)
                    {
                        return new GfalLane(this, process, process.OpenLane());
                    }

                    GfalLane lane = _idle[last];
                    _idle.RemoveAt(last);
                    return lane;
                }
            }
        }
    }

    /// <summary>Takes a lane back.</summary>
    /// <returns>Done at once, or, where something was given up, when nothing of it can happen any more.</returns>
    internal Task ReturnAsync(GfalLane lane)
    {
        lock (_lock)
        {
            // A body may be closed after all else has ended.
            if (!_rented.TryGetValue(lane.Process, out int rented))
            {
                return Task.CompletedTask;
            }

            _rented[lane.Process] = rented - 1;
            Task ended = Task.CompletedTask;
            if (lane.IsGood && !_isDisposed && lane.Process == _running)
            {
                _idle.Add(lane);
                if (_idle.Count > MostIdle)
                {
                    _ = EndLater(_idle[0]);
                    _idle.RemoveAt(0);
                }
            }
            else
            {
                ended = EndLater(lane);
            }

            EndWithLastLane(lane.Process);
            return ended;
        }
    }

    /// <summary>No new call goes there; it ends with the last lane that somebody has.</summary>
    internal void Retire(GfalProcess process)
    {
        lock (_lock)
        {
            if (process == _running)
            {
                _running = null;
                _idle.Clear();
            }

            EndWithLastLane(process);
        }
    }

    /// <summary>Ends the processes. What is under way fails.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<GfalProcess>? starting;
        lock (_lock)
        {
            _isDisposed = true;
            starting = _starting;
        }

        await ((Task?)starting ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task[] ending;
        lock (_lock)
        {
            _running = null;
            ending = [.. _ending, .. _rented.Keys.Select(process => process.DisposeAsync().AsTask())];
            _rented.Clear();
        }

        await Task.WhenAll(ending).ConfigureAwait(false);
    }

    private Task EndLater(GfalLane lane)
    {
        _ending.RemoveAll(task => task.IsCompleted);
        Task ending = lane.EndAsync(Options.CancelPatience, Time);
        _ending.Add(ending);
        return ending;
    }

    private void EndWithLastLane(GfalProcess process)
    {
        if (process != _running && _rented.TryGetValue(process, out int rented) && rented == 0)
        {
            _rented.Remove(process);
            _ending.Add(process.DisposeAsync().AsTask());
        }
    }

    /// <summary>The process, started where none runs that can be used.</summary>
    private Task<GfalProcess> CurrentAsync()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_starting is { IsCompleted: false })
            {
                return _starting;
            }

            string? stamp = Options.Credential?.Stamp();
            if (_running is { IsLost: false } && (stamp == _stamp || Unusable() is not null))
            {
                return _starting!;
            }

            if (_running is { } old)
            {
                // Lost; or what is under way ends there, and the next call is made with the renewed credential.
                Retire(old);
            }

            _stamp = stamp;
            return _starting = StartAsync();
        }
    }

    /// <summary>What is wrong with the credential; null when nothing is. Whoever renews it may be in the middle of that, and the old one is good
    /// meanwhile.</summary>
    internal StoreException? Unusable()
    {
        try
        {
            Options.Credential?.RequireValid(Time);
            return null;
        }
        catch (StoreException why)
        {
            return why;
        }
    }

    private async Task<GfalProcess> StartAsync()
    {
        await Task.Yield();
        Options.Credential?.RequireValid(Time);
        GfalProcess started = await GfalProcess.StartAsync(Options, Time, CancellationToken.None).ConfigureAwait(false);
        lock (_lock)
        {
            (_running, _rented[started]) = (started, 0);
            Started++;
        }

        return started;
    }
}
