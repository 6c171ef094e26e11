using System.Collections.Concurrent;

namespace Godwit.Conformance.Memory;

/// <summary>
/// What several <see cref="MemoryStore"/>s share, as the servers of one site do: buckets by name, and a clock. Stores over the same
/// bucket hold the same files; stores of one space can fetch from each other.
/// </summary>
/// <param name="time">The servers' clock.</param>
public sealed class MemorySpace(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, MemoryBucket> _buckets = new(StringComparer.Ordinal);
    private readonly string _name = Guid.NewGuid().ToString("N")[..8];

    /// <summary>The servers' clock.</summary>
    public TimeProvider Time { get; } = time;

    internal string AuthorityOf(string bucket) => $"{_name}/{bucket}";

    internal MemoryBucket Bucket(string name) => _buckets.GetOrAdd(name, static _ => new MemoryBucket());

    /// <summary>The bucket that an authority names; null when it is not of this space.</summary>
    internal MemoryBucket? FindByAuthority(string authority)
    {
        foreach ((string name, MemoryBucket bucket) in _buckets)
        {
            if (authority == AuthorityOf(name))
            {
                return bucket;
            }
        }

        return null;
    }
}
