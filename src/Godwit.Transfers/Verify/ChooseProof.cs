using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Transfers.Verify;

/// <summary>By which fact a file is proved, and when.</summary>
internal enum Proof
{
    /// <summary>The store refuses every part, or the whole file, that does not match what is sent with it.</summary>
    OnArrival = 0,

    /// <summary>The store's own checksum of what was written is compared before it is published.</summary>
    StoredUnpublished,

    /// <summary>What was written is read again before it is published.</summary>
    ReadUnpublished,

    /// <summary>The store's own checksum of the published file is compared.</summary>
    StoredAfter,

    /// <summary>The published file is read again.</summary>
    ReadAfter,

    /// <summary>The length is compared.</summary>
    Size,
}

/// <summary>The proof for a destination and a policy: a pure function, each row of its table is a test.</summary>
internal static class ChooseProof
{
    /// <summary>The kind of checksum that each part is held against when it is read again, and that adds up to the whole file's.</summary>
    public const ChecksumKind WorkingKind = ChecksumKind.Crc64Nvme;

    /// <summary>Chooses the cheapest proof that the policy accepts; what comes before publishing is preferred to what comes after.</summary>
    /// <param name="destination">The store.</param>
    /// <param name="policy">What is accepted.</param>
    /// <param name="isSentFromHere">Whether checksums can go with the bytes.</param>
    public static Proof For(IStore destination, VerifyBy policy, bool isSentFromHere = true) => policy switch
    {
        VerifyBy.Size => Proof.Size,
        VerifyBy.Auto when isSentFromHere && destination.ArrivalChecksum is not null => Proof.OnArrival,
        VerifyBy.Auto when destination.PartedWrite?.UnpublishedChecksum is not null => Proof.StoredUnpublished,
        _ when destination.PartedWrite?.UnpublishedRead is not null => Proof.ReadUnpublished,
        VerifyBy.Auto when destination.StoredChecksum is not null => Proof.StoredAfter,
        _ => Proof.ReadAfter,
    };

    /// <summary>The kind that the store's own checksum of a file will be of; null where none is compared.</summary>
    public static ChecksumKind? WholeKind(IStore destination, Proof proof) => proof switch
    {
        Proof.StoredUnpublished => destination.PartedWrite!.UnpublishedChecksum!.Kinds[0],
        Proof.StoredAfter => destination.StoredChecksum!.Kinds[0],
        _ => null,
    };

    /// <summary>What the proof is called in a receipt.</summary>
    public static Verdict VerdictOf(Proof proof) => proof switch
    {
        Proof.OnArrival => Verdict.OnArrival,
        Proof.StoredUnpublished or Proof.StoredAfter => Verdict.Stored,
        Proof.Size => Verdict.SizeOnly,
        _ => Verdict.ReadBack,
    };
}
