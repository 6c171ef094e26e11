using SQLitePCL;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>Turns what SQLite answers into a sentence that names the file and the remedy.</summary>
internal static class SqliteErrors
{
    private const int PrimaryMask = 0xff;
    private const string Elsewhere = $"choose another directory with {Option}";

    /// <summary>What says where a ledger is.</summary>
    internal const string Option = "--state DIR (of a service: --data DIR)";

    /// <summary>The error for an answer.</summary>
    /// <param name="code">SQLite's extended answer.</param>
    /// <param name="said">SQLite's own words.</param>
    /// <param name="file">The ledger's file.</param>
    public static LedgerException Translate(int code, string said, string file) =>
        new($"The ledger {file} {Sentence(code)}. (SQLite says: {said}, {code})");

    private static string Sentence(int code) => (code & PrimaryMask) switch
    {
        raw.SQLITE_FULL => $"cannot grow, because its disk is full: free some space, or {Elsewhere}",
        raw.SQLITE_CORRUPT =>
            "is damaged: move it away and begin a new one, which sends files again that were delivered, or put a backup in its place",
        raw.SQLITE_NOTADB => $"is not a ledger: move it away, or {Elsewhere}",
        raw.SQLITE_CANTOPEN => $"cannot be opened: see that its directory exists and that you may write there, or {Elsewhere}",
        raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH =>
            $"cannot be written: see that you may write the file and its directory, or {Elsewhere}",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "is locked by another program: wait for it, or stop it",
        raw.SQLITE_PROTOCOL or raw.SQLITE_NOLFS => NoLocks,
        raw.SQLITE_IOERR when IsLocking(code) => NoLocks,
        raw.SQLITE_IOERR => $"cannot be read or written: see what is wrong with its disk, or {Elsewhere}",
        raw.SQLITE_CONSTRAINT => "refuses what it was told, because it contradicts what it holds",
        _ => "failed",
    };

    private static string NoLocks => $"cannot be locked on this file system: put it on a local disk with {Option}";

    private static bool IsLocking(int code) => code is raw.SQLITE_IOERR_LOCK or raw.SQLITE_IOERR_UNLOCK or raw.SQLITE_IOERR_RDLOCK
        or raw.SQLITE_IOERR_CHECKRESERVEDLOCK or raw.SQLITE_IOERR_SHMOPEN or raw.SQLITE_IOERR_SHMSIZE or raw.SQLITE_IOERR_SHMLOCK
        or raw.SQLITE_IOERR_SHMMAP;
}
