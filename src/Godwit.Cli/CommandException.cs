namespace Godwit.Cli;

/// <summary>A command cannot do what was asked: the sentence goes to standard error and the code to the caller.</summary>
/// <param name="code">The exit code.</param>
/// <param name="message">A sentence that names the value, the place and the remedy. It holds no control character.</param>
internal sealed class CommandException(ExitCode code, string message) : Exception(message)
{
    /// <summary>The exit code.</summary>
    public ExitCode Code { get; } = code;
}
