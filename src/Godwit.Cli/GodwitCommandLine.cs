using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Godwit.Cli.Client;
using Godwit.Cli.Commands;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Cli.Relay;
using Godwit.Cli.Results;
using Godwit.Cli.Service;
using Godwit.Storage;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Record;

namespace Godwit.Cli;

/// <summary>The command line: what there is to call, and what every call ends with.</summary>
internal static partial class GodwitCommandLine
{
    /// <summary>The commands by their names, in the order in which help shows them.</summary>
    public static readonly IReadOnlyList<(string Name, Func<CommandContext, Command> Build)> Commands =
    [
        ("copy", CopyCommand.Build), ("sync", SyncCommand.Build), ("move", MoveCommand.Build), ("check", CheckCommand.Build),
        ("ls", LsCommand.Build), ("stat", StatCommand.Build), ("cat", CatCommand.Build), ("rm", RmCommand.Build), ("mkdir", MkdirCommand.Build),
        ("cleanup", CleanupCommand.Build), ("checksum", ChecksumCommand.Build), ("history", HistoryCommand.Build), ("show", ShowCommand.Build),
        ("report", ReportCommand.Build), ("store", StoreCheckCommand.Build), ("baseline", BaselineCommand.Build), ("resend", ResendCommand.Build),
        ("relay", RelayCommand.Build), ("serve", ServeCommand.Build), ("submit", SubmitCommand.Build), ("status", StatusCommand.Build),
        ("transfers", TransfersCommand.Build), ("cancel", ActCommands.Cancel), ("pause", ActCommands.Pause), ("resume", ActCommands.Resume),
        ("retry", ActCommands.Retry), ("logs", LogsCommand.Build), ("schedule", ScheduleCommand.Build), ("token", TokenCommand.Build), ("audit", AuditCommand.Build),
        ("notices", NoticesCommand.Build),
        ("doctor", DoctorCommand.Build), ("config", ConfigCommand.Build), ("completion", CompletionCommand.Build),
    ];

    /// <summary>Runs one command line to its exit code. Nothing is thrown for what a user can cause.</summary>
    /// <param name="args">The arguments, as <see cref="ArgumentText"/> keeps bytes.</param>
    /// <param name="wiring">What it is connected to.</param>
    /// <param name="output">Standard output: what was asked for.</param>
    /// <param name="error">Standard error: progress and what went wrong.</param>
    /// <param name="ct">A clean stop.</param>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, Wiring wiring, TextWriter output, TextWriter error, CancellationToken ct)
    {
        var sftp = new SftpReach();
        await using ConfiguredAsyncDisposable endingConnections = sftp.ConfigureAwait(false);
        var grid = new GfalReach();
        await using ConfiguredAsyncDisposable endingWorkers = grid.ConfigureAwait(false);
        wiring = wiring with { S3 = new S3Reach(), Sftp = sftp, Grid = grid, Configuration = new ConfigurationReach { Stop = ct } };
        Command root = Build(new CommandContext(wiring, output, error), args.Count > 0 ? args[0] : null);
        ParseResult parsed = root.Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction || (parsed.Action is null && parsed.Errors.Count > 0) || IsMistaken(parsed))
        {
            await TellFaultsAsync(parsed, root, error, ct).ConfigureAwait(false);
            return (int)ExitCode.Usage;
        }

        foreach (StoreReach reach in wiring.Reaches)
        {
            reach.Take(parsed);
        }

