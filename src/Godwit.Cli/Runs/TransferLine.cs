using System.CommandLine;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Move;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Runs;

/// <summary>The arguments and options that all commands have which move files, and what they mean. A service reads what is handed to it by the very
/// same, so that a name, a value and a fault are what they are on the command line.</summary>
internal sealed class TransferLine
{
    private readonly Argument<string> _source = new("SRC") { Description = "A file, or a directory: its contents are meant." };

    private readonly Argument<string> _destination = new("DST")
    {
        Description = "A directory, or the new name of a single file. A single file goes into DST when DST ends in / or is a directory.",
    };

    private readonly CopyOptions _options;
    private readonly FilterArguments _filters;

    private TransferLine(Command command)
    {
        command.Add(_source);
        command.Add(_destination);
        _options = CopyOptions.AddTo(command);
        _filters = FilterArguments.AddTo(command);
    }

    /// <summary>Adds them to a command.</summary>
    public static TransferLine AddTo(Command command) => new(command);

    /// <summary>The options on a command line that decide what a plan has decided.</summary>
    public IReadOnlyList<string> Deciding(ParseResult parsed) => _options.Deciding(parsed);

    /// <summary>What a command line says. No server is asked.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="wiring">The process.</param>
    /// <param name="change">What the command at hand does to the policy.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="CommandException">It cannot be carried out; the sentences hold every fault.</exception>
    public async Task<OrderedTransfer> ReadAsync(ParseResult parsed, Wiring wiring, Func<TransferPolicy, TransferPolicy> change, CancellationToken ct)
    {
        FilterSelection selection = await _filters.ReadAsync(parsed, wiring, columns: true, ct).ConfigureAwait(false);
        EntryFilter filter = selection.Files is { } files ? selection.Filter with { Missing = () => files.NotMet } : selection.Filter;
        var from = Address.Parse("SRC", parsed.GetRequiredValue(_source), wiring);
        var to = Address.Parse("DST", parsed.GetRequiredValue(_destination), wiring);
        CopySettings settings = _options.Read(parsed, wiring, filter, [from.Endpoint, to.Endpoint], change);
        return new OrderedTransfer(from, to, settings with
        {
            Listed = selection.Listed,
            Files = selection.Files,
            ListFiles = _filters.ListsOf(parsed),
        });
    }
}

/// <summary>A transfer that was ordered: where from, where to, and how.</summary>
/// <param name="From">The source.</param>
/// <param name="To">The destination.</param>
/// <param name="Settings">Everything else.</param>
internal sealed record OrderedTransfer(Address From, Address To, CopySettings Settings)
{
    /// <summary>Finds out what the two addresses mean, and that the transfer can be carried out between them. Nothing is written.</summary>
    /// <exception cref="CommandException">It cannot.</exception>
    public async Task<TransferEnds> FindAsync(Wiring wiring, CancellationToken ct)
    {
        TransferEnds ends = await TransferEnds.FindAsync(From, To, Settings.Policy.Links, wiring, ct).ConfigureAwait(false);
        RequireList(ends);
        RequireRoute(ends);
        return ends;
    }

    /// <summary>Refuses a route that these two places do not have: no file could be moved.</summary>
    private void RequireRoute(TransferEnds ends)
    {
        try
        {
            _ = PairFacts.Of(ends.Source, ends.Destination, Settings.Policy);
        }
        catch (StoreException e)
        {
            throw new CommandException(ExitCode.Usage, e.Message);
        }
    }

    /// <summary>Refuses a list with columns that cannot be carried out, before anything is done.</summary>
    private void RequireList(TransferEnds ends)
    {
        if (Settings.Listed is not { } listed)
        {
            return;
        }

        string? fault = ends.Single is not null ? "SRC is a single file, and --files-from with columns names files below a directory. Name the directory."
            : Settings.Policy.Removal is not null ? "sync makes DST like SRC, and --files-from gives files other names or checksums there: use copy or move."
            : Settings.PassedBy is { } route && listed.HasChecksums
                ? $"Checksums in --files-from cannot be held against anything with {route}: the bytes do not pass through Godwit. Leave out one of them."
            : null;
        if (fault is not null)
        {
            throw new CommandException(ExitCode.Usage, fault);
        }

        IReadOnlyList<string> faults = listed.Faults(ends.Source.Identity, ends.Destination.Identity, Settings.Policy.RemoveSource);
        if (faults.Count > 0)
        {
            throw new CommandException(ExitCode.Usage, faults);
        }
    }
}
