using Godwit.Backends.Sftp.Shell;
using Godwit.Backends.Sftp.Ssh;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>
/// The connections to one server, which its stores share. They are opened one at a time, as there is work for them, and not again for a
/// while after the server turned one away. One that has broken off is replaced by the next call.
/// </summary>
public sealed class SftpConnections : IAsyncDisposable
{
    /// <summary>Requests under way on each connection from which on another one is worth its login.</summary>
    private const int BusyRequests = 16;

    /// <summary>Bodies from this size on wait for a connection of their own.</summary>
    internal const long LargeBytes = 1L << 20;

    private const int Tries = 6;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(30);

    /// <summary>A login that takes longer is not waited for where there is another connection: on a long line one takes a second or two, and
    /// a server that lets people in slowly must not hold up those that are in.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly SftpOptions _options;
    private readonly Lazy<Task<SftpOptions>> _reach;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Random _jitter = new(Environment.ProcessId);
    private readonly CancellationTokenSource _closing = new();
    private readonly List<SftpSession> _sessions = [];
    private Task<SftpSession>? _opening;
    private long _openingSince;
    private long? _restsSince;
    private bool _disposed;

    /// <summary>Connections to a server; none is opened yet.</summary>
    /// <param name="options">How it is reached.</param>
    /// <param name="time">The clock.</param>
    public SftpConnections(SftpOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _reach = new(async () => options with { Ciphers = await SshCiphers.PreferredAsync(options, time).ConfigureAwait(false) });
        Checksums = new ServerChecksums(this, time);
    }

    /// <summary>How the server is reached.</summary>
    public SftpOptions Options => _options;

    /// <summary>The checksums that the server computes.</summary>
    internal ServerChecksums Checksums { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time => _time;

    /// <summary>Connections that are open now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count(session => !session.IsLost);
            }
        }
    }

    /// <summary>The connection with the least to do; opens the first, and further ones beside it.</summary>
    /// <exception cref="StoreException">There is none and none can be opened.</exception>
    internal ValueTask<SftpSession> GetAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return Least() is { } least
                ? ValueTask.FromResult(least)
                : new ValueTask<SftpSession>((_opening ?? Begin(Tries)).WaitAsync(ct));
        }
    }

    /// <summary>
    /// The connection for a body of some bytes, which is counted on it: the caller counts it off. A large body waits for a connection of its
    /// own for a while, as long as more can be had; on a long line that is worth more than a login takes.
    /// </summary>
    internal async ValueTask<SftpSession> GetForBodyAsync(long bytes, CancellationToken ct)
    {
        while (true)
        {
            await GetAsync(ct).ConfigureAwait(false);
            TimeSpan left;
            Task opening;
            lock (_gate)
            {
                SftpSession? least = Least();
                left = s_patience - _time.GetElapsedTime(_openingSince);
                if (least is not null && (bytes < LargeBytes || least.Streams == 0 || _opening is null || left <= TimeSpan.Zero))
                {
                    least.CountStream(1);
                    return least;
                }

                opening = _opening ?? Task.CompletedTask;
            }

            await opening.WaitAsync(left > TimeSpan.Zero ? left : s_patience, _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task? opening;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            opening = _opening;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await Checksums.DisposeAsync().ConfigureAwait(false);
        if (opening is not null)
        {
            await opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        SftpSession[] all;
        lock (_gate)
        {
            all = [.. _sessions];
            _sessions.Clear();
        }

        await Parallel.ForEachAsync(all, (session, _) =>
        {
            session.Dispose();
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        _closing.Dispose();
    }

    /// <summary>The connection with the least to do; begins to open another one where all have enough.</summary>
    private SftpSession? Least()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        DropLost();
        SftpSession? least = _sessions.MinBy(session => (session.Streams, session.UnderWay));
        if (least is not null && IsWorthAnother(least))
        {
            Begin(tries: 1);
        }

        return least;
    }

    private void DropLost()
    {
        foreach (SftpSession lost in _sessions.Where(session => session.IsLost).ToList())
        {
            _sessions.Remove(lost);
            _ = Task.Run(lost.Dispose);
        }
    }

    private bool IsWorthAnother(SftpSession least) => _opening is null && _sessions.Count < _options.Connections
        && (least.Streams > 0 || least.UnderWay >= BusyRequests)
        && (_restsSince is not { } since || _time.GetElapsedTime(since) > s_rest);

    private Task<SftpSession> Begin(int tries)
    {
        _openingSince = _time.GetTimestamp();
        return _opening = OpenAsync(tries);
    }

    private async Task<SftpSession> OpenAsync(int tries)
    {
        // Not within the lock of whoever asked.
        await Task.Yield();
        try
        {
            SftpSession session = await TryAsync(tries).ConfigureAwait(false);
            lock (_gate)
            {
                _opening = null;
                if (!_disposed)
                {
                    _sessions.Add(session);
                    return session;
                }
            }

            session.Dispose();
            throw Closed();
        }
        catch
        {
            lock (_gate)
            {
                _opening = null;
                _restsSince = _time.GetTimestamp();
            }

            throw;
        }
    }

    /// <summary>Connects; where the server turns the connection away it is asked again, later each time.</summary>
    private async Task<SftpSession> TryAsync(int tries)
    {
        try
        {
            SftpOptions reach = await _reach.Value.ConfigureAwait(false);
            for (int attempt = 1; ; attempt++)
            {
                try
                {
                    return await SftpSession.ConnectAsync(reach, _time, _closing.Token).ConfigureAwait(false);
                }
                catch (StoreException e) when (attempt < tries && e.Kind == StoreErrorKind.RateLimited)
                {
                    await Task.Delay(PauseAfter(attempt), _time, _closing.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw Closed();
        }
    }

    private StoreException Closed() => new(StoreErrorKind.Interrupted, $"The store of {_options.Server} was closed.");

    private TimeSpan PauseAfter(int attempt)
    {
        lock (_gate)
        {
            return s_firstPause * Math.Pow(2, attempt - 1) * (0.5 + _jitter.NextDouble());
        }
    }
}
