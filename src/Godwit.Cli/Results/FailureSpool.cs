using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Cli.Results;

/// <summary>Remembers the files that failed: the first few for people, all of them outside of memory for the report.</summary>
internal sealed class FailureSpool(Func<Stream> openScratch) : ITransferObserver, IDisposable
{
    /// <summary>Failures shown to people at most; the report has the rest.</summary>
    public const int Shown = 20;

    private readonly Lock _lock = new();
    private readonly List<FailedFile> _first = [];
    private Stream? _scratch;
    private BinaryWriter? _writer;
    private long _inScratch;

    /// <summary>The first of them.</summary>
    public IReadOnlyList<FailedFile> First => _first;

    /// <summary>How many there are.</summary>
    public long Count => _first.Count + _inScratch;

    /// <summary>Why not all of them could be kept; null when they were.</summary>
    public IOException? Fault { get; private set; }

    public void On(TransferEvent happened)
    {
        if (happened is not FileFailed failed)
        {
            return;
        }

        lock (_lock)
        {
            var file = FailedFile.From(failed);
            if (_first.Count < Shown)
            {
                _first.Add(file);
                return;
            }

            _inScratch++;
            try
            {
                Write(_writer ??= Open(), file);
            }
            catch (IOException e)
            {
                Fault ??= e;
            }
        }
    }

    public void OnBytes(StorePath path, long bytes)
    {
    }

    /// <summary>All of them, in the order in which they failed. To be read when nothing is added any more.</summary>
    public IEnumerable<FailedFile> All()
    {
        foreach (FailedFile file in _first)
        {
            yield return file;
        }

        if (_scratch is null || Fault is not null)
        {
            yield break;
        }

        _writer!.Flush();
        _scratch.Position = 0;
        using var reader = new BinaryReader(_scratch, System.Text.Encoding.UTF8, leaveOpen: true);
        for (long left = _inScratch; left > 0; left--)
        {
            yield return new FailedFile(
                ReadPath(reader), reader.ReadString(), (StoreSide)reader.ReadInt32(), reader.ReadString(), reader.ReadInt32(), reader.ReadBoolean())
            {
                Listed = new ListedFile(ReadPath(reader), ReadPath(reader), ReadChecksum(reader)),
            };
        }

        _scratch.Position = _scratch.Length;
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _scratch?.Dispose();
    }

    private BinaryWriter Open() => new(_scratch = openScratch(), System.Text.Encoding.UTF8, leaveOpen: true);

    private static void Write(BinaryWriter writer, FailedFile file)
    {
        Write(writer, file.Path);
        writer.Write(file.Kind);
        writer.Write((int)file.Side);
        writer.Write(file.Message);
        writer.Write(file.Attempts);
        writer.Write(file.MayPass);
        Write(writer, file.Listed.Source);
        Write(writer, file.Listed.Destination);
        writer.Write((byte)(file.Listed.Expected?.Kind ?? default));
        writer.Write(file.Listed.Expected is { } expected ? expected.Value : default);
    }

    private static void Write(BinaryWriter writer, StorePath path)
    {
        writer.Write(path.Bytes.Length);
        writer.Write(path.Bytes);
    }

    private static StorePath ReadPath(BinaryReader reader) => StorePath.FromBytes(reader.ReadBytes(reader.ReadInt32()));

    private static Checksum? ReadChecksum(BinaryReader reader)
    {
        var kind = (ChecksumKind)reader.ReadByte();
        return kind == default ? null : new Checksum(kind, reader.ReadBytes(Checksum.SizeOf(kind)));
    }
}
