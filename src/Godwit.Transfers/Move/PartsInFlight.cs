using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Move;

/// <summary>One try to move a file by its parts.</summary>
/// <param name="File">The file.</param>
/// <param name="Plan">How it is cut.</param>
/// <param name="Reader">Reads the parts.</param>
/// <param name="Digests">The checksums of the whole that take every byte in order.</param>
/// <param name="Sums">The checksum over the parts of the object that is read; null where that is not computed so.</param>
/// <param name="Done">The parts that an earlier try sent.</param>
/// <param name="Stream">Moves parts that are not kept in memory; null where they are.</param>
internal sealed record PartsInFlight(
    FileInFlight File, PartPlan Plan, ReadSource Reader, ChecksumSet Digests, PartSums? Sums, IReadOnlyDictionary<int, FilePart> Done,
    StreamPart? Stream)
{
    /// <summary>All bytes of a small file that were read already; null where parts are read one by one.</summary>
    public ByteBudget.Buffer? Read { get; init; }

    /// <summary>In which parts ask for memory: by their numbers.</summary>
    public InOrder RentOrder { get; } = new(1);

    /// <summary>In which the checksums take parts: by their numbers.</summary>
    public InOrder DigestOrder { get; } = new(1);
}
