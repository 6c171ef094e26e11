using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers.Record;

/// <summary>What the tests of one ledger write.</summary>
internal static class LedgerSamples
{
    public const string Space = "s3://there/bucket";

    public static RunHolder Holder { get; } = new("run", _ => false, TimeSpan.FromMinutes(2));

    public static TransferRecord Transfer(string id) =>
        new(id, "copy", "/data", "s3://there/bucket/x", Space, StorePath.Root, new Timestamp(1));

    public static FileIntent Intent(string name) =>
        new("file://here", StorePath.FromText(name), "12:1700000000000000000", Space, StorePath.FromText(name), 12, "k3j9");

    public static Receipt Receipt(long file, string name) => new()
    {
        File = file,
        Intent = Intent(name),
        DestinationVersion = "\"0123456789abcdef\"",
        Checksums = [new Checksum(ChecksumKind.Sha256, new byte[32])],
        Verdict = Verdict.OnArrival,
        Route = "stream",
        SentBytes = 12,
        Delivered = new Timestamp(2),
    };

    public static FilePart Part(int number) => new(number, number * 8L, 8, new Checksum(ChecksumKind.Crc32C, [1, 2, 3, 4]), "etag");
}
