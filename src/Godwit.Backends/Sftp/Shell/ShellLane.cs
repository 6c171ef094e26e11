using Godwit.Storage;

namespace Godwit.Backends.Sftp.Shell;

/// <summary>Gathers what is asked while the shell is busy, and asks it all at once: the callers ask for one file each.</summary>
internal sealed class ShellLane(Func<Task<SftpShell>> open, TimeProvider time) : IAsyncDisposable
{
    // Slower than any disk that is worth waiting for.
    private const long SlowestRate = 10_000_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Queue<Request> _waiting = new();
    private SftpShell? _shell;
    private Task _work = Task.CompletedTask;
    private bool _works;
    private bool _disposed;
    private long? _restsSince;

    /// <summary>Takes over a shell that is open.</summary>
    public void Begin(SftpShell shell) => _shell = shell;

    /// <summary>The MD5 of a file; null where the shell cannot tell it, or there is none any more.</summary>
    /// <param name="place">Its whole path.</param>
    /// <param name="length">Its bytes, by which it is known when the shell takes too long.</param>
    /// <param name="ct">Cancels the call; the shell goes on.</param>
    public Task<Checksum?> AskAsync(byte[] place, long length, CancellationToken ct)
    {
        var request = new Request(place, length);
        lock (_gate)
        {
            if (_disposed || (_restsSince is { } since && time.GetElapsedTime(since) < s_rest))
            {
                return Task.FromResult<Checksum?>(null);
            }

            _waiting.Enqueue(request);
            if (!_works)
            {
                _works = true;
                _work = Task.Run(WorkAsync, CancellationToken.None);
            }
        }

        return request.Answer.Task.WaitAsync(ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _shell?.Dispose();
        await _work.ConfigureAwait(false);
        _shell?.Dispose();
    }

    private async Task WorkAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            Dictionary<byte[], Checksum> told = await ComputeAsync(batch).ConfigureAwait(false);
            foreach (Request request in batch)
            {
                request.Answer.TrySetResult(told.TryGetValue(request.Place, out Checksum sum) ? sum : null);
            }
        }
    }

    /// <summary>What waits, as much as one request may hold; none where nothing does, and then the next caller starts the work again.</summary>
    private List<Request> Take()
    {
        lock (_gate)
        {
            var batch = new List<Request>();
            int bytes = 0;
            while (batch.Count < ShellScript.MaxNames && _waiting.TryPeek(out Request? next) && bytes + next.Place.Length < ShellScript.MaxBytes)
            {
                batch.Add(_waiting.Dequeue());
                bytes += next.Place.Length + 1;
            }

            _works = batch.Count > 0;
            return batch;
        }
    }

    /// <summary>Asks the shell; one that broke off is opened once more, and then left alone for a while.</summary>
    private async Task<Dictionary<byte[], Checksum>> ComputeAsync(List<Request> batch)
    {
        for (int attempt = 1; attempt <= 2 && !_disposed; attempt++)
        {
            try
            {
                _shell ??= await open().ConfigureAwait(false);
                byte[][] places = [.. batch.Select(request => request.Place).Where(place => _shell.CanTell(place)).Distinct(BytesEqual.Comparer)];
                TimeSpan patience = s_patience + TimeSpan.FromSeconds((double)batch.Sum(request => request.Length) / SlowestRate);
                return places.Length == 0 ? [] : await _shell.ComputeAsync(places, patience).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
            {
                _shell?.Dispose();
                _shell = null;
            }
        }

        lock (_gate)
        {
            _restsSince = time.GetTimestamp();
        }

        return [];
    }

    private sealed record Request(byte[] Place, long Length)
    {
        public TaskCompletionSource<Checksum?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
