using System.Diagnostics;
using System.Globalization;
using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Postgres;
using Godwit.Transfers.Record.Sql;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Benchmarks;

/// <summary>What a service writes into its ledger for each file, without moving any: in a file, and in the database that <c>servers/postgres</c> started.</summary>
internal static class LedgerScenarios
{
    /// <summary>The first argument of this program when it is a contestant.</summary>
    public const string Word = "ledger";

    private const int Page = 1000;

    public static IReadOnlyList<Scenario> All { get; } = [new("ledger", Record)];

    /// <summary>A transfer of many files: each is named, begun and delivered.</summary>
    /// <param name="place">A directory, or the address of a database.</param>
    /// <param name="count">How many files.</param>
    /// <param name="batch">How many in one call.</param>
    public static async Task RunAsync(string place, int count, int batch)
    {
        await using SqlLedger ledger = place.Contains("://", StringComparison.Ordinal)
            ? await PostgresLedger.OpenAsync(place, TimeProvider.System, default)
            : await SqliteLedger.OpenAsync(Directory.CreateDirectory(place).FullName, TimeProvider.System, default);
        string id = TransferId.New(TimeProvider.System);
        ListedFile[] files = [.. Enumerable.Range(0, count).Select(at => File($"{id}/d{at / Page}/file-{at:D8}.fits"))];
        await ledger.Submissions.ReceiveAsync(new Submission(id, "me", "", "copy", "a", "b", "{}", default), default);
        await TellAsync("named", count, async () =>
        {
            foreach (ListedFile[] some in files.Chunk(Page))
            {
                await ledger.Submissions.AddFilesAsync(id, some, default);
            }
        });
        await ledger.BeginTransferAsync(
            new TransferRecord(id, "copy", "a", "b", "file://b", StorePath.FromText(id), default), new RunHolder(id, _ => false, TimeSpan.FromMinutes(2)), default);
        await TellAsync(
            string.Create(CultureInfo.InvariantCulture, $"begun and delivered, {batch} in a call"),
            count,
            async () =>
            {
                foreach (ListedFile[] some in files.Chunk(batch))
                {
                    await DeliverAsync(ledger, id, some);
                }
            });
        await ledger.EndTransferAsync(id, TransferOutcome.Success, new TransferTotals(), default, default);
    }

    private static async Task DeliverAsync(SqlLedger ledger, string id, ListedFile[] some)
    {
        FileIntent[] intents = [.. some.Select(file => new FileIntent("file://a", file.Source, "12 123456789", "file://b", file.Destination, 12, "tag"))];
        IReadOnlyList<long> numbers = await ledger.StartFilesAsync(id, intents, default);
        await ledger.RecordDeliveredAsync(
            id,
            [.. intents.Zip(numbers, (intent, number) => new Receipt
            {
                File = number,
                Intent = intent,
                Checksums = [new Checksum(ChecksumKind.Sha256, new byte[32])],
                Verdict = Verdict.ReadBack,
                Route = "stream",
                SentBytes = 12,
                Delivered = default,
            })],
            default);
    }

    private static async Task TellAsync(string what, int count, Func<Task> work)
    {
        long began = Stopwatch.GetTimestamp();
        await work();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {count / Stopwatch.GetElapsedTime(began).TotalSeconds:N0} files a second"));
    }

    private static ListedFile File(string name) => new(StorePath.FromText(name), StorePath.FromText(name));

    private static Race Record(Room room)
    {
        int files = room.Size.Files ?? 50_000;
        string database = Environment.GetEnvironmentVariable("GODWIT_TEST_POSTGRES")
            ?? throw new InvalidOperationException("There is no server: set -a; eval \"$(servers/postgres start)\"; set +a");
        return new Race(
            $"a transfer of {files} files in the ledger, each named, begun and delivered",
            [.. from batch in (int[])[100, 1000]
                from place in (string[])["SQLite", "PostgreSQL"]
                select new Contestant(
                    $"{place}, {batch} in a call",
                    () => new Command([Environment.ProcessPath!, Word, place == "SQLite" ? room.Fresh("ledger") : database, $"{files}", $"{batch}"]))]);
    }
}
