using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Verify;

namespace Godwit.Transfers.Move;

/// <summary>What a transfer between two stores will do under a policy, as far as the stores alone decide it.</summary>
public sealed record PairFacts
{
    /// <summary>How the bytes of large files go, as <see cref="Receipt.Route"/> has it.</summary>
    public required string Route { get; init; }

    /// <summary>Why they go that way.</summary>
    public required RouteReason RouteReason { get; init; }

    /// <summary>How each file will be proved; of files that the server copies, by what both stores tell of them.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Whether the proof comes before a file has its final name.</summary>
    public required bool IsProvedFirst { get; init; }

    /// <summary>Whether a stopped transfer goes on inside a large file.</summary>
    public required bool GoesOnInside { get; init; }

    /// <summary>Whether the source tells checksums that what was read can be held against.</summary>
    public required bool SourceTells { get; init; }

    /// <summary>The facts of a pair.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: the policy forces a route that this pair does not have.</exception>
    public static PairFacts Of(IStore source, IStore destination, TransferPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(policy);
        ChosenRoute chosen = ChooseRoute.For(source, destination, long.MaxValue, policy);
        Proof proof = ChooseProof.For(destination, policy.Verify);
        return new PairFacts
        {
            Route = chosen.Name,
            RouteReason = chosen.Reason,
            Verdict = ChooseProof.VerdictOf(proof),
            IsProvedFirst = proof is Proof.OnArrival or Proof.StoredUnpublished or Proof.ReadUnpublished,
            GoesOnInside = chosen.Route == Move.Route.Parts && source.RangedRead is not null && destination.PartedWrite?.Limits.MaxParts > 1,
            SourceTells = source.StoredChecksum is not null,
        };
    }
}
