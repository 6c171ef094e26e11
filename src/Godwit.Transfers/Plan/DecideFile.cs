using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Plan;

/// <summary>What to do with one thing of the source, given what is at the destination: a pure function, so that each row is a test.</summary>
public static class DecideFile
{
    /// <summary>Decides without looking at any content.</summary>
    /// <param name="source">The source's entry.</param>
    /// <param name="existing">The destination's entry of the same key; null when there is none.</param>
    /// <param name="destination">The final path.</param>
    /// <param name="limits">What the destination can hold.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="precision">The coarser of both stores' time precisions; 0 when one keeps no time.</param>
    /// <param name="keepsDirectories">Whether the destination keeps directories of their own.</param>
    /// <param name="now">The present, for <see cref="TransferPolicy.StableFor"/>.</param>
    /// <param name="root">The destination store's root: its limits are about whole paths.</param>
    public static PlanItem For(
        StoreEntry source,
        StoreEntry? existing,
        StorePath destination,
        StoreLimits limits,
        TransferPolicy policy,
        long precision,
        bool keepsDirectories,
        Timestamp now,
        StorePath root = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(policy);
        if (source.Kind is EntryKind.Other)
        {
            return Item(PlanDecision.SkippedSpecial, "neither a file nor a directory");
        }

        if (source.Kind is EntryKind.Link && policy.Links != LinkPolicy.Keep)
        {
            return Item(PlanDecision.SkippedLink, policy.Links == LinkPolicy.Follow ? "the link leads nowhere within the root" : "links are skipped");
        }

        if (source.Kind is EntryKind.Directory && !keepsDirectories)
        {
            return Item(existing is null ? PlanDecision.SkippedDirectory : PlanDecision.Unchanged, "the destination keeps no directories");
        }

        if (limits.Refuses(root.Join(destination)) is { } refusal)
        {
            return Item(PlanDecision.Impossible, "the name cannot be held") with { Failure = FileFailure.NameNotRepresentable(refusal) };
        }

        if (source.Kind != EntryKind.Directory && existing is { Kind: EntryKind.Directory } && !keepsDirectories)
        {
            // Beside a prefix there is room for a file of that name.
            existing = null;
        }

        if (source.Kind != EntryKind.Directory && existing is { Kind: EntryKind.Other or EntryKind.Directory })
        {
            // Whatever is to be left alone or replaced: no file is there.
            return Item(PlanDecision.Impossible, "in-the-way") with
            {
                Failure = existing.Kind == EntryKind.Other
                    ? FileFailure.SpecialInTheWay(destination)
                    : new Contest(destination, EntryKind.Directory).Failure("move it away, or give the file another name", false),
            };
        }

        return source.Kind switch
        {
            EntryKind.Directory => Item(existing is null ? PlanDecision.MakeDirectory : PlanDecision.Unchanged, "directory"),
            EntryKind.Link => Link(),
            _ => File(),
        };

        PlanItem Item(PlanDecision decision, string reason) => new(decision, reason, source, destination, existing);

        PlanItem Link()
        {
            bool same = policy.Compare == CompareBy.Ledger
                ? existing?.ResumeVersion == FileIntent.VersionOf(source)
                : existing?.LinkTarget is { } there && source.LinkTarget is { } here && there.Span.SequenceEqual(here.Span);
            return same || (existing is not null && policy.NoOverwrite)
                ? Item(PlanDecision.Unchanged, "the link is there")
                : Item(PlanDecision.MakeLink, existing is null ? "new" : "points elsewhere");
        }

        PlanItem File()
        {
            // A time in the future is no moment of this clock: waiting for it could take years.
            if (policy.StableFor > TimeSpan.Zero && source.Modified is { } changed
                && Int128.Abs((Int128)now.Nanoseconds - changed.Nanoseconds) < (long)(policy.StableFor.TotalSeconds * 1e9))
            {
                return Item(PlanDecision.Unsettled, $"changed less than {policy.StableFor} ago");
            }

            if (source.Length > limits.FileBytes)
            {
                return Item(PlanDecision.Impossible, "too large") with
                {
                    Failure = new FileFailure("too-large", StoreSide.Destination,
                        $"The file has {source.Length} bytes; the destination holds at most {limits.FileBytes}.", false, NextStep.GiveUp),
                };
            }

            (PlanDecision decision, string reason) = Compare(source, existing, limits, policy, precision);
            return Item(decision, reason);
        }
    }

    private static (PlanDecision Decision, string Reason) Compare(
        StoreEntry source, StoreEntry? existing, StoreLimits limits, TransferPolicy policy, long precision)
    {
        if (existing is null)
        {
            return (PlanDecision.Move, "new");
        }

        if (policy.NoOverwrite || policy.Compare == CompareBy.Exists)
        {
            return (PlanDecision.Unchanged, "exists");
        }

        if (policy.Compare == CompareBy.Always)
        {
            return (PlanDecision.Move, "always");
        }

        if (existing.Kind != EntryKind.File || existing.Length != source.Length)
        {
            return (PlanDecision.Move, existing.Kind == EntryKind.File ? "size differs" : "a link there");
        }

        return policy.Compare switch
        {
            CompareBy.Size => (PlanDecision.Unchanged, "same size"),
            CompareBy.Ledger => existing.ResumeVersion == source.ResumeVersion
                ? (PlanDecision.Unchanged, "delivered before")
                : (PlanDecision.Move, "another version was delivered before"),
            CompareBy.Checksum => (PlanDecision.Compare, "same size, content to be compared"),
            _ => ByTime(source, existing, limits, precision),
        };
    }

    private static (PlanDecision Decision, string Reason) ByTime(StoreEntry source, StoreEntry existing, StoreLimits limits, long precision)
    {
        if (precision == 0)
        {
            return (PlanDecision.Unchanged, "same size; no time to compare");
        }

        if (source.Modified is not { } here || existing.Modified is not { } there)
        {
            return (PlanDecision.Move, "its time is not known");
        }

        bool isSame = existing.ModifiedWithin is null
            ? limits.Kept(here).Floor(precision) == there.Floor(precision)
            : existing.MayBeModified(here);
        return isSame
            ? (PlanDecision.Unchanged, "same size and time")
            : (PlanDecision.Move, here > there ? "newer at the source" : "time differs");
    }
}
