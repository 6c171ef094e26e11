namespace Godwit.Storage;

/// <summary>Says what is right and wrong on the way to the store and with the store itself, a step at a time.</summary>
/// <remarks>Nothing is changed by it. No layer stands around it: nothing is repeated, and whoever makes the steps limits their time.</remarks>
public interface IDiagnosis
{
    /// <summary>The steps of one examination, in their order. Each is made once, after the one before it has ended: it may build on what
    /// that one found. Nothing happens before the first.</summary>
    IReadOnlyList<DiagnosisStep> Begin(DiagnosisScope scope);
}

/// <summary>What the store is to be used for.</summary>
/// <param name="Writes">Whether files are to be written; otherwise they are only read.</param>
/// <param name="Work">How long that will take; null where nobody knows.</param>
public sealed record DiagnosisScope(bool Writes, TimeSpan? Work = null);

/// <summary>One thing that is looked at.</summary>
/// <param name="Name">What it is called, in a word or two that stay as they are: programs read it.</param>
/// <param name="LookAsync">Looks at it; gives null where there is nothing to be said. A <see cref="StoreException"/> is a failure as it is,
/// and whatever took too long, because its token was cancelled, is one too.</param>
public sealed record DiagnosisStep(string Name, Func<CancellationToken, ValueTask<Finding?>> LookAsync)
{
    /// <summary>Whether the steps behind this one say nothing once it has failed: they are then left out.</summary>
    public bool IsNeeded { get; init; }
}

/// <summary>What was found.</summary>
/// <param name="Outcome">How it is.</param>
/// <param name="Seen">What was seen, in one line for people. It never holds a secret.</param>
/// <param name="Remedy">What to do, for anything that is not well; null where nothing is to be done.</param>
public sealed record Finding(FindingOutcome Outcome, string Seen, string? Remedy = null);

/// <summary>How something is.</summary>
public enum FindingOutcome
{
    /// <summary>As it should be.</summary>
    Ok = 0,

    /// <summary>It works, and somebody should look at it.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It cannot be told, such as a permission to write where nothing may be written.</summary>
    Unknown,
}
