using System.CommandLine;
using Godwit.Cli.Completion;
using Godwit.Cli.Configuration;
using Godwit.Cli.Configuration.Rclone;
using Godwit.Cli.Configuration.Secrets;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit config</c>: shows the configuration, checks it, and takes over another tool's.</summary>
internal static class ConfigCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context) => new("config", "Shows, checks and imports the configuration.")
    {
        ConfigShow.Build(context),
        Check(context),
        new Command("import", "Takes over what other tools are configured to reach.") { ImportRclone(context) },
    };

    private static Command Check(CommandContext context)
    {
        var command = new Command("check", "Checks the whole configuration, without asking any server (exit 2 for a fault).");
        command.SetAction(async (_, _) =>
        {
            Wiring wiring = context.Wiring;
            GodwitConfiguration configuration = wiring.Configuration.Read(wiring.Environment, out Faults faults);
            AddUnreachable(configuration, faults, wiring);
            faults.Require();
            await context.Output.WriteLineAsync(configuration.IsThere
                ? $"{ArgumentText.Show(configuration.File)}: {configuration.Endpoints.Count} {(configuration.Endpoints.Count == 1 ? "endpoint" : "endpoints")}, no fault."
                : $"There is no configuration at {ArgumentText.Show(configuration.File)}: the defaults hold.").ConfigureAwait(false);
            return (int)ExitCode.Success;
        });
        return command;
    }

    /// <summary>What is named and is not there: secrets, files and directories.</summary>
    public static void AddUnreachable(GodwitConfiguration configuration, Faults faults, Wiring wiring)
    {
        foreach (SecretReference reference in (configuration.Notices ?? []).Select(entry => entry.Secret).OfType<SecretReference>())
        {
            AddUnreachable(reference, faults, wiring);
        }

        foreach (StagerEntry entry in configuration.AllAsked)
        {
            AddUnreachable(entry, faults, wiring);
        }

        foreach (Endpoint endpoint in configuration.Endpoints)
        {
            foreach (SecretReference reference in endpoint.Credentials.Values)
            {
                AddUnreachable(reference, faults, wiring);
            }

            foreach (ISetting setting in EndpointReader.OptionsOf(endpoint.Kind).Where(setting => setting.IsFile))
            {
                if (endpoint.Options.TryGetValue(setting.Key, out ConfiguredValue? file) && MissingKind(setting, file.Text) is { } kind)
                {
                    faults.Add(LineOf(file.Origin), $"{setting.Key} is \"{file.Text}\", and there is no such {kind}. Name another one.");
                }
            }
        }
    }

    private static void AddUnreachable(StagerEntry entry, Faults faults, Wiring wiring)
    {
        if (entry.Secret is { } secret)
        {
            AddUnreachable(secret, faults, wiring);
        }

        foreach ((string key, ConfiguredValue file) in entry.Files.Where(one => !File.Exists(one.File.Text)))
        {
            faults.Add(LineOf(file.Origin), $"{key} is \"{file.Text}\", and there is no such file. Name another one.");
        }
    }

    private static void AddUnreachable(SecretReference reference, Faults faults, Wiring wiring)
    {
        if (ReadSecret.FaultOf(reference, wiring) is { } fault)
        {
            faults.Add(LineOf(reference.Origin), fault[(reference.Origin.Length + 2)..]);
        }
    }

    /// <summary>What is not there; null when it is.</summary>
    private static string? MissingKind(ISetting setting, string path) => ValueShape.Of(setting.Option).Kind == ValueKind.Directory
        ? (Directory.Exists(path) ? null : "directory")
        : (File.Exists(path) ? null : "file");

    private static int LineOf(string origin) => int.Parse(origin.AsSpan(origin.LastIndexOf(':') + 1), System.Globalization.CultureInfo.InvariantCulture);

    private static Command ImportRclone(CommandContext context)
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "rclone's configuration. Default: RCLONE_CONFIG, ~/.config/rclone/rclone.conf.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command(
            "rclone", "Takes over rclone's s3 and sftp remotes as endpoints; says what it cannot take over. Never changes an endpoint that is there.")
        {
            file,
        };
        command.SetAction((parsed, ct) => new RcloneImport(context).RunAsync(parsed.GetValue(file), ct));
        return command;
    }
}
