using System.CommandLine;

namespace Godwit.Cli.Configuration;

/// <summary>The one rule of what counts: the option, else Godwit's variable, else the endpoint, else the configuration's defaults, else the variables
/// that all tools of a kind read.</summary>
/// <param name="parsed">The command line; null for none.</param>
/// <param name="environment">Reads an environment variable.</param>
/// <param name="scopes">What the configuration says, the nearest first: the endpoint's values, then the defaults.</param>
internal sealed class SettingSource(
    ParseResult? parsed, Func<string, string?> environment, params IReadOnlyList<IReadOnlyDictionary<string, ConfiguredValue>> scopes)
{
    /// <summary>The value in force; the type's default where nothing is said.</summary>
    /// <exception cref="CommandException">A variable holds what cannot be used.</exception>
    public T? Value<T>(Setting<T> setting)
    {
        if (IsOption(setting))
        {
            return parsed!.GetValue(setting);
        }

        return BelowOptions(setting) is { } found ? setting.Read(found.Text) : default;
    }

    /// <summary>Whether the command line says it.</summary>
    public bool IsOption(ISetting setting) => parsed?.GetResult(setting.Option) is { Implicit: false };

    /// <summary>The value in force as text, with its origin; what holds where nothing is said has the origin <c>default</c>.</summary>
    /// <exception cref="CommandException">A variable holds what cannot be used.</exception>
    public ConfiguredValue Find(ISetting setting)
    {
        if (IsOption(setting))
        {
            string text = parsed!.GetResult(setting.Option)!.Tokens is [.., { } last] ? last.Value : "yes";
            return new ConfiguredValue(text, $"option {setting.Option.Name}");
        }

        return BelowOptions(setting) ?? new ConfiguredValue(setting.Usually, "default");
    }

    private ConfiguredValue? BelowOptions(ISetting setting) =>
        InEnvironment(setting, setting.Variables)
        ?? scopes.Select(scope => scope.GetValueOrDefault(setting.Key)).FirstOrDefault(value => value is not null)
        ?? InEnvironment(setting, setting.SharedVariables);

    private ConfiguredValue? InEnvironment(ISetting setting, IReadOnlyList<string> variables)
    {
        if (variables.FirstOrDefault(name => environment(name) is { Length: > 0 }) is not { } variable)
        {
            return null;
        }

        string text = environment(variable)!;
        return setting.FaultsOf(text, variable) is { Count: > 0 } faults
            ? throw new CommandException(ExitCode.Usage, faults)
            : new ConfiguredValue(text, $"environment {variable}");
    }
}
