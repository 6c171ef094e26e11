using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay show BOX PATH</c>: all that the box knows of one file. Changes nothing.</summary>
internal static class RelayShowCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Argument<string> box = RelayCommand.Box();
        var path = new Argument<string>("PATH") { Description = "A file of the box." };
        Option<bool> asJson = SettingOption.Flag("--json", "As one JSON object.");
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command(
            "show", "Says of one file whether it waits or was delivered, its size, its checksum, its times, and how it is stored (exit 4 when the box knows none).")
        {
            box, path, layout, asJson,
        };
        command.SetAction((parsed, ct) => RunAsync(
            Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring),
            RelayCommand.PathOf(parsed.GetRequiredValue(path)),
            parsed.GetValue(layout),
            parsed.GetValue(asJson),
            context,
            ct));
        return command;
    }

    private static async Task<int> RunAsync(
        Address address, StorePath path, BoxLayout layout, bool asJson, CommandContext context, CancellationToken ct)
    {
        IStore store = await RelayEnds.OpenAsync(address, layout, context.Wiring, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = store.ConfigureAwait(false);
        DropBoxFile file = await BoxLayouts.ContentsOf(store, layout).FindAsync(path, ct).ConfigureAwait(false)
            ?? throw new CommandException(ExitCode.FileNotFound, $"The drop box \"{address}\" knows no file \"{path}\".");
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        if (asJson)
        {
            output.Json(json => json.WriteRelayFile(file));
            return (int)ExitCode.Success;
        }

        output.Text($"path       {file.Path}\n");
        output.Text($"state      {(file.Delivered is null ? "waiting" : "delivered")}\n");
        output.Text($"bytes      {file.Length}\n");
        output.Text(file.Checksum is { } checksum ? $"{Checksum.NameOf(checksum.Kind),-10} {checksum.Hex}\n" : "");
        output.Text($"modified   {file.Modified}\n");
        WriteIfKnown("pushed", file.Pushed);
        WriteIfKnown("delivered", file.Delivered);
        output.Text($"stored     {StoredAs(file)}\n");
        return (int)ExitCode.Success;

        void WriteIfKnown(string name, Timestamp? time) => output.Text(time is null ? "" : $"{name,-10} {time}\n");
    }

    private static string StoredAs(DropBoxFile file) => file switch
    {
        { IsAdopted: true } => "never: it was at its destination already",
        { StoredLength: null } => "no longer; freed",
        _ => $"{file.StoredLength} bytes in {Amount.Of(file.Parts ?? 0, "part")}{(file.Codec is { } codec ? $", {codec}" : "")}{(file.Delivered is null ? "" : "; freed")}",
    };
}
