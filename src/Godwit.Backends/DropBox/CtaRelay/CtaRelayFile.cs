using System.Globalization;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>An object of a bucket in the layout of CTA Relay, and what its metadata say of the file.</summary>
/// <param name="Object">The object: its own length is 0 once the file was delivered.</param>
/// <param name="Length">Bytes of the file.</param>
/// <param name="Md5">The MD5 of its bytes.</param>
/// <param name="Pairs">All that the object carries.</param>
internal sealed record CtaRelayFile(StoreEntry Object, long Length, Checksum Md5, IReadOnlyDictionary<string, string> Pairs)
{
    /// <summary>What the metadata call the bytes of the file.</summary>
    public const string LengthName = "size";

    /// <summary>What they call its MD5.</summary>
    public const string Md5Name = "md5";

    /// <summary>The file.</summary>
    public StorePath Path => Object.Path;

    /// <summary>Whether it was delivered: even an empty file is some bytes of zstd while it waits.</summary>
    public bool IsDelivered => Object.Length == 0;

    /// <summary>Which content it is, waiting or delivered.</summary>
    public string Version => VersionOf(Md5, Length);

    /// <summary>The file as an object tells it.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: it does not, or not so that it can be understood.</exception>
    public static CtaRelayFile Of(FileWithPairs told)
    {
        StorePath path = told.Entry.Path;
        long length = told.Pairs.TryGetValue(LengthName, out string? size)
            && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : throw Damage(path, LengthName, size);
        return told.Pairs.TryGetValue(Md5Name, out string? hex) && hex.Length == 32 && Checksum.TryParse(ChecksumKind.Md5, hex, out Checksum md5)
            ? new CtaRelayFile(told.Entry, length, md5, told.Pairs)
            : throw Damage(path, Md5Name, hex);
    }

    /// <summary>What tells a content from any other.</summary>
    public static string VersionOf(Checksum md5, long length) => string.Create(CultureInfo.InvariantCulture, $"{md5.Hex}-{length}");

    /// <summary>The metadata of a file.</summary>
    public static IReadOnlyDictionary<string, string> PairsOf(Checksum md5, long length) => new Dictionary<string, string>
    {
        [LengthName] = length.ToString(CultureInfo.InvariantCulture),
        [Md5Name] = md5.Hex,
    };

    /// <summary>The file as a store tells it. Its time is when the object was written: this layout keeps no other.</summary>
    public StoreEntry ToEntry() => new()
    {
        Path = Path,
        Kind = EntryKind.File,
        Length = Length,
        Modified = Object.Modified,
        Version = Version,
        ResumeVersion = Version,
        Checksums = [Md5],
    };

    private static StoreException Damage(StorePath path, string name, string? value) => new(
        StoreErrorKind.Integrity,
        $"The object \"{path}\" has {(value is null ? "no" : $"a wrong (\"{value}\")")} {name} in its metadata: what it is cannot be known. "
        + "Look at it, and delete it or push its file again.")
    {
        Path = path,
        Next = NextStep.GiveUp,
    };
}
