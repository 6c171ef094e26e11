using Godwit.Storage;
using Godwit.Transfers.Move;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Verify;

/// <summary>Proves that what was read is what the source holds, and says by which fact.</summary>
internal sealed class ProveSource(MoveContext context)
{
    /// <summary>Holds what was read against what the source says of it, where it says something: a byte flipped on the way from the source
    /// would otherwise be proved faithfully all the way to the destination. Where it says nothing, a reading that is to be proved by all means
    /// is repeated.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: what was read is not what the source holds.</exception>
    public async Task HoldAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        await HoldAgainstListAsync(file, ct).ConfigureAwait(false);
        SourceClaim? claim = file.Checksums.Count == 0 ? null : context.ClaimOf(pinned);
        if (claim is { Parted: null, Value: null, Kind: { } kind })
        {
            claim = await context.Source.StoredChecksum!.GetAsync(pinned.Path, kind, ct).ConfigureAwait(false) is { } told
                ? claim.Value with { Value = told }
                : null;
        }

        if (claim is { } said && Matches(file, said))
        {
            file.SourceProof = said.By;
        }
        else if (claim is { Value: not null } refuted)
        {
            await RefuteAsync(file, refuted, ct).ConfigureAwait(false);
        }
        else if (claim is not null || (context.Policy.Verify == VerifyBy.ReadBack && context.Source.StoredChecksum is not null))
        {
            // How a file was cut is only what somebody wrote down: where its checksum differs, the cut may be another one.
            await ReadAgainAsync(file, ct).ConfigureAwait(false);
            file.SourceProof = SourceProof.ReadTwice;
        }
        else
        {
            bool keepsSome = context.Source.StoredChecksum is not null && context.Policy.Verify != VerifyBy.Size;
            file.SourceProof = file.Item.Expected is not null ? SourceProof.Listed : keepsSome ? SourceProof.Missing : SourceProof.None;
        }
    }

    /// <summary>Computes the source's checksums for a file whose bytes did not pass through here, and proves the reading.</summary>
    public async Task DigestAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        using ChecksumSet digests = context.DigestsOf(file.Item, ChooseProof.WorkingKind);
        await context.DigestAsync(() => OpenAsync(pinned, ct), digests, pinned.Length, pinned.Path, ct).ConfigureAwait(false);
        file.TakeChecksums(digests);
        await HoldAsync(file, ct).ConfigureAwait(false);
    }

    private async Task HoldAgainstListAsync(FileInFlight file, CancellationToken ct)
    {
        if (file.Item.Expected is not { } expected)
        {
            return;
        }

        Checksum? read = file.Checksums.Cast<Checksum?>().FirstOrDefault(checksum => checksum!.Value.Kind == expected.Kind);
        if (read != expected)
        {
            await ReadSource.RequireUnchangedAsync(context.Source, file.Item.Source, ct).ConfigureAwait(false);
            bool again = read is not null && file.Refuted == read;
            file.Refuted = read;
            throw new StoreException(StoreErrorKind.Integrity, ExpectedBytes.Sentence(read, expected, again))
            {
                Side = StoreSide.Source,
                Path = file.Item.Source.Path,
                Next = again ? NextStep.GiveUp : NextStep.RestartFile,
            };
        }
    }

    private static bool Matches(FileInFlight file, SourceClaim claim) => claim.Parted is { } parted
        ? file.Parted == parted
        : file.Checksums.First(checksum => checksum.Kind == claim.Kind) == claim.Value;

    private async Task RefuteAsync(FileInFlight file, SourceClaim claim, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        await ReadSource.RequireUnchangedAsync(context.Source, pinned, ct).ConfigureAwait(false);
        Checksum ours = file.Checksums.First(checksum => checksum.Kind == claim.Kind);
        string theirs = claim.By == SourceProof.Noted
            ? $"whoever wrote it noted {claim.Value} beside it. If the note is wrong, copy the file with --verify size"
            : $"the source says {claim.Value}";
        throw SourceDiffers(pinned.Path, $"What was read from the source is {ours}, {theirs}.");
    }

    private async ValueTask<Stream> OpenAsync(StoreEntry pinned, CancellationToken ct) =>
        (await ReadSource.OpenPinnedAsync(context.Source, pinned, ct).ConfigureAwait(false)).Content;

    private async Task ReadAgainAsync(FileInFlight file, CancellationToken ct)
    {
        StoreEntry pinned = file.Item.Source;
        Checksum first = file.Checksums.First(checksum => checksum.Kind == ChooseProof.WorkingKind);
        using var digests = new ChecksumSet([ChooseProof.WorkingKind]);
        await MoveContext.DigestBesideAsync(() => OpenAsync(pinned, ct), digests, pinned.Length, pinned.Path, ct).ConfigureAwait(false);
        Checksum second = digests.Finish()[0];
        if (first != second)
        {
            throw SourceDiffers(pinned.Path, $"What was read from the source is {first}, and {second} when it was read again.");
        }
    }

    private static StoreException SourceDiffers(StorePath path, string how) => new(StoreErrorKind.Integrity, how)
    {
        Side = StoreSide.Source,
        Path = path,
    };
}
