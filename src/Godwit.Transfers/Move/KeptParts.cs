using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>What an upload holds by our own record, from an earlier run or from an earlier try of this one: what need not be sent again,
/// as long as the source is still the same version.</summary>
/// <param name="version">The version of the source: <see cref="StoreEntry.ResumeVersion"/>.</param>
/// <param name="length">The source's bytes.</param>
/// <param name="uploadId">The store's name for the upload; null when the answer was lost.</param>
/// <param name="partSize">Bytes of each part but the last.</param>
internal sealed class KeptParts(string version, long length, string? uploadId, long partSize)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, FilePart> _parts = [];

    public string? UploadId { get; } = uploadId;

    public long PartSize { get; } = partSize;

    /// <summary>Whether some were sent by an earlier run, which may have ended with the machine.</summary>
    public bool AreOfEarlierRun { get; private set; }

    /// <summary>What an earlier run left.</summary>
    public static KeptParts Of(UnfinishedFile left)
    {
        var kept = new KeptParts(left.Intent.SourceVersion, left.Intent.Length, left.UploadId, left.PartSize) { AreOfEarlierRun = true };
        foreach (FilePart part in left.Parts)
        {
            kept.Add(part);
        }

        return kept;
    }

    private static bool IsHeld(FilePart part, Dictionary<int, StoredPart> held) => held.TryGetValue(part.Number, out StoredPart? there)
        && there.Length == part.Length
        && (part.Token is not { } told || there.Token is not { } tells || told == tells);

    /// <summary>Whether the parts are of this version.</summary>
    public bool AreOf(StoreEntry source) => length == source.Length && version == FileIntent.VersionOf(source);

    /// <summary>A part arrived. The same number again replaces it.</summary>
    public void Add(FilePart part)
    {
        lock (_lock)
        {
            _parts[part.Number] = part;
        }
    }

    /// <summary>No part counts: each is sent again.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _parts.Clear();
            AreOfEarlierRun = false;
        }
    }

    /// <summary>The parts, by number, without those that the store has lost or holds otherwise than it told when they arrived.</summary>
    /// <param name="held">What the store has; null where only this record can tell.</param>
    public IReadOnlyDictionary<int, FilePart> Among(IReadOnlyList<StoredPart>? held)
    {
        var byNumber = held?.ToDictionary(part => part.Number);
        lock (_lock)
        {
            return _parts.Values.Where(part => byNumber is null || IsHeld(part, byNumber)).ToDictionary(part => part.Number);
        }
    }
}
