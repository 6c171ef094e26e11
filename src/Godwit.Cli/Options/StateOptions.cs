using System.CommandLine;

namespace Godwit.Cli.Options;

/// <summary>Where the state is: common to all commands that keep or read a record.</summary>
internal sealed class StateOptions
{
    private readonly Option<string?> _state = SettingOption.File(
        "--state", "DIR", "Where the ledger is kept. Default: $XDG_STATE_HOME/godwit, else ~/.local/state/godwit.");

    private StateOptions()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static StateOptions AddTo(Command command)
    {
        var options = new StateOptions();
        command.Add(options._state);
        return options;
    }

    /// <summary>What <c>--state</c> says; null without it.</summary>
    public string? Read(ParseResult parsed) => parsed.GetValue(_state);
}
