using System.Net.Sockets;
using Npgsql;

namespace Godwit.Transfers.Record.Postgres;

/// <summary>Turns what PostgreSQL answers into a sentence that names the database and the remedy. There is never a password in it.</summary>
internal static class PostgresErrors
{
    private const string Answers = "see that the server runs and is reached from here";

    /// <summary>The error for an answer, or for none.</summary>
    public static LedgerException Translate(Exception e, string name) => e is PostgresException said
        ? new LedgerException($"The ledger {name} {Sentence(said.SqlState)}. (PostgreSQL says: {said.MessageText.TrimEnd('.')}, {said.SqlState})", e)
        : new LedgerException($"The ledger {name} {Sentence(e)}. ({Innermost(e).Message.TrimEnd('.')})", e);

    /// <summary>The error for a commit that was not answered.</summary>
    public static LedgerException CommitLost(Exception e, string name) => new(
        $"The ledger {name} was lost while something was written down, before it answered: it is there, or nothing of it is. "
        + $"What the ledger holds decides when it can be read again: {Answers}. ({Innermost(e).Message.TrimEnd('.')})",
        e);

    private static string Sentence(string state) => state switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "lets this user not in: see the user in the address, the password in PGPASSWORD or ~/.pgpass, and the server's pg_hba.conf",
        PostgresErrorCodes.InvalidCatalogName => "does not exist: make it with createdb, owned by this user, or name another one",
        PostgresErrorCodes.InsufficientPrivilege =>
            "refuses what this user may not do: make him the owner of the database, or GRANT CREATE, USAGE ON SCHEMA to him and have him make the tables",
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory => "cannot grow, because its server has no room left: free some",
        PostgresErrorCodes.TooManyConnections => "takes no more connections: wait, or raise max_connections",
        PostgresErrorCodes.CannotConnectNow => "is not ready: its server starts or stops; try again in a moment",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => $"was lost, because its server stops: {Answers}",
        PostgresErrorCodes.LockNotAvailable => "is locked by another program: wait for it, or stop it",
        PostgresErrorCodes.ReadOnlySqlTransaction => "cannot be written, because its server is a standby or is set to read only: name the primary",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => "is damaged: see its server's log, or put a backup in its place",
        PostgresErrorCodes.ProgramLimitExceeded => "cannot hold a path that is this long: PostgreSQL's indexes take some 2,600 bytes of one",
        _ when state.StartsWith("23", StringComparison.Ordinal) => "refuses what it was told, because it contradicts what it holds",
        _ when state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57", StringComparison.Ordinal) => $"was lost: {Answers}",
        _ => "failed",
    };

    private static string Sentence(Exception e) => Innermost(e) switch
    {
        SocketException => $"is not reached: {Answers}",
        TimeoutException => $"does not answer: {Answers}",
        _ when e.Message.StartsWith("No password", StringComparison.Ordinal) => "wants a password: set PGPASSWORD, or write it into ~/.pgpass",
        _ => $"was lost: {Answers}",
    };

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
