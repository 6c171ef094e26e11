using System.CommandLine;
using Godwit.Cli.Configuration.Secrets;
using Godwit.Cli.Options;
using Godwit.Cli.Results;

namespace Godwit.Cli.Configuration;

/// <summary>Which configuration counts, read at most once in a run, and the secrets that it refers to.</summary>
internal sealed class ConfigurationReach
{
    private readonly Option<string?> _config = SettingOption.File(
        "--config", "FILE", "The configuration. Default: GODWIT_CONFIG, $XDG_CONFIG_HOME/godwit/godwit.yaml, ~/.config/godwit/godwit.yaml.");

    private readonly Dictionary<SecretReference, string> _secrets = [];
    private ParseResult? _parsed;
    private GodwitConfiguration? _inForce;

    /// <summary>A stop from outside, for a configuration that nobody writes.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Adds the option to every command that does something.</summary>
    public void AddTo(Command command)
    {
        if (command.Subcommands.Count == 0)
        {
            command.Add(_config);
        }

        foreach (Command below in command.Subcommands)
        {
            AddTo(below);
        }
    }

    /// <summary>Takes over what a command line says.</summary>
    public void Take(ParseResult parsed) => _parsed = parsed;

    /// <summary>The configuration in force; an empty one where there is no file and none was named.</summary>
    /// <exception cref="CommandException">A named file is missing, or a file has faults: all of them are in the message.</exception>
    public GodwitConfiguration InForce(Func<string, string?> environment)
    {
        if (_inForce is null)
        {
            GodwitConfiguration read = Read(environment, out Faults faults);
            faults.Require();
            _inForce = read;
        }

        return _inForce;
    }

    /// <summary>Another configuration is in force from now on; secrets are looked up again.</summary>
    public void Renew(GodwitConfiguration read)
    {
        lock (_secrets)
        {
            _secrets.Clear();
        }

        Volatile.Write(ref _inForce, read);
    }

    /// <summary>The configuration as far as it can be used, and what is wrong with it.</summary>
    /// <exception cref="CommandException">A named file is missing.</exception>
    public GodwitConfiguration Read(Func<string, string?> environment, out Faults faults)
    {
        string? named = Named(environment);
        string file = FileOf(environment);
        faults = new Faults(file);
        return ConfigurationText.Read(file, isNamed: named is not null, Stop) is { } text
            ? ConfigurationReader.Read(text, new ConfigurationPlace(file, environment("HOME")), faults)
            : new GodwitConfiguration { File = file };
    }

    /// <summary>Where the configuration is kept, or would be: below <c>XDG_CONFIG_HOME</c> before <c>~/.config</c>, which counts where it alone is there.</summary>
    public string FileOf(Func<string, string?> environment)
    {
        if (Named(environment) is { } named)
        {
            return Path.GetFullPath(named);
        }

        string usual = Path.Combine(environment("HOME") ?? "/", ".config", "godwit", "godwit.yaml");
        string? other = environment("XDG_CONFIG_HOME") is { Length: > 0 } home && Path.IsPathRooted(home) ? Path.Combine(home, "godwit", "godwit.yaml") : null;
        return Path.GetFullPath(other is not null && (File.Exists(other) || !File.Exists(usual)) ? other : usual);
    }

    /// <summary>The configuration as a file that a command reads.</summary>
    public ReadFile AsRead(Func<string, string?> environment) => new(FileOf(environment), "the configuration");

    /// <summary>The secret of a reference, which is looked up once in a run.</summary>
    /// <exception cref="CommandException">It cannot be had.</exception>
    public string Secret(SecretReference reference, Wiring wiring)
    {
        lock (_secrets)
        {
            if (!_secrets.TryGetValue(reference, out string? secret))
            {
                secret = ReadSecret.Of(reference, wiring);
                _secrets.Add(reference, secret);
            }

            return secret;
        }
    }

    /// <summary>The secret of a reference as it is now, because what was looked up before has expired.</summary>
    /// <exception cref="CommandException">It cannot be had.</exception>
    public string SecretAnew(SecretReference reference, Wiring wiring)
    {
        string secret = ReadSecret.Of(reference, wiring);
        lock (_secrets)
        {
            _secrets[reference] = secret;
        }

        return secret;
    }

    /// <summary>Has every secret looked up again when it is needed next: one that was refused may have been replaced where it lies.</summary>
    public void ForgetSecrets()
    {
        lock (_secrets)
        {
            _secrets.Clear();
        }
    }

    private string? Named(Func<string, string?> environment) => _parsed?.GetResult(_config) is { Implicit: false }
        ? _parsed.GetValue(_config)
        : environment("GODWIT_CONFIG") is { Length: > 0 } variable ? variable : null;
}
