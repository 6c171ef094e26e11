using Godwit.Storage;

namespace Godwit.Backends.Sftp.Shell;

/// <summary>The checksums that a server's shell computes, for all stores of one server.</summary>
internal sealed class ServerChecksums : IAsyncDisposable
{
    /// <summary>Files from this size on are computed in a shell of their own: the small ones do not wait for them.</summary>
    private const long LargeBytes = 16L << 20;

    private readonly ShellLane _small;
    private readonly ShellLane _large;
    private readonly OneByOne _finding = new();
    private bool _isKnown;

    public ServerChecksums(SftpConnections connections, TimeProvider time)
    {
        _small = new ShellLane(OpenAsync, time);
        _large = new ShellLane(OpenAsync, time);

        async Task<SftpShell> OpenAsync() => await SftpShell.OpenAsync(
            connections.Options, await connections.GetAsync(CancellationToken.None).ConfigureAwait(false), time).ConfigureAwait(false);
    }

    /// <summary>Why there are none, to be read by people; null where there are, and before that is known.</summary>
    public string? Missing { get; private set; }

    /// <summary>Whether there are any: the first call finds out.</summary>
    public Task<bool> AreThereAsync(Func<Task<SftpShell>> open, CancellationToken ct) => _finding.RunAsync(
        async () =>
        {
            if (!_isKnown)
            {
                try
                {
                    _small.Begin(await open().ConfigureAwait(false));
                }
                catch (StoreException e)
                {
                    Missing = e.Message;
                }

                _isKnown = true;
            }

            return Missing is null;
        },
        ct);

    /// <summary>The MD5 of a file; see <see cref="ShellLane.AskAsync"/>.</summary>
    public Task<Checksum?> OfAsync(byte[] place, long length, CancellationToken ct) => (length < LargeBytes ? _small : _large).AskAsync(place, length, ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _small.DisposeAsync().ConfigureAwait(false);
        await _large.DisposeAsync().ConfigureAwait(false);
    }
}
