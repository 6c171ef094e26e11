using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Turns a server's attributes into entries.</summary>
internal static class SftpEntries
{
    private const int PermissionBits = 0xfff;

    /// <summary>An entry from attributes; of a link, with its target.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: the server does not tell what it is.</exception>
    public static StoreEntry From(StorePath path, in SftpAttributes told, byte[]? target = null)
    {
        EntryKind kind = told.Kind
            ?? throw SftpErrors.Of(StoreErrorKind.Unsupported, path, "cannot be looked at: the server does not tell whether it is a file");
        int? mode = told.Mode is { } bits ? (int)bits & PermissionBits : null;
        if (kind != EntryKind.File)
        {
            return new StoreEntry
            {
                Path = path,
                Kind = kind,
                Modified = told.ModifiedTime,
                Mode = mode,
                LinkTarget = kind == EntryKind.Link ? target?.AsMemory() : null,
            };
        }

        string version = InodeStamp.ResumeVersion(told.Length ?? 0, told.ModifiedTime);
        return new StoreEntry
        {
            Path = path,
            Kind = kind,
            Length = told.Length ?? throw SftpErrors.Of(StoreErrorKind.Unsupported, path, "cannot be looked at: the server does not tell its length"),
            Modified = told.ModifiedTime,
            Mode = mode,
            Version = version,
            ResumeVersion = version,
        };
    }

    /// <summary>Whether an open file is still what it was.</summary>
    public static bool IsSameContent(in SftpAttributes now, in SftpAttributes then) => now.Length == then.Length && now.Modified == then.Modified;

    /// <summary>A moment as the protocol has it: whole seconds from 1970 to 2106.</summary>
    public static uint Seconds(Timestamp moment) => (uint)Math.Clamp(moment.Floor(1_000_000_000).Nanoseconds / 1_000_000_000, 0, uint.MaxValue);
}
