using System.CommandLine;

namespace Godwit.Cli.Options;

/// <summary>Where the state and the configuration are: common to all commands that keep or read a record.</summary>
internal sealed class StateOptions
{
    private readonly Option<string?> _state = SettingOption.File(
        "--state", "DIR", "Where the ledger is kept. Default: $XDG_STATE_HOME/godwit, else ~/.local/state/godwit.");

    private readonly Option<string?> _config = SettingOption.File(
        "--config", "FILE", "The configuration. Default: $GODWIT_CONFIG, else ~/.config/godwit/godwit.yaml.");

    private StateOptions()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static StateOptions AddTo(Command command)
    {
        var options = new StateOptions();
        command.Add(options._state);
        command.Add(options._config);
        return options;
    }

    /// <summary>What <c>--state</c> says; null without it.</summary>
    /// <exception cref="CommandException">The configuration cannot be used.</exception>
    public string? Read(ParseResult parsed, Wiring wiring)
    {
        Configuration.Check(parsed.GetValue(_config), wiring.Environment);
        return parsed.GetValue(_state);
    }
}
