using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Tests.Transfers.Record;

/// <summary>What a ledger holds when the machine stops at any byte of what a call writes.</summary>
public sealed class TornLogTests : IDisposable
{
    private static readonly string[] Tables =
        ["space", "transfer", "totals", "claim", "file_number", "file", "part", "receipt", "newest", "attempt"];

    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-torn-").FullName;
    private readonly List<string> _problems = [];
    private Files? _before;

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public async Task Every_call_is_there_wholly_or_not_at_all_wherever_its_writing_stops()
    {
        string live = Directory.CreateDirectory(Path.Combine(_directory, "live")).FullName;
        int cuts = 0;
        await using (SqliteLedger sound = await SqliteLedger.OpenAsync(live, TimeProvider.System, default))
        {
            await using var ledger = new HookedLedger(sound, moment =>
            {
                cuts += moment.Phase == LedgerPhase.Before ? Keep(live) : CutAt(live, moment);
                return ValueTask.CompletedTask;
            });
            await RunAsync(ledger);
        }

        Assert.Empty(_problems);
        Assert.True(cuts > 100, $"only {cuts} cuts were tried");
    }

    private static async Task RunAsync(HookedLedger ledger)
    {
        await ledger.BeginTransferAsync(LedgerSamples.Transfer("t1"), LedgerSamples.Holder, default);
        string[] names = [.. Enumerable.Range(0, 60).Select(at => $"directory/of/some/length/file-{at:D4}")];
        IReadOnlyList<long> files = await ledger.StartFilesAsync("t1", [.. names.Select(LedgerSamples.Intent)], default);
        await ledger.RecordUploadAsync(files[0], "upload", 8, default);
        await ledger.RecordPartsAsync(files[0], [LedgerSamples.Part(1), LedgerSamples.Part(2)], default);
        Receipt[] receipts = [.. files.Take(50).Select((file, at) => LedgerSamples.Receipt(file, names[at]))];
        await ledger.RecordDeliveredAsync("t1", receipts, default);
        await ledger.ForgetFilesAsync([files[50]], default);
        await ledger.EndTransferAsync("t1", TransferOutcome.Partial, new TransferTotals { Planned = 60 }, new Timestamp(9), default);
        await ledger.BeginTransferAsync(LedgerSamples.Transfer("t2"), LedgerSamples.Holder, default);
        await ledger.AdoptFilesAsync("t2", [.. files.Skip(51)], default);
    }

    private int Keep(string live)
    {
        _before = Files.Read(live);
        return 0;
    }

    private int CutAt(string live, LedgerMoment moment)
    {
        var after = Files.Read(live);
        Assert.Equal(_before!.Main, after.Main);
        string old = Dump(_before);
        string whole = Dump(after);
        Assert.NotEqual(old, whole);
        const int Step = 1531;
        int cuts = 0;
        for (int length = _before.Log.Length; length < after.Log.Length; length += Step, cuts++)
        {
            string found = Dump(after with { Log = after.Log[..length] });
            if (found != old)
            {
                _problems.Add($"{moment.Step} cut after {length} of {after.Log.Length} bytes");
            }
        }

        return cuts;
    }

    private string Dump(Files files)
    {
        string place = Directory.CreateDirectory(Path.Combine(_directory, "cut")).FullName;
        File.WriteAllBytes(Path.Combine(place, SqliteLedger.FileName), files.Main);
        File.WriteAllBytes(Path.Combine(place, SqliteLedger.FileName + "-wal"), files.Log);
        string text;
        using (var database = SqliteDatabase.Open(Path.Combine(place, SqliteLedger.FileName), 1))
        {
            Assert.Equal("ok", database.Sql("PRAGMA integrity_check").Select(row => row.Text())[0]);
            Assert.Empty(database.Sql("PRAGMA foreign_key_check").Select(row => row.Text()));
            text = string.Join('\n', Tables.Select(table => DumpTable(database, table)));
        }

        Directory.Delete(place, true);
        return text;
    }

    private static string DumpTable(SqliteDatabase database, string table)
    {
        List<string> columns = database.Sql($"SELECT name FROM pragma_table_info('{table}')").Select(row => row.Text());
        string row = string.Join(" || '|' || ", columns.Select(column => $"quote({column})"));
        return table + "\n" + string.Join('\n', database.Sql($"SELECT {row} FROM {table}").Select(found => found.Text()));
    }

    private sealed record Files(byte[] Main, byte[] Log)
    {
        public static Files Read(string directory)
        {
            string file = Path.Combine(directory, SqliteLedger.FileName);
            return new Files(File.ReadAllBytes(file), File.ReadAllBytes(file + "-wal"));
        }
    }
}
