using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay ls BOX [PATH]</c>: which files wait, and, if asked, which were delivered. Changes nothing.</summary>
internal static class RelayLsCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Argument<string> box = RelayCommand.Box();
        var path = new Argument<string?>("PATH")
        {
            Description = "A directory or a file of the box. Without it, all of the box.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> all = SettingOption.Flag("--all", "Also what was delivered last of each file, with the time.");
        Option<bool> asJson = SettingOption.Flag("--json", "One JSON object a line.");
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command(
            "ls", "Lists the files that wait in the drop box: state, bytes, when it was put in or delivered, name. A name that a line cannot hold is escaped as sha256sum does.")
        {
            box, path, all, layout, asJson,
        };
        command.SetAction((parsed, ct) => RunAsync(
            Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring),
            RelayCommand.PathOf(parsed.GetValue(path) ?? ""),
            parsed.GetValue(layout),
            parsed.GetValue(all),
            parsed.GetValue(asJson),
            context,
            ct));
        return command;
    }

    private static async Task<int> RunAsync(
        Address address, StorePath below, BoxLayout layout, bool all, bool asJson, CommandContext context, CancellationToken ct)
    {
        IStore store = await RelayEnds.OpenAsync(address, layout, context.Wiring, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = store.ConfigureAwait(false);
        IBoxContents contents = BoxLayouts.ContentsOf(store, layout);
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        if (!below.IsRoot && await contents.FindAsync(below, ct).ConfigureAwait(false) is { } one && (all || one.Delivered is null))
        {
            Write(output, one, asJson);
        }

        await foreach (DropBoxFile file in contents.WaitingAsync(below, ct).ConfigureAwait(false))
        {
            Write(output, file, asJson);
        }

        if (all)
        {
            await foreach (DropBoxFile file in contents.DeliveredAsync(below, ct).ConfigureAwait(false))
            {
                Write(output, file, asJson);
            }
        }

        return (int)ExitCode.Success;
    }

    private static void Write(ByteOutput output, DropBoxFile file, bool asJson)
    {
        if (asJson)
        {
            output.Json(json => json.WriteRelayFile(file));
            return;
        }

        output.Text($"{(file.Delivered is null ? "waiting" : "delivered"),-9}  {file.Length,15} {file.Delivered ?? file.Pushed,-30} ");
        output.Name(file.Path);
        output.Bytes("\n"u8);
    }
}
