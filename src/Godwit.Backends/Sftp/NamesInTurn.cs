using System.Security.Cryptography;

namespace Godwit.Backends.Sftp;

/// <summary>Names in the order in which they came: how many, and a digest that tells whether others are the same. Keeps none of them.</summary>
internal sealed class NamesInTurn
{
    private byte[] _digest = new byte[SHA256.HashSizeInBytes];

    /// <summary>How many.</summary>
    public long Count { get; private set; }

    /// <summary>Adds one.</summary>
    public void Add(ReadOnlySpan<byte> name)
    {
        _digest = SHA256.HashData([.. _digest, .. name]);
        Count++;
    }

    /// <summary>Whether the others are the same names in the same order.</summary>
    public bool IsSame(NamesInTurn other) => Count == other.Count && _digest.AsSpan().SequenceEqual(other._digest);
}
