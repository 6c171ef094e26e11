using System.Diagnostics.CodeAnalysis;

namespace Godwit.Backends.Sftp.Shell;

/// <summary>Takes arrays for equal that hold the same bytes.</summary>
internal sealed class BytesEqual : IEqualityComparer<byte[]>
{
    public static BytesEqual Comparer { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x is null ? y is null : y is not null && x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj)
    {
        var hash = new HashCode();
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
