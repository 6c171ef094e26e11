using SQLitePCL;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>What is known of a ledger's file without a run.</summary>
/// <param name="File">The file.</param>
/// <param name="Schema">The form of its tables.</param>
/// <param name="NewestSchema">The form that this Godwit brings it to with the next run.</param>
/// <param name="Transfers">The runs that it records.</param>
/// <param name="Damages">What is wrong inside, in SQLite's words; null where looking through it took too long.</param>
public sealed record LedgerFacts(string File, long Schema, long NewestSchema, long Transfers, IReadOnlyList<string>? Damages);

/// <summary>Looks through a ledger. Nothing is made or brought to a newer form by it.</summary>
public static class ExamineLedger
{
    private const int LockTries = 2;

    /// <summary>Looks; null where the directory holds no ledger.</summary>
    /// <param name="directory">The state directory.</param>
    /// <param name="patience">Ends the search for damages, which takes seconds for each gigabyte.</param>
    /// <exception cref="LedgerException">It cannot be opened, is locked, or is not one.</exception>
    public static LedgerFacts? In(string directory, CancellationToken patience)
    {
        string file = Path.Combine(directory, SqliteLedger.FileName);
        if (!File.Exists(file))
        {
            return null;
        }

        using var database = SqliteDatabase.Open(file, LockTries, create: false);
        long schema = Schema.Version(database, Schema.Steps.Count);
        long transfers = schema == 0 ? 0 : database.Sql("SELECT count(*) FROM transfer").Find() ?? 0;
        return new LedgerFacts(file, schema, Schema.Steps.Count, transfers, Damages(database, patience));
    }

    private static IReadOnlyList<string>? Damages(SqliteDatabase database, CancellationToken patience)
    {
        using CancellationTokenRegistration _ = patience.Register(() => raw.sqlite3_interrupt(database.Handle));
        try
        {
            string[] said = [.. database.Sql("PRAGMA quick_check(5)").Select(row => row.Text())];
            return said is ["ok"] ? [] : said;
        }
        catch (LedgerException) when (patience.IsCancellationRequested)
        {
            return null;
        }
    }
}
