using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Conformance.Ledger;

/// <summary>What the ledger's checks write and how they compare.</summary>
internal static class Samples
{
    public const string From = "file://here";
    public const string To = "s3://there/bucket";

    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>A holder that nobody can tell anything about.</summary>
    public static RunHolder Holder(string name = "run") => new(name, _ => false, Patience);

    public static StorePath Path(string text) => StorePath.FromText(text);

    public static TransferRecord Transfer(string id, string path, string space = To) =>
        new(id, "copy", "/data", "s3://there/bucket/x", space, Path(path), new Timestamp(1_000_000_000));

    public static FileIntent Intent(string name) => Intent(Path(name));

    public static FileIntent Intent(StorePath path) => new(From, path, "v1 of it", To, path, 12, "tag");

    public static FilePart Part(int number) =>
        new(number, (number - 1) * 8L, 8, new Checksum(ChecksumKind.Crc32C, [1, 2, 3, (byte)number]), number % 2 == 0 ? null : "etag")
        {
            IsProved = number % 2 == 0,
        };

    public static Receipt Receipt(long file, FileIntent intent, string version = "e1") => new()
    {
        File = file,
        Intent = intent,
        DestinationVersion = version,
        Checksums = [new Checksum(ChecksumKind.Adler32, [0, 0, 1, 2]), new Checksum(ChecksumKind.Md5, new byte[16])],
        Verdict = Verdict.Stored,
        SourceProof = SourceProof.Noted,
        Route = "stream",
        SentBytes = 7,
        Delivered = new Timestamp(-5),
    };

    public static FileAttempt Attempt(string name, int number, bool final, long file = 0) => new()
    {
        File = file,
        Source = Path(name),
        Destination = Path(name),
        Number = number,
        Kind = "source-changed",
        Side = StoreSide.Source,
        Message = "It changed while it was read.",
        MayPass = true,
        Final = final,
        Ended = new Timestamp(123_456_789),
    };

    public static ReceiptScope Scope(string source = "", string destination = "") => new(From, Path(source), To, Path(destination));

    /// <summary>A ledger with one transfer that holds the whole destination.</summary>
    public static async Task<ILedger> BegunAsync(OpenLedger open, string id = "t1", TimeProvider? time = null)
    {
        ILedger ledger = await open(time ?? TimeProvider.System).ConfigureAwait(false);
        Require(await ledger.BeginTransferAsync(Transfer(id, ""), Holder(), default).ConfigureAwait(false) is null, "the claim is refused");
        return ledger;
    }

    public static ValueTask EndAsync(this ILedger ledger, string id) =>
        ledger.EndTransferAsync(id, TransferOutcome.Success, new TransferTotals(), new Timestamp(2_000_000_000), default);

    public static async Task<IReadOnlyList<UnfinishedFile>> UnfinishedAsync(this ILedger ledger, string below = "") =>
        await ledger.FindUnfinishedAsync(To, Path(below), default).ConfigureAwait(false);

    public static void Require(bool holds, string otherwise, [CallerLineNumber] int line = 0)
    {
        if (!holds)
        {
            throw new LedgerCheckException($"{otherwise} (line {line})");
        }
    }

    public static void RequireSame(IEnumerable<string> expected, IEnumerable<string> found, string of)
    {
        string[] wanted = [.. expected];
        string[] there = [.. found];
        Require(wanted.SequenceEqual(there), $"{of}: [{string.Join(", ", there)}] instead of [{string.Join(", ", wanted)}]");
    }

    public static bool Same(Receipt one, Receipt other) =>
        one with { Checksums = [] } == other with { Checksums = [] } && one.Checksums.SequenceEqual(other.Checksums);

    public static async Task RequireRefusedAsync(Func<ValueTask> call, string otherwise)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (LedgerException)
        {
            return;
        }

        throw new LedgerCheckException(otherwise);
    }
}

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class StandingClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Move(TimeSpan by) => _now += by;
}
