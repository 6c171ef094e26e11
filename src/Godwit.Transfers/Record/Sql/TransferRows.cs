using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Transfers, their claims and their totals.</summary>
internal sealed class TransferRows(Database database, Spaces spaces, TimeProvider time)
{
    private const string Columns = """
        SELECT t.id, t.verb, t.source, t.destination, s.name, t.destination_path, t.started, t.source_path, t.ended, t.outcome,
          o.planned, o.planned_bytes, o.delivered, o.delivered_bytes, o.sent_bytes, o.failed, o.failed_retryable, o.not_attempted,
          o.unchanged, o.skipped_links, o.skipped_special, o.filtered, o.unsettled, o.directories, o.retries, o.empty_directories, o.deleted, o.backed_up, o.before_baseline
        FROM transfer t JOIN space s ON s.number = t.destination_space LEFT JOIN totals o ON o.transfer = t.number
        """;

    /// <summary>Stands after every text.</summary>
    private const string Last = "\U0010FFFF";

    /// <summary>Claims the destination, or tells whose claim is in the way.</summary>
    public TransferRecord? Begin(TransferRecord transfer, RunHolder holder)
    {
        List<Claim> overlapping = [.. Claims(transfer.DestinationSpace).Where(claim => claim.Path.Overlaps(transfer.DestinationPath))];
        if (overlapping.Find(claim => !IsOver(claim, holder)) is { } alive)
        {
            return Get(alive.Transfer);
        }

        foreach (Claim claim in overlapping)
        {
            TakeOver(claim);
        }

        long number = Insert(transfer);
        database.Sql("INSERT INTO claim (transfer, holder, renewed, patience) VALUES (?, ?, ?, ?)")
            .Bind(number).Bind(holder.Name).Bind(Now).Bind(holder.Patience.Ticks * 100).Run();
        return null;
    }

    public bool Renew(string id) => database
        .Sql("UPDATE claim SET renewed = ? WHERE transfer = (SELECT number FROM transfer WHERE id = ?)")
        .Bind(Now).Bind(id).Run() > 0;

