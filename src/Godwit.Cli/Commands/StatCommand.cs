using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit stat URL</c>: what the store says about one file, directory or link.</summary>
internal static class StatCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var url = new Argument<string>("URL") { Description = "A file, a directory or a link; a link is not followed unless URL ends in /." };
        Option<bool> asJson = SettingOption.Flag("--json", "As one JSON object.");
        var command = new Command("stat", "Says what is there: kind, size, time.") { url, asJson };
        command.SetAction((parsed, ct) => RunAsync(
            Address.Parse("URL", parsed.GetRequiredValue(url), context.Wiring), parsed.GetValue(asJson), context, ct));
        return command;
    }

    private static async Task<int> RunAsync(Address address, bool asJson, CommandContext context, CancellationToken ct)
    {
        AddressedEntry found = address.LooksLikeDirectory
            ? AddressedEntry.Followed(address, context.Wiring)
            : AddressedEntry.Itself(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = found.ConfigureAwait(false);
        StoreEntry entry = await found.RequireAsync(ct).ConfigureAwait(false);
        StorePath path = found.Store.Identity.Absolute(entry.Path);
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        if (asJson)
        {
            output.Json(json => json.WriteEntry(entry, path));
            return (int)ExitCode.Success;
        }

        output.Text($"url       {found.Store.Identity.Space}/{path}\n");
        output.Text($"kind      {Words.Of(entry.Kind)}\n");
        if (entry.Kind == EntryKind.File)
        {
            output.Text($"bytes     {entry.Length}\n");
        }

        WriteIfKnown("modified", entry.Modified?.ToString());
        WriteIfKnown("mode", entry.Mode is { } mode ? Convert.ToString(mode, 8).PadLeft(4, '0') : null);
        WriteIfKnown("target", entry.LinkTarget is { } target ? PathText.Escape(target.Span) : null);
        foreach (Checksum checksum in entry.Checksums)
        {
            WriteIfKnown(Checksum.NameOf(checksum.Kind), checksum.Hex);
        }

        return (int)ExitCode.Success;

        void WriteIfKnown(string name, string? value) => output.Text(value is null ? "" : $"{name,-10}{value}\n");
    }
}
