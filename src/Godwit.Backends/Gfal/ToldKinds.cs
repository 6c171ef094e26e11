using System.Collections.Concurrent;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Which kinds of checksums a server tells. XRootD's was seen to say once, of a kind that it tells, that it cannot: so a first such answer is
/// asked again, and a server that cannot is asked twice only once.</summary>
internal sealed class ToldKinds
{
    private readonly ConcurrentDictionary<ChecksumKind, bool> _tells = new();

    /// <summary>The checksum; null where the server cannot tell this kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="ask">Asks the server; null where it says that it cannot.</param>
    public async ValueTask<Checksum?> AskAsync(ChecksumKind kind, Func<Task<Checksum?>> ask)
    {
        Checksum? told = await ask().ConfigureAwait(false);
        if (told is null && !(_tells.TryGetValue(kind, out bool tells) && !tells))
        {
            told = await ask().ConfigureAwait(false);
        }

        if (told is not null)
        {
            _tells[kind] = true;
        }
        else
        {
            _tells.TryAdd(kind, false);
        }

        return told;
    }
}
