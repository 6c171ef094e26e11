using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Check;

/// <summary>Reads a file once and computes checksums of what was read.</summary>
public static class ChecksumReading
{
    private const int BlockBytes = 1 << 20;

    /// <summary>The checksums, in the order of the kinds, and how many bytes were read.</summary>
    /// <exception cref="StoreException">It cannot be read, or it changed while it was.</exception>
    public static async Task<(IReadOnlyList<Checksum> Checksums, long Bytes)> OfAsync(
        IStore store, StorePath path, IEnumerable<ChecksumKind> kinds, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        StoreBody body = await store.OpenReadAsync(path, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = body.ConfigureAwait(false);
        using var digests = new ChecksumSet(kinds);
        using var reading = new ProveReading(body.Entry);
        var block = new byte[(int)Math.Clamp(body.Entry.Length, 4096, BlockBytes)];
        for (int read; (read = await body.Content.ReadAsync(block, ct).ConfigureAwait(false)) > 0;)
        {
            digests.Append(block.AsSpan(0, read));
            reading.Append(block.AsSpan(0, read));
        }

        StoreEntry? after = await store.StatAsync(path, ct).ConfigureAwait(false);
        if (after?.Version != body.Entry.Version || digests.Length != body.Entry.Length)
        {
            throw new StoreException(StoreErrorKind.PreconditionFailed, "The file changed while it was read.") { Path = path };
        }

        reading.Require();
        return (digests.Finish(), digests.Length);
    }
}
