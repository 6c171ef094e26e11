namespace Godwit.Cli;

/// <summary>A command cannot do what was asked: the sentences go to standard error and the code to the caller.</summary>
/// <param name="code">The exit code.</param>
/// <param name="sentences">Each names the value, the place and the remedy, and gets a line of its own. They hold no control character.</param>
internal sealed class CommandException(ExitCode code, params IReadOnlyList<string> sentences) : Exception(string.Join(' ', sentences))
{
    /// <summary>The exit code.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What is said, line by line.</summary>
    public IReadOnlyList<string> Sentences { get; } = sentences;

    /// <summary>After which time the same may succeed; null where nobody says so.</summary>
    public TimeSpan? TryAgainAfter { get; init; }

    /// <summary>Whether what was asked may have been done all the same.</summary>
    public bool MayBeDone { get; init; }
}
