using System.CommandLine;
using Godwit.Cli.Configuration;

namespace Godwit.Cli.Options;

/// <summary>How stores of one kind are reached: settings, which are options of every command with an address, variables, and options of
/// endpoints.</summary>
internal abstract class StoreReach : IAsyncDisposable
{
    /// <summary>The kinds of endpoints that are reached so: the schemes of their URLs.</summary>
    public abstract IReadOnlyList<string> Kinds { get; }

    /// <summary>All settings.</summary>
    public abstract IReadOnlyList<ISetting> All { get; }

    /// <summary>What the command line says; null for none.</summary>
    protected ParseResult? Parsed { get; private set; }

    /// <summary>Adds the options to every command that takes an address.</summary>
    public void AddTo(Command command)
    {
        // What is submitted is reached by the service, as its own configuration says.
        if (command.Name != "submit" && command.Arguments.Any(argument => argument.Name is "SRC" or "URL"))
        {
            AddOptionsTo(command);
        }

        foreach (Command below in command.Subcommands)
        {
            AddTo(below);
        }
    }

    /// <summary>Adds the options to one command.</summary>
    public void AddOptionsTo(Command command)
    {
        foreach (ISetting setting in All)
        {
            command.Add(setting.Option);
        }
    }

    /// <summary>Takes over what a command line says.</summary>
    public void Take(ParseResult parsed) => Parsed = parsed;

    /// <summary>What counts for an endpoint; null for a place that was named by its URL.</summary>
    public SettingSource SourceOf(Endpoint? endpoint, Wiring wiring) =>
        new(Parsed, wiring.Environment, endpoint is null ? [] : [endpoint.Options]);

    /// <summary>Where the credential for an endpoint comes from, for people and never the secret; null where nothing but its own options and
    /// credentials tells.</summary>
    public virtual ConfiguredValue? CredentialShown(Endpoint endpoint, Wiring wiring) => null;

    /// <summary>When the credential for an endpoint ends, as far as files and variables tell now; null where nobody knows, or where it has no end.</summary>
    /// <exception cref="CommandException">A setting or a secret cannot be used.</exception>
    /// <exception cref="Storage.StoreException">The credential cannot be read.</exception>
    public virtual DateTimeOffset? CredentialEnd(Endpoint endpoint, Wiring wiring) => null;

    /// <summary>A file that is read more than once, or by another process: a pipe gives its content once, and to one.</summary>
    /// <exception cref="CommandException">It is a pipe.</exception>
    protected static string? NoPipe(string? file, string what, ISetting setting) => file is null || !InputFile.IsPipe(file) ? file
        : throw new CommandException(
            ExitCode.Usage, $"The {what} \"{ArgumentText.Show(file)}\" is a pipe, and it is read more than once. Name a file with {setting.Option.Name}.");

    /// <summary>Ends what the stores of a run shared.</summary>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
