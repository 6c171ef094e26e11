namespace Godwit.Transfers.Record.Sqlite;

/// <summary>What tests change about opening a ledger.</summary>
internal sealed record SqliteSettings
{
    /// <summary>The number of the file system that holds a directory.</summary>
    public Func<string, uint?> FileSystemOf { get; init; } = StateFileSystem.NumberOf;

    /// <summary>How often a lock is tried, a second each: half a minute, many times what the longest transaction takes.</summary>
    public int LockTries { get; init; } = 30;

    /// <summary>The steps of the schema.</summary>
    public IReadOnlyList<string> SchemaSteps { get; init; } = Schema.Steps;
}

/// <summary>Opens the file: the journal that its file system bears, and the newest schema.</summary>
internal sealed class OpenSqlite(string file, SqliteSettings settings)
{
    /// <summary>The connection that writes, and one that reads beside it where the journal allows both at once.</summary>
    public (SqliteDatabase Writing, SqliteDatabase? Reading) Open(string directory, CancellationToken ct)
    {
        string? shared = StateFileSystem.SharedName(settings.FileSystemOf(directory));
        SqliteDatabase writing = OpenOne(shared, ct);
        try
        {
            Schema.BringUpToDate(writing, settings.SchemaSteps, ct);
            return (writing, shared is null ? OpenOne(shared, ct) : null);
        }
        catch
        {
            writing.Dispose();
            throw;
        }
    }

    private SqliteDatabase OpenOne(string? shared, CancellationToken ct)
    {
        var database = SqliteDatabase.Open(file, settings.LockTries);
        try
        {
            UseJournal(database, shared, ct);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private void UseJournal(SqliteDatabase database, string? shared, CancellationToken ct)
    {
        string wanted = shared is null ? "wal" : "truncate";
        database.ExecutePatiently($"PRAGMA journal_mode = {wanted}", ct);
        string inForce = database.Sql("PRAGMA journal_mode").Select(row => row.Text())[0];
        if (inForce != wanted)
        {
            string place = shared is null ? "its file system" : $"the shared file system ({shared})";
            throw new LedgerException(
                $"The ledger {file} cannot be kept on {place}: the journal \"{wanted}\" is needed and \"{inForce}\" is in force. "
                + $"Put it on a local disk with {SqliteErrors.Option}.");
        }
    }
}
