using Godwit.Storage;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>One file on its way through move, verify, publish and record.</summary>
internal sealed class FileInFlight(PlanItem item, string tag)
{
    private long _sent;
    private ByteBudget.Buffer? _read;

    /// <summary>The plan's line. Replaced when the source changed and the file is begun again.</summary>
    public PlanItem Item { get; set; } = item;

    /// <summary>What an earlier run left of this very file; null when it is new.</summary>
    public UnfinishedFile? Unfinished
    {
        get;
        init
        {
            field = value;
            MayHaveUpload = value is not null;
            Kept = value is { PartSize: > 0 } ? KeptParts.Of(value) : null;
        }
    }

    /// <summary>Whether the final file is there already and only its proof and receipt are missing.</summary>
    public bool OnlyProof { get; init; }

    /// <summary>The ledger's number.</summary>
    public long LedgerFile { get; set; }

    /// <summary>The mark of its upload.</summary>
    public string Tag { get; } = tag;

    /// <summary>Tries so far.</summary>
    public int Attempts { get; set; }

    /// <summary>The upload under way; null before it begins and for files that are written in one call.</summary>
    public PartedUpload? Upload { get; set; }

    /// <summary>Whether the store may hold an upload of ours, also one whose beginning was never answered.</summary>
    public bool MayHaveUpload { get; set; }

    /// <summary>Whether something of ours may have the final name without a receipt: the ledger must not forget the file then, or the
    /// next run would take it for one that is there.</summary>
    public bool MayStand { get; set; }

    /// <summary>Whether the store acknowledged that this try published the file.</summary>
    public bool IsPlaced { get; private set; }

    /// <summary>What its upload holds and need not get again; null where it is not cut into parts, or has to be sent anew.</summary>
    public KeptParts? Kept { get; set; }

    /// <summary>The parts that arrived, in order.</summary>
    public StoredPart[] Parts { get; set; } = [];

    /// <summary>What the source's bytes were, part by part; the checksums that a read-back is held against.</summary>
    public Checksum[] PartChecksums { get; set; } = [];

    /// <summary>Checksums of the whole file, from the source's bytes.</summary>
    public IReadOnlyList<Checksum> Checksums { get; private set; } = [];

    /// <summary>What the source's bytes give over the parts that its store knows it by; null where it knows none.</summary>
    public PartedChecksum? Parted { get; private set; }

    /// <summary>What the bytes that were read from the source were held against.</summary>
    public SourceProof SourceProof { get; set; }

    /// <summary>What an earlier try read, which is not what the list says.</summary>
    public Checksum? Refuted { get; set; }

    /// <summary>Bytes that were sent in this run.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>How the bytes went.</summary>
    public string Route { get; private set; } = Receipt.StreamRoute;

    /// <summary>Why they went that way.</summary>
    public RouteReason RouteReason { get; private set; }

    /// <summary>Whether servers were asked to move it between themselves, and did not.</summary>
    public bool WasRefused { get; set; }

    /// <summary>The proof, once there is one.</summary>
    public Verdict? Verdict { get; set; }

    /// <summary>The destination's entry, once it has its final name.</summary>
    public StoreEntry? Published { get; set; }

    /// <summary>Where what it replaces is kept, below the directory for that; null where it replaces nothing, or nothing is kept.</summary>
    public StorePath? Backup { get; set; }

    /// <summary>Why this try failed; null while all is well.</summary>
    public FileFailure? Failure { get; set; }

    /// <summary>Whether its turn came only after the transfer had stopped.</summary>
    public bool NotBegun { get; set; }

    /// <summary>Whether the destination turned out to have the same bytes already.</summary>
    public bool IsThere { get; set; }

    /// <summary>Whether somebody else took it from the source meanwhile.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Whether its receipt is durable.</summary>
    public bool IsRecorded { get; set; }

    /// <summary>Whether the next step of the flow is for this file too.</summary>
    public bool GoesOn => Failure is null && !NotBegun && !IsThere && !IsTaken;

    /// <summary>Whether it is a link that is made again, not a file with bytes.</summary>
    public bool IsLink => Item.Source.Kind == EntryKind.Link;

    /// <summary>The file's path as people know it.</summary>
    public StorePath Path => Item.Destination;

    /// <summary>Notes how its bytes go.</summary>
    public void Goes(string route, RouteReason reason = RouteReason.None) => (Route, RouteReason) = (route, reason);

    /// <summary>All of its bytes are in memory already: what it was when they were read is what is moved.</summary>
    public void KeepRead(StoreEntry pinned, ByteBudget.Buffer bytes)
    {
        _read = bytes;
        Item = Item with { Source = pinned };
    }

    /// <summary>Its bytes, once, for whoever moves them and then gives the memory back; null where they are still to be read.</summary>
    public ByteBudget.Buffer? TakeRead() => Interlocked.Exchange(ref _read, null);

    /// <summary>Takes over the checksums of all of the source's bytes, which went through the set.</summary>
    public void TakeChecksums(ChecksumSet digests) => TakeChecksums(digests.Finish(), digests.FinishParted(), inOnePart: true);

    /// <summary>Takes over the checksums of all of the source's bytes, the working one first.</summary>
    public void TakeChecksums(IReadOnlyList<Checksum> checksums, PartedChecksum? parted, bool inOnePart)
    {
        (Checksums, Parted) = (checksums, parted);
        if (inOnePart)
        {
            PartChecksums = [checksums[0]];
        }
    }

    /// <summary>Counts bytes that were sent.</summary>
    public void CountSent(long bytes) => Interlocked.Add(ref _sent, bytes);

    /// <summary>Makes the call that gives the file its final name.</summary>
    public async Task PlaceAsync(Func<ValueTask<StoreEntry>> call)
    {
        bool stood = MayStand;
        MayStand = true;
        try
        {
            Published = await call().ConfigureAwait(false);
            IsPlaced = true;
        }
        catch (StoreException e) when (!PublishFile.MayHaveTakenEffect(e) && e.RetriesSpent == 0)
        {
            MayStand = stood;
            throw;
        }
    }

    /// <summary>Forgets this try, but not what its upload keeps: the next one reads from the first byte.</summary>
    public void BeginAgain()
    {
        Failure = null;
        Verdict = null;
        Published = null;
        IsPlaced = false;
        Parts = [];
        PartChecksums = [];
        Checksums = [];
        Parted = null;
        SourceProof = SourceProof.None;
    }
}
