using Godwit.Storage;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>The bytes of a file's pinned version as a source for one write, which nobody keeps: their checksums are computed as they pass. A
/// write that is repeated begins both anew.</summary>
internal sealed class PassingSource
{
    private readonly MoveContext _context;
    private (IReadOnlyList<Checksum> Whole, PartedChecksum? Parted) _found = ([], null);

    public PassingSource(MoveContext context, FileInFlight file)
    {
        _context = context;
        StoreEntry pinned = file.Item.Source;
        Bytes = new WriteSource(pinned.Length, async ct =>
        {
            StoreBody body = await ReadSource.OpenPinnedAsync(_context.Source, pinned, ct).ConfigureAwait(false);
            ChecksumSet digests = _context.DigestsOf(file.Item, ChooseProof.WorkingKind);
            return new DigestingStream(body.Content, digests, done => _found = (done.Finish(), done.FinishParted()));
        });
    }

    /// <summary>What is written.</summary>
    public WriteSource Bytes { get; }

    /// <summary>Gives the file the checksums of what passed last.</summary>
    public void Tell(FileInFlight file) => file.TakeChecksums(_found.Whole, _found.Parted, inOnePart: true);
}
