using System.Text;
using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>How a sentence went on a store.</summary>
public enum StoreCheckOutcome
{
    /// <summary>It holds.</summary>
    Passed = 0,

    /// <summary>It does not hold.</summary>
    Failed,

    /// <summary>The store lacks what the sentence is about.</summary>
    NotApplicable,
}

/// <summary>How one sentence went.</summary>
/// <param name="Check">The sentence.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Reason">What was seen instead, or what the store lacks; null when it passed.</param>
public sealed record StoreCheckResult(StoreCheck Check, StoreCheckOutcome Outcome, string? Reason);

/// <summary>How a run of the kit went.</summary>
/// <param name="Store">Which store.</param>
/// <param name="Results">Each sentence, in the kit's order.</param>
public sealed record StoreKitReport(StoreIdentity Store, IReadOnlyList<StoreCheckResult> Results)
{
    /// <summary>Whether no sentence failed.</summary>
    public bool Conforms => Results.All(result => result.Outcome != StoreCheckOutcome.Failed);

    /// <summary>How many went like this.</summary>
    public int Count(StoreCheckOutcome outcome) => Results.Count(result => result.Outcome == outcome);

    /// <summary>The run as a table for people: one line a sentence, then a line of counts.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Store).Append('\n');
        foreach (StoreCheckResult result in Results)
        {
            string word = result.Outcome switch
            {
                StoreCheckOutcome.Passed => "ok",
                StoreCheckOutcome.Failed => "FAILED",
                _ => "-",
            };
            text.Append("  ").Append(word.PadRight(8)).Append(result.Check.Says);
            if (result.Reason is not null)
            {
                // A server's message may hold line ends and control characters of its own.
                text.Append(": ").Append(PathText.Escape(Encoding.UTF8.GetBytes(result.Reason)));
            }

            text.Append('\n');
        }

        return text.Append(
            $"{Count(StoreCheckOutcome.Passed)} passed, {Count(StoreCheckOutcome.Failed)} failed, "
            + $"{Count(StoreCheckOutcome.NotApplicable)} not applicable\n").ToString();
    }
}
