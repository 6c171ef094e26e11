using Godwit.Storage;

namespace Godwit.Transfers.Verify;

/// <summary>What a list says the bytes of a file are.</summary>
internal static class ExpectedBytes
{
    /// <summary>The sentence for people.</summary>
    /// <param name="read">What was read.</param>
    /// <param name="expected">What the list says.</param>
    /// <param name="again">Whether it was read twice, with the same result.</param>
    public static string Sentence(Checksum? read, Checksum expected, bool again) =>
        read is null
            ? $"What was read from the source could not be held against {expected}, as the list says."
            : $"What was read from the source{(again ? ", twice," : "")} is {read}, and the list says {expected}.";

    /// <summary>The failure of a file whose bytes were read before and are others: reading them again says nothing new.</summary>
    public static FileFailure Refuted(Checksum known, Checksum expected) => new(
        "integrity", StoreSide.Source, $"What was delivered before is {known}, and the list says {expected}.", false, NextStep.GiveUp);
}
