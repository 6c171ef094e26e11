using Godwit.Backends.Gfal.Native;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Turns what libgfal2 tells into entries.</summary>
internal static class GfalEntries
{
    private const uint KindBits = 0xf000;
    private const uint Directory = 0x4000;
    private const uint File = 0x8000;
    private const uint Untold = 0;

    /// <summary>An entry. Times are whole seconds; modes are the server's own business, and not told.</summary>
    public static StoreEntry From(StorePath path, Facts facts)
    {
        EntryKind kind = KindOf(facts);
        var modified = Timestamp.FromUnix(facts.Modified, 0);
        if (kind != EntryKind.File)
        {
            return new StoreEntry { Path = path, Kind = kind, Modified = modified };
        }

        string version = InodeStamp.ResumeVersion(facts.Length, modified);
        return new StoreEntry
        {
            Path = path,
            Kind = kind,
            Length = facts.Length,
            Modified = modified,
            Version = version,
            ResumeVersion = version,
        };
    }

    /// <summary>What it is. Links are told as what they lead to; XRootD's listings mark nothing but directories.</summary>
    public static EntryKind KindOf(Facts facts) => (facts.Mode & KindBits) switch
    {
        Directory => EntryKind.Directory,
        File or Untold => EntryKind.File,
        _ => EntryKind.Other,
    };

    /// <summary>Whether a file is still what it was.</summary>
    public static bool IsSameContent(Facts now, Facts then) => now.Length == then.Length && now.Modified == then.Modified;
}
