using System.Security.Cryptography;

namespace Godwit.Backends;

/// <summary>Names in the order in which they came: how many, and a digest that tells whether others are the same. Keeps none of them.</summary>
internal sealed class NamesInTurn : IDisposable
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>How many.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one.</summary>
    public void Add(ReadOnlySpan<byte> name)
    {
        _digest.AppendData(name);

        // No name has one.
        _digest.AppendData("/"u8);
        Count++;
    }

    /// <summary>Whether the others are the same names in the same order.</summary>
    public bool IsSame(NamesInTurn other) => Count == other.Count && _digest.GetCurrentHash().AsSpan().SequenceEqual(other._digest.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose() => _digest.Dispose();
}
