using Godwit.Storage;
using Godwit.Transfers.Plan;

namespace Godwit.Transfers.Queue;

/// <summary>Puts the planned files into the order that was asked for, in bounded memory.</summary>
internal static class OrderFiles
{
    private const int InMemory = 100_000;

    /// <summary>A sorter for the order; null where files go as they are listed.</summary>
    public static ExternalSort<PlanItem>? For(FileOrder order, OpenScratch openScratch) => ComparisonOf(order) is { } comparison
        ? new ExternalSort<PlanItem>(comparison, PlanItemCodec.Instance, openScratch, InMemory)
        : null;

    /// <summary>A sorter that puts directories before what is in them.</summary>
    public static ExternalSort<PlanItem> ByPath(OpenScratch openScratch) =>
        new((a, b) => ListingOrder.Compare(a.Source, b.Source), PlanItemCodec.Instance, openScratch, InMemory);

    private static Comparison<PlanItem>? ComparisonOf(FileOrder order) => order switch
    {
        FileOrder.SmallFirst => (a, b) => Then(a.Source.Length.CompareTo(b.Source.Length), a, b),
        FileOrder.LargeFirst => (a, b) => Then(b.Source.Length.CompareTo(a.Source.Length), a, b),
        FileOrder.Oldest => (a, b) => Then(TimeOf(a).CompareTo(TimeOf(b)), a, b),
        FileOrder.Newest => (a, b) => Then(TimeOf(b).CompareTo(TimeOf(a)), a, b),
        FileOrder.Mixed => (a, b) => Then(Shuffle(a).CompareTo(Shuffle(b)), a, b),
        _ => null,
    };

    private static int Then(int first, PlanItem a, PlanItem b) => first != 0 ? first : a.Destination.CompareTo(b.Destination);

    private static long TimeOf(PlanItem item) => item.Source.Modified?.Nanoseconds ?? 0;

    /// <summary>The same shuffle at every run: FNV-1a of the path.</summary>
    private static ulong Shuffle(PlanItem item)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in item.Destination.Bytes)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return hash;
    }

    private sealed class PlanItemCodec : IScratchCodec<PlanItem>
    {
        public static PlanItemCodec Instance { get; } = new();

        public void Write(BinaryWriter writer, PlanItem item)
        {
            writer.Write((byte)item.Decision);
            writer.Write(item.Reason);
            EntryCodec.Instance.Write(writer, item.Source);
            writer.Write7BitEncodedInt(item.Destination.Bytes.Length);
            writer.Write(item.Destination.Bytes);
            writer.Write(item.Existing is not null);
            if (item.Existing is { } existing)
            {
                EntryCodec.Instance.Write(writer, existing);
            }

            writer.Write7BitEncodedInt(item.Contest?.Path.Bytes.Length ?? 0);
            writer.Write(item.Contest is { } contest ? contest.Path.Bytes : default);
            writer.Write((byte)(item.Contest?.There ?? default));
            writer.Write((byte)(item.Expected?.Kind ?? default));
            writer.Write(item.Expected is { } expected ? expected.Value : default);
        }

        public PlanItem Read(BinaryReader reader)
        {
            var decision = (PlanDecision)reader.ReadByte();
            string reason = reader.ReadString();
            StoreEntry source = EntryCodec.Instance.Read(reader);
            var destination = StorePath.FromBytes(reader.ReadBytes(reader.Read7BitEncodedInt()));
            StoreEntry? existing = reader.ReadBoolean() ? EntryCodec.Instance.Read(reader) : null;
            byte[] place = reader.ReadBytes(reader.Read7BitEncodedInt());
            var there = (EntryKind)reader.ReadByte();
            Contest? contest = place.Length > 0 ? new Contest(StorePath.FromBytes(place), there) : null;
            var kind = (ChecksumKind)reader.ReadByte();
            Checksum? expected = kind == default ? null : new Checksum(kind, reader.ReadBytes(Checksum.SizeOf(kind)));
            return new PlanItem(decision, reason, source, destination, existing) { Contest = contest, Expected = expected };
        }
    }
}
