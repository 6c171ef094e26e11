using System.Text;
using System.Text.Unicode;

namespace Godwit.Storage;

/// <summary>
/// Where something is below a store's root. A path is bytes: segments separated by one <c>/</c>, no leading and no trailing
/// <c>/</c>, and the root is the empty path. On Linux a name need not be Unicode, so nothing here assumes that it is.
/// </summary>
/// <remarks>
/// A path never leads outside its root: the segments <c>.</c> and <c>..</c>, empty segments and NUL are refused when the path is
/// made, so a listing, a message or a request cannot smuggle them in.
/// </remarks>
public readonly struct StorePath : IEquatable<StorePath>, IComparable<StorePath>
{
    private readonly byte[]? _bytes;

    private StorePath(byte[] bytes) => _bytes = bytes;

    /// <summary>The store's root: the empty path.</summary>
    public static StorePath Root => default;

    /// <summary>The bytes of the path, without a leading or trailing <c>/</c>. Empty for the root.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether this is the store's root.</summary>
    public bool IsRoot => _bytes is null || _bytes.Length == 0;

    /// <summary>The bytes of the last segment. Empty for the root.</summary>
    public ReadOnlySpan<byte> Name => Bytes[(Bytes.LastIndexOf((byte)'/') + 1)..];

    /// <summary>
    /// Whether a store whose names are Unicode may keep this path under another name, so that it comes elsewhere in that store's order:
    /// it is not UTF-8, or holds U+201B, which such names are written with.
    /// </summary>
    public bool MayBeEncoded => !Ascii.IsValid(Bytes) && (!Utf8.IsValid(Bytes) || Bytes.IndexOf("\u201B"u8) >= 0);

    /// <summary>The directory that holds this path. The root is its own parent.</summary>
    public StorePath Parent
    {
        get
        {
            int slash = Bytes.LastIndexOf((byte)'/');
            return slash <= 0 ? Root : new StorePath(Bytes[..slash].ToArray());
        }
    }

    /// <summary>Makes a path from bytes.</summary>
    /// <param name="bytes">Segments separated by single slashes. Empty means the root.</param>
    /// <returns>The path. The bytes are copied.</returns>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: an empty segment, <c>.</c>, <c>..</c> or NUL.</exception>
    public static StorePath FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return Root;
        }

        if (Refusal(bytes) is { } reason)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"The path \"{PathText.Escape(bytes)}\" {reason}.");
        }

        return new StorePath(bytes.ToArray());
    }

    /// <summary>Makes a path from text as UTF-8.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: as <see cref="FromBytes"/>.</exception>
    public static StorePath FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FromBytes(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The path of an entry of this directory.</summary>
    /// <param name="name">One segment: no <c>/</c>, not empty, not <c>.</c> or <c>..</c>.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: not one segment.</exception>
    public StorePath Child(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Contains((byte)'/') || Refusal(name) is not null)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"\"{PathText.Escape(name)}\" is not the name of one entry.");
        }

        return Append(name);
    }

    /// <summary>The path <paramref name="below"/> seen from this directory: the two joined by a slash.</summary>
    public StorePath Join(StorePath below) => below.IsRoot ? this : Append(below.Bytes);

    /// <summary>Whether one of the two is the other or lies below it.</summary>
    /// <param name="other">The other path.</param>
    public bool Overlaps(StorePath other) => Equals(other) || IsBelow(other) || other.IsBelow(this);

    /// <summary>Whether this path lies below <paramref name="directory"/>, at any depth. A path does not lie below itself.</summary>
    public bool IsBelow(StorePath directory)
    {
        if (directory.IsRoot)
        {
            return !IsRoot;
        }

        ReadOnlySpan<byte> prefix = directory.Bytes;
        return Bytes.Length > prefix.Length && Bytes[prefix.Length] == (byte)'/' && Bytes.StartsWith(prefix);
    }

    /// <summary>The part of this path below <paramref name="directory"/>.</summary>
    /// <exception cref="ArgumentException">The path is neither the directory nor below it.</exception>
    public StorePath RelativeTo(StorePath directory)
    {
        if (directory.IsRoot)
        {
            return this;
        }

        if (Equals(directory))
        {
            return Root;
        }

        return IsBelow(directory)
            ? new StorePath(Bytes[(directory.Bytes.Length + 1)..].ToArray())
            : throw new ArgumentException($"\"{this}\" is not below \"{directory}\".", nameof(directory));
    }

    /// <inheritdoc/>
    public bool Equals(StorePath other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is StorePath other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>Compares byte by byte, unsigned. This is the order of names within one directory of files only;
    /// for entries use <see cref="StoreEntry.CompareByKey"/>, which puts a directory where its contents are.</summary>
    public int CompareTo(StorePath other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary>The path for people: UTF-8 as it is, every other byte and every control character as <c>\xNN</c>.</summary>
    public override string ToString() => PathText.Escape(Bytes);

    /// <summary>Whether two paths have the same bytes.</summary>
    public static bool operator ==(StorePath left, StorePath right) => left.Equals(right);

    /// <summary>Whether two paths differ in a byte.</summary>
    public static bool operator !=(StorePath left, StorePath right) => !left.Equals(right);

    /// <summary>Whether the left path comes first, byte by byte.</summary>
    public static bool operator <(StorePath left, StorePath right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left path comes first, byte by byte, or is the same.</summary>
    public static bool operator <=(StorePath left, StorePath right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the right path comes first, byte by byte.</summary>
    public static bool operator >(StorePath left, StorePath right) => left.CompareTo(right) > 0;

    /// <summary>Whether the right path comes first, byte by byte, or is the same.</summary>
    public static bool operator >=(StorePath left, StorePath right) => left.CompareTo(right) >= 0;

    private StorePath Append(ReadOnlySpan<byte> tail)
    {
        if (IsRoot)
        {
            return new StorePath(tail.ToArray());
        }

        var joined = new byte[Bytes.Length + 1 + tail.Length];
        Bytes.CopyTo(joined);
        joined[Bytes.Length] = (byte)'/';
        tail.CopyTo(joined.AsSpan(Bytes.Length + 1));
        return new StorePath(joined);
    }

    private static string? Refusal(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Contains((byte)0))
        {
            return "holds a NUL byte";
        }

        foreach (Range segment in bytes.Split((byte)'/'))
        {
            ReadOnlySpan<byte> name = bytes[segment];
            if (name.IsEmpty)
            {
                return "has an empty segment";
            }

            if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
            {
                return "holds \".\" or \"..\"";
            }
        }

        return null;
    }
}