    public void End(string id, TransferOutcome outcome, TransferTotals totals, Timestamp ended)
    {
        long number = NumberOf(id);
        database.Sql("UPDATE transfer SET outcome = ?, ended = ? WHERE number = ?").Bind((long)outcome).Bind(ended).Bind(number).Later();
        database.Sql("DELETE FROM claim WHERE transfer = ?").Bind(number).Later();
        database.Sql("DELETE FROM totals WHERE transfer = ?").Bind(number).Later();
        database.Sql("""
            INSERT INTO totals (transfer, planned, planned_bytes, delivered, delivered_bytes, sent_bytes, failed, failed_retryable, not_attempted, unchanged,
              skipped_links, skipped_special, filtered, unsettled, directories, retries, empty_directories, deleted, backed_up, before_baseline)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
            .Bind(number).Bind(totals.Planned).Bind(totals.PlannedBytes).Bind(totals.Delivered).Bind(totals.DeliveredBytes)
            .Bind(totals.SentBytes).Bind(totals.Failed).Bind(totals.FailedRetryable).Bind(totals.NotAttempted).Bind(totals.Unchanged)
            .Bind(totals.SkippedLinks).Bind(totals.SkippedSpecial).Bind(totals.Filtered).Bind(totals.Unsettled).Bind(totals.Directories)
            .Bind(totals.Retries).Bind(totals.EmptyDirectories).Bind(totals.Deleted).Bind(totals.BackedUp).Bind(totals.BeforeBaseline).Later();
    }

    public List<TransferRecord> List(int limit, Timestamp? before) => database
        .Sql(Columns + " WHERE t.started < ? OR ? IS NULL ORDER BY t.started DESC, t.number DESC LIMIT ?")
        .Bind(before?.Nanoseconds).Bind(before?.Nanoseconds).Bind(limit).Select(Read);

    public List<TransferRecord> Find(string idPrefix) => database
        .Sql(Columns + " WHERE t.id >= ? AND t.id < ? ORDER BY t.id LIMIT 2").Bind(idPrefix).Bind(idPrefix + Last).Select(Read);

    /// <summary>The transfer of a number.</summary>
    public TransferRecord Get(long number) => database.Sql(Columns + " WHERE t.number = ?").Bind(number).Select(Read)[0];

    /// <summary>The number of a transfer.</summary>
    public long NumberOf(string id) => database.Sql("SELECT number FROM transfer WHERE id = ?").Bind(id).Find()
        ?? throw Unknown(id);

    /// <summary>The number of a transfer that holds its claim.</summary>
    public long NumberOfHolder(string id) => database
        .Sql("SELECT c.transfer FROM claim c JOIN transfer t ON t.number = c.transfer WHERE t.id = ?").Bind(id).Find()
        ?? throw (IsKnown(id) ? new ClaimLostException(id) : Unknown(id));

    /// <summary>The transfers that hold a claim and whose run is not over.</summary>
    public HashSet<long> Held(string space, RunHolder asking) =>
        [.. Claims(space).Where(claim => !IsOver(claim, asking)).Select(claim => claim.Transfer)];

    private bool IsKnown(string id) => database.Sql("SELECT number FROM transfer WHERE id = ?").Bind(id).Find() is not null;

    private LedgerException Unknown(string id) => new($"The ledger {database.Name} knows no transfer {id}.");

    private Timestamp Now => Timestamp.From(time.GetUtcNow());

    private List<Claim> Claims(string space) => database
        .Sql("""
            SELECT c.transfer, t.destination_path, c.holder, c.renewed, c.patience
            FROM claim c JOIN transfer t ON t.number = c.transfer JOIN space s ON s.number = t.destination_space WHERE s.name = ?
            """)
        .Bind(space)
        .Select(row => new Claim(row.Long(), row.Path(), row.Text(), row.Time(), row.Long()));

    private bool IsOver(Claim claim, RunHolder asking) =>
        asking.IsGone(claim.Holder)
        || (Math.Abs(Now.Nanoseconds - claim.Renewed.Nanoseconds) > claim.Patience && !asking.IsAlive(claim.Holder));

    private void TakeOver(Claim claim)
    {
        database.Sql("DELETE FROM claim WHERE transfer = ?").Bind(claim.Transfer).Run();
        database.Sql("UPDATE transfer SET outcome = ?, ended = ? WHERE number = ?")
            .Bind((long)TransferOutcome.Interrupted).Bind(claim.Renewed).Bind(claim.Transfer).Run();
    }

    private long Insert(TransferRecord transfer)
    {
        if (database.Sql("SELECT number FROM transfer WHERE id = ?").Bind(transfer.Id).Find() is not null)
        {
            throw new LedgerException($"The ledger {database.Name} has a transfer {transfer.Id} already.");
        }

        database.Sql("""
            INSERT INTO transfer (id, verb, source, destination, destination_space, destination_path, started, source_path) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
            .Bind(transfer.Id).Bind(transfer.Verb).Bind(transfer.Source).Bind(transfer.Destination)
            .Bind(spaces.Number(transfer.DestinationSpace)).Bind(transfer.DestinationPath).Bind(transfer.Started).Bind(transfer.SourcePath).Run();
        return NumberOf(transfer.Id);
    }

    private static TransferRecord Read(Statement row)
    {
        var record = new TransferRecord(row.Text(), row.Text(), row.Text(), row.Text(), row.Text(), row.Path(), row.Time());
        StorePath? source = row.PathOrNull();
        long? ended = row.LongOrNull();
        long? outcome = row.LongOrNull();
        return record with
        {
            SourcePath = source,
            Ended = ended is { } moment ? new Timestamp(moment) : null,
            Outcome = (TransferOutcome?)outcome,
            Totals = row.LongOrNull() is { } planned ? ReadTotals(planned, row) : null,
        };
    }

    private static TransferTotals ReadTotals(long planned, Statement row) => new()
    {
        Planned = planned,
        PlannedBytes = row.Long(),
        Delivered = row.Long(),
        DeliveredBytes = row.Long(),
        SentBytes = row.Long(),
        Failed = row.Long(),
        FailedRetryable = row.Long(),
        NotAttempted = row.Long(),
        Unchanged = row.Long(),
        SkippedLinks = row.Long(),
        SkippedSpecial = row.Long(),
        Filtered = row.Long(),
        Unsettled = row.Long(),
        Directories = row.Long(),
        Retries = row.Long(),
        EmptyDirectories = row.Long(),
        Deleted = row.Long(),
        BackedUp = row.Long(),
        BeforeBaseline = row.Long(),
    };

    private sealed record Claim(long Transfer, StorePath Path, string Holder, Timestamp Renewed, long Patience);
}
