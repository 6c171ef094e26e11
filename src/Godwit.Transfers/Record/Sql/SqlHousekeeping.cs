using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Removes what is old from the ledger's own database. It is looked for by the connection that reads, so that writers wait for what is removed only.</summary>
internal sealed class SqlHousekeeping(Connection writing, Connection reading) : IHousekeeping
{
    private const int Page = 1000;

    public async ValueTask<int> PruneAsync(Timestamp before, int limit, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        int removed = await WriteAsync(rows => rows.Old.RemoveRuns(before, limit), ct).ConfigureAwait(false);
        foreach (OldKind kind in OldRows.Kinds)
        {
            removed += await PruneAsync(kind, before, limit, ct).ConfigureAwait(false);
        }

        return removed;
    }

    private async ValueTask<int> PruneAsync(OldKind kind, Timestamp before, int limit, CancellationToken ct)
    {
        int removed = 0;
        long after = 0;

        // Numbers grow with time but for clocks that were wrong: it ends at a page that holds nothing old.
        for (bool goesOn = true; goesOn && removed < limit;)
        {
            List<OldRow> page = await reading.ReadAsync(rows => rows.Old.List(kind, before, after, Page), ct).ConfigureAwait(false);
            long[] numbers = [.. page.Where(row => row.IsRemovable).Take(limit - removed).Select(row => row.Number)];
            removed += numbers.Length > 0 ? await WriteAsync(rows => rows.Old.Remove(kind, numbers, before), ct).ConfigureAwait(false) : 0;
            goesOn = page.Count == Page && page.Exists(row => row.IsOld);
            after = goesOn ? page[^1].Number : after;
        }

        return removed;
    }

    /// <summary>What is removed again after a power failure was no loss.</summary>
    private ValueTask<int> WriteAsync(Func<Connection, int> work, CancellationToken ct) => writing.WriteAsync(Survives.ProcessEnd, work, ct);
}
