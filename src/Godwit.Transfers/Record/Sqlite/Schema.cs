using Godwit.Transfers.Record.Sql;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>The tables, as numbered steps that are embedded in the program. The file holds the number of the last step it went through.</summary>
internal static class Schema
{
    // "Gdwt": tells our files from those of other programs that use SQLite.
    private const long ApplicationId = 0x47647774;

    /// <summary>The steps of this program, in order.</summary>
    public static IReadOnlyList<string> Steps { get; } = SchemaSteps.In("Record/Sqlite/schema/");

    /// <summary>Brings the file to the last step. A step that fails leaves the file as it was.</summary>
    /// <exception cref="LedgerException">The file belongs to a newer Godwit or to another program.</exception>
    public static void BringUpToDate(SqliteDatabase database, IReadOnlyList<string> steps, CancellationToken ct)
    {
        if (Version(database, steps.Count) < steps.Count)
        {
            database.Write(Survives.PowerFailure, () => GoOn(database, steps), ct);
        }
    }

    private static bool GoOn(SqliteDatabase database, IReadOnlyList<string> steps)
    {
        // Asked again inside the transaction: another run may have done it meanwhile.
        for (long done = Version(database, steps.Count); done < steps.Count; done++)
        {
            database.Execute(steps[(int)done]);
            database.Execute($"PRAGMA user_version = {done + 1}");
        }

        database.Execute($"PRAGMA application_id = {ApplicationId}");
        return true;
    }

    /// <summary>How many steps the file went through.</summary>
    /// <exception cref="LedgerException">The file belongs to a newer Godwit or to another program.</exception>
    public static long Version(SqliteDatabase database, int known)
    {
        long version = database.Sql("PRAGMA user_version").Find() ?? 0;
        if (IsForeign(database))
        {
            throw new LedgerException(
                $"The ledger {database.Name} is a database of another program: move it away, or choose another directory with {SqliteErrors.Option}.");
        }

        return version <= known
            ? version
            : throw new LedgerException(
                $"The ledger {database.Name} was written by a newer Godwit (schema {version}, this one knows {known}): use that Godwit, "
                + $"or choose another directory with {SqliteErrors.Option}.");
    }

    private static bool IsForeign(SqliteDatabase database) =>
        database.Sql("PRAGMA application_id").Find() != ApplicationId
        && database.Sql("SELECT 1 FROM sqlite_master LIMIT 1").Find() is not null;
}
