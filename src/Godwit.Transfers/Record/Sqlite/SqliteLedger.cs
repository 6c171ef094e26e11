using Godwit.Transfers.Record.Sql;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>
/// The ledger in one SQLite file. Several processes of one machine may have it open at once; where the directory is shared between
/// machines, those too, as far as its file system's locks work.
/// </summary>
public sealed class SqliteLedger : SqlLedger
{
    /// <summary>The name of the file in the state directory.</summary>
    public const string FileName = "ledger.db";

    private readonly string _file;

    private SqliteLedger(Connection writing, Connection reading, string file)
        : base(writing, reading) => _file = file;

    /// <summary>The file, and the log of what is not in it yet.</summary>
    public override ValueTask<long?> BytesAsync(CancellationToken ct)
    {
        long bytes = 0;
        foreach (string file in (string[])[_file, _file + "-wal"])
        {
            // The log is not there where the file system cannot have one.
            var found = new FileInfo(file);
            bytes += found.Exists ? found.Length : 0;
        }

        return ValueTask.FromResult<long?>(bytes > 0 ? bytes : null);
    }

    /// <summary>Opens the ledger of a state directory, and makes it where it is missing.</summary>
    /// <param name="directory">The directory; it has to exist.</param>
    /// <param name="time">Tells when claims are renewed.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="LedgerException">It cannot be opened, belongs to a newer Godwit, is damaged, or cannot be locked.</exception>
    public static ValueTask<SqliteLedger> OpenAsync(string directory, TimeProvider time, CancellationToken ct) =>
        OpenAsync(directory, time, new SqliteSettings(), ct);

    /// <summary>Opens the ledger with what tests change.</summary>
    internal static async ValueTask<SqliteLedger> OpenAsync(
        string directory, TimeProvider time, SqliteSettings settings, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        return await Task.Run(
            () =>
            {
                var opening = new OpenSqlite(Path.Combine(directory, FileName), settings);
                (SqliteDatabase writing, SqliteDatabase? reading) = opening.Open(directory, ct);
                var writer = new Connection(writing, time);
                return new SqliteLedger(writer, reading is null ? writer : new Connection(reading, time), Path.Combine(directory, FileName));
            },
            ct).ConfigureAwait(false);
    }
}
