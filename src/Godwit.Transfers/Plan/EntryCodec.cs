using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>Entries in a scratch stream of this process; not a format that outlives it.</summary>
internal sealed class EntryCodec : IScratchCodec<StoreEntry>
{
    public static EntryCodec Instance { get; } = new();

    public void Write(BinaryWriter writer, StoreEntry item)
    {
        WriteBytes(writer, item.Path.Bytes);
        writer.Write((byte)item.Kind);
        writer.Write(item.Length);
        writer.Write(item.Modified is not null);
        writer.Write(item.Modified?.Nanoseconds ?? 0);
        writer.Write(item.ModifiedWithin ?? -1);
        writer.Write(item.Mode ?? -1);
        writer.Write(item.Allocated ?? -1);
        WriteText(writer, item.Version);
        WriteText(writer, item.ResumeVersion);
        writer.Write(item.Inode is not null);
        writer.Write(item.Inode?.Number ?? 0);
        writer.Write(item.Inode?.Changed.Nanoseconds ?? 0);
        writer.Write(item.LinkTarget is not null);
        WriteBytes(writer, item.LinkTarget is { } target ? target.Span : default);
        WriteChecksums(writer, item.Checksums);
        WriteChecksums(writer, item.Noted is { } noted ? [noted] : []);
        WriteChecksums(writer, item.Parted is { } parted ? [parted.Value] : []);
        writer.Write(item.Parted?.PartSize ?? 0);
    }

    public StoreEntry Read(BinaryReader reader)
    {
        var path = StorePath.FromBytes(ReadBytes(reader));
        var kind = (EntryKind)reader.ReadByte();
        long length = reader.ReadInt64();
        bool hasTime = reader.ReadBoolean();
        long time = reader.ReadInt64();
        long within = reader.ReadInt64();
        int mode = reader.ReadInt32();
        long allocated = reader.ReadInt64();
        string? version = ReadText(reader);
        string? resumeVersion = ReadText(reader);
        bool hasInode = reader.ReadBoolean();
        var inode = new InodeStamp(reader.ReadUInt64(), new Timestamp(reader.ReadInt64()));
        bool isLink = reader.ReadBoolean();
        byte[] target = ReadBytes(reader);
        return new StoreEntry
        {
            Path = path,
            Kind = kind,
            Length = length,
            Modified = hasTime ? new Timestamp(time) : null,
            ModifiedWithin = within < 0 ? null : within,
            Mode = mode < 0 ? null : mode,
            Allocated = allocated < 0 ? null : allocated,
            Version = version,
            ResumeVersion = resumeVersion,
            Inode = hasInode ? inode : null,
            LinkTarget = isLink ? new ReadOnlyMemory<byte>(target) : null,
            Checksums = ReadChecksums(reader),
            Noted = ReadChecksums(reader) is [var noted] ? noted : null,
            Parted = ReadParted(reader),
        };
    }

    private static void WriteChecksums(BinaryWriter writer, IReadOnlyList<Checksum> checksums)
    {
        writer.Write7BitEncodedInt(checksums.Count);
        foreach (Checksum checksum in checksums)
        {
            writer.Write((byte)checksum.Kind);
            writer.Write(checksum.Value);
        }
    }

    private static PartedChecksum? ReadParted(BinaryReader reader)
    {
        Checksum[] value = ReadChecksums(reader);
        long partSize = reader.ReadInt64();
        return value is [var sum] ? new PartedChecksum(sum, partSize) : null;
    }

    private static Checksum[] ReadChecksums(BinaryReader reader)
    {
        int count = reader.Read7BitEncodedInt();
        var checksums = new Checksum[count];
        for (int i = 0; i < count; i++)
        {
            var kind = (ChecksumKind)reader.ReadByte();
            checksums[i] = new Checksum(kind, reader.ReadBytes(Checksum.SizeOf(kind)));
        }

        return checksums;
    }

    private static void WriteBytes(BinaryWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.Write7BitEncodedInt(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] ReadBytes(BinaryReader reader) => reader.ReadBytes(reader.Read7BitEncodedInt());

    private static void WriteText(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        writer.Write(text ?? "");
    }

    private static string? ReadText(BinaryReader reader)
    {
        bool present = reader.ReadBoolean();
        string text = reader.ReadString();
        return present ? text : null;
    }
}
