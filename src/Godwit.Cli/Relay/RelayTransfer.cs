using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Commands;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Relay;

/// <summary>What both halves of a relay have in common: the options, and a run of the engine.</summary>
/// <param name="verb">What it is called in the ledger.</param>
/// <param name="context">The process.</param>
/// <param name="options">The options, on the command.</param>
/// <param name="filters">Those that choose files, likewise.</param>
internal sealed class RelayTransfer(string verb, CommandContext context, CopyOptions options, FilterArguments filters)
{
    /// <summary>Adds to a command the options of a transfer that make sense there.</summary>
    /// <param name="command">The command.</param>
    /// <param name="verb">What it is called in the ledger.</param>
    /// <param name="context">The process.</param>
    /// <param name="without">Options that it does not take, beside those that no relay takes.</param>
    public static RelayTransfer AddTo(Command command, string verb, CommandContext context, params IReadOnlyList<string> without)
    {
        var options = CopyOptions.AddTo(
            command, FileOrder.SmallFirst, [.. without, "--links", "--plan", BackupDirectory.Option, "--route"]);
        return new RelayTransfer(verb, context, options, FilterArguments.AddTo(command));
    }

    /// <summary>Runs it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="from">Where files come from.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="layout">How the box keeps files.</param>
    /// <param name="policyOf">What only this half does.</param>
    /// <param name="findAsync">Finds the two stores.</param>
    /// <param name="ct">A clean stop.</param>
    public async Task<int> RunAsync(
        ParseResult parsed,
        Address from,
        Address to,
        BoxLayout layout,
        Func<TransferPolicy, TransferPolicy> policyOf,
        Func<CopySettings, Task<TransferEnds>> findAsync,
        CancellationToken ct)
    {
        FilterSelection selection = await filters.ReadAsync(parsed, context.Wiring, columns: false, ct).ConfigureAwait(false);
        EntryFilter filter = selection.Files is { } files ? selection.Filter with { Missing = () => files.NotMet } : selection.Filter;

        // A box keeps no links, and its bytes have to pass through here, whatever the configuration says for copies.
        CopySettings settings = options.Read(
            parsed, context.Wiring, filter, [from.Endpoint, to.Endpoint],
            policy => policyOf(policy with { Links = LinkPolicy.Skip, Route = RouteChoice.Auto }));
        settings = settings with { ListFiles = filters.ListsOf(parsed) };
        context.Wiring.Sftp.UsesChecksums = settings.Policy is not { Verify: VerifyBy.Size, Compare: not CompareBy.Checksum };
        if (settings.Policy.DryRun || layout != BoxLayout.Godwit)
        {
            return (int)await RunAsync(settings, await findAsync(settings).ConfigureAwait(false), null, ct).ConfigureAwait(false);
        }

        bool isPull = verb == RelayVerbs.Pull;
        string state = StateDirectory.Choose(settings.State, context.Wiring.Environment);
        var note = new RelayRunNote(isPull ? from : to, isPull, state, context.Wiring);
        await using ConfiguredAsyncDisposable _ = note.ConfigureAwait(false);
        return (int)await RunAsync(settings, findAsync, note, ct).ConfigureAwait(false);
    }

    private Task<ExitCode> RunAsync(CopySettings settings, TransferEnds ends, RelayRunNote? note, CancellationToken ct)
    {
        RunTransfer run = note is null
            ? new RunTransfer(verb, settings, context)
            : new RunTransfer(verb, settings, context) { Watching = [note], Measured = note.Measure };
        return run.RunAsync(ends, ct);
    }

    private async Task<ExitCode> RunAsync(CopySettings settings, Func<CopySettings, Task<TransferEnds>> findAsync, RelayRunNote note, CancellationToken ct)
    {
        ExitCode code;
        try
        {
            code = await RunAsync(settings, await findAsync(settings).ConfigureAwait(false), note, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreException or CommandException { Code: ExitCode.Fatal })
        {
            // A side that cannot be reached, or does not let this host in: what the other side most wants to know.
            await note.EndAsync(ExitCode.Fatal, e is StoreException refused ? FailedFile.Told(refused, twoSides: true) : e.Message).ConfigureAwait(false);
            throw;
        }

        await note.EndAsync(code, null).ConfigureAwait(false);
        return code;
    }
}
