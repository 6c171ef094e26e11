using Godwit.Transfers.Record.Sql;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>The tables, as numbered steps that are embedded in the program. The table <c>godwit_ledger</c> holds the number of the last step that the database went
/// through.</summary>
internal static class PostgresSchema
{
    // Tells our databases from those of other programs that happen to have such a table.
    private const string Mark = "Gdwt";

    /// <summary>The steps of this program, in order.</summary>
    public static IReadOnlyList<string> Steps { get; } = SchemaSteps.In("Record/Postgres/schema/");

    /// <summary>Brings the database to the last step. A step that fails leaves it as it was.</summary>
    /// <exception cref="LedgerException">It belongs to a newer Godwit or to another program.</exception>
    public static void BringUpToDate(PostgresDatabase database, IReadOnlyList<string> steps, CancellationToken ct)
    {
        if (database.Read(() => Version(database, steps.Count), ct) < steps.Count)
        {
            database.Write(Survives.PowerFailure, () => GoOn(database, steps), ct);
        }
    }

    private static bool GoOn(PostgresDatabase database, IReadOnlyList<string> steps)
    {
        // Asked again behind the lock: another program may have done it meanwhile.
        long done = Version(database, steps.Count);
        if (done == 0)
        {
            database.Execute($"CREATE TABLE godwit_ledger (mark text NOT NULL, version bigint NOT NULL, holder bigint NOT NULL); INSERT INTO godwit_ledger VALUES ('{Mark}', 0, 0)");
        }

        for (; done < steps.Count; done++)
        {
            database.Execute(steps[(int)done]);
        }

        database.Sql("UPDATE godwit_ledger SET version = ?").Bind(done).Run();
        return true;
    }

    private static long Version(PostgresDatabase database, int known)
    {
        if (database.Sql("SELECT 1 WHERE current_schema() IS NULL").Find() is not null)
        {
            throw new LedgerException($"The ledger {database.Name} has no schema for its tables: see that the user's search_path names one that exists.");
        }

        if (IsForeign(database))
        {
            throw new LedgerException($"The ledger {database.Name} is a database of another program: name another one, which may be empty.");
        }

        long version = IsThere(database) ? database.Sql("SELECT version FROM godwit_ledger").Find() ?? 0 : 0;
        return version <= known
            ? version
            : throw new LedgerException(
                $"The ledger {database.Name} was written by a newer Godwit (schema {version}, this one knows {known}): use that Godwit, or name another database.");
    }

    /// <summary>Whether tables are there and ours is not. What extensions bring along is nobody's.</summary>
    private static bool IsForeign(PostgresDatabase database) => IsThere(database)
        ? database.Sql("""
            SELECT 1 FROM pg_attribute WHERE attrelid = (SELECT oid FROM pg_class WHERE relname = 'godwit_ledger' AND relnamespace = current_schema()::regnamespace)
              AND attname = 'mark'
            """).Find() is null || database.Sql("SELECT 1 FROM godwit_ledger WHERE mark = ?").Bind(Mark).Find() is null
        : database.Sql("""
            SELECT 1 FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
              AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') LIMIT 1
            """).Find() is not null;

    private static bool IsThere(PostgresDatabase database) => database
        .Sql("SELECT 1 FROM pg_class WHERE relname = 'godwit_ledger' AND relnamespace = current_schema()::regnamespace").Find() is not null;
}