        wiring.Configuration.Take(parsed);
        var invocation = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        bool twoSides = parsed.CommandResult.Command.Arguments.Count > 1;
        return await EndAsync(() => parsed.InvokeAsync(invocation, ct), twoSides, wiring, output, error).ConfigureAwait(false);
    }

    /// <summary>Runs one command line whose arguments are bytes.</summary>
    public static Task<int> RunAsync(
        IEnumerable<byte[]> args, Wiring wiring, TextWriter output, TextWriter error, CancellationToken ct) =>
        RunAsync([.. args.Select(argument => ArgumentText.FromBytes(argument))], wiring, output, error, ct);

    /// <summary>What there is to call, for whoever describes it.</summary>
    public static Command Definitions() => Build(new CommandContext(new Wiring(), TextWriter.Null, TextWriter.Null));

    /// <summary>The definitions; of one command alone where its name is given and known, which takes a fraction of the time.</summary>
    private static Command Build(CommandContext context, string? only = null)
    {
        var root = new Command("godwit", "Moves files between sites and proves that they arrived.");
        bool isKnown = Commands.Any(command => command.Name == only);
        foreach ((_, Func<CommandContext, Command> build) in Commands.Where(command => !isKnown || command.Name == only))
        {
            root.Add(build(context));
        }

        root.Add(new HelpOption { Action = new HelpWithSections(new HelpAction()) });
        root.Add(new VersionOption());
        foreach (StoreReach reach in context.Wiring.Reaches)
        {
            reach.AddTo(root);
        }

        context.Wiring.Configuration.AddTo(root);
        return root;
    }

    /// <summary>Only where a command runs: help and completion take anything.</summary>
    private static bool IsMistaken(ParseResult parsed) =>
        parsed.Action == parsed.CommandResult.Command.Action && UsageFaults.MistakenOptions(parsed).Any();

    private static async Task TellFaultsAsync(ParseResult parsed, Command root, TextWriter error, CancellationToken ct)
    {
        string command = NameOf(parsed.CommandResult.Command, root);
        if (UsageFaults.AskNothing(parsed))
        {
            string[] help = [.. command.Split(' ').Skip(1), "--help"];
            await root.Parse(help).InvokeAsync(new InvocationConfiguration { Output = error, Error = error }, ct).ConfigureAwait(false);
        }

        foreach (string fault in UsageFaults.Of(parsed))
        {
            await error.WriteLineAsync($"godwit: {Masked(fault)}").ConfigureAwait(false);
        }

        await error.WriteLineAsync($"Try: {command} --help").ConfigureAwait(false);
    }

    private static async Task<int> EndAsync(Func<Task<int>> command, bool twoSides, Wiring wiring, TextWriter output, TextWriter error)
    {
        int code;
        IReadOnlyList<string> sentences = [];
        try
        {
            code = await command().ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            (code, sentences) = ((int)e.Code, e.Sentences);
        }
        catch (OperationCanceledException)
        {
            (code, sentences) = ((int)wiring.StopCode(), ["stopped."]);
        }
        catch (StoreException e)
        {
            (code, sentences) = ((int)ExitCode.Fatal, [FailedFile.Told(e, twoSides)]);
        }
        catch (Exception e) when (e is LedgerException or ClaimRefusedException)
        {
            (code, sentences) = ((int)ExitCode.Fatal, [e.Message]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (code, sentences) = ((int)ExitCode.Other, [e.Message]);
        }

        if (await FlushAsync(output).ConfigureAwait(false) is { } fault && code == (int)ExitCode.Success)
        {
            (code, sentences) = ((int)ExitCode.Other, [$"Not all of standard output could be written: {fault.Message}"]);
        }

        foreach (string sentence in sentences)
        {
            await error.WriteLineAsync($"godwit: {ArgumentText.Show(sentence)}").ConfigureAwait(false);
        }

        return code;
    }

    /// <summary>Why what was asked for could not be written. A pipe that nobody reads any more is no reason: the runtime drops what is
    /// written to it, and what the command did is not undone by that.</summary>
    private static async Task<IOException?> FlushAsync(TextWriter output)
    {
        try
        {
            await output.FlushAsync().ConfigureAwait(false);
            return null;
        }
        catch (IOException e)
        {
            return e;
        }
    }

    private static string NameOf(Command command, Command root)
    {
        string[] names = [.. command.Parents.OfType<Command>().Where(parent => parent != root).Select(parent => parent.Name)];
        return string.Join(' ', (string[])[root.Name, .. names, .. command == root ? Array.Empty<string>() : [command.Name]]);
    }

    /// <summary>What the parser quotes may be an address with a key in it.</summary>
    private static string Masked(string message) => ArgumentText.Show(Credentials().Replace(message, "://***@"));

    [GeneratedRegex("://[^/@\\s]*@")]
    private static partial Regex Credentials();
}

/// <summary>What every command writes to and is connected to.</summary>
internal sealed record CommandContext(Wiring Wiring, TextWriter Output, TextWriter Error);
