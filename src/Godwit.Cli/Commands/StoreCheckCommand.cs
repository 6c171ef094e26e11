using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit store check URL</c>: the conformance kit against the user's own store.</summary>
internal static class StoreCheckCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var url = new Argument<string>("URL") { Description = "A directory. The checks work in fresh directories below it and take them away again." };
        Option<bool> quick = SettingOption.Flag("--quick", "Leave out the sentences that write thousands of files.");
        var check = new Command("check", "Proves on a store every sentence that Godwit relies on (exit 1 when one fails).") { url, quick };
        check.SetAction((parsed, ct) =>
            CheckAsync(context, Address.Parse("URL", parsed.GetRequiredValue(url), context.Wiring), parsed.GetValue(quick), ct));
        return new Command("store", "Looks at the places where files are kept.") { check };
    }

    private static async Task<int> CheckAsync(CommandContext context, Address address, bool isQuick, CancellationToken ct)
    {
        // Not within the limits of an endpoint: sentences about two writers at once need two places.
        IStore store = Reach.Dress(
            Reach.Open(address, address.Path, new LocalOptions(), context.Wiring), StoreSide.Destination, context.Wiring);
        await using ConfiguredAsyncDisposable _ = store.ConfigureAwait(false);
        await Reach.RequireRootAsync(store, address, "directory URL", ct).ConfigureAwait(false);
        StoreKitReport report = await StoreKit.RunAsync(store, StorePath.Root, check => !isQuick || !check.IsLarge, ct).ConfigureAwait(false);
        await context.Output.WriteAsync(report.ToString()).ConfigureAwait(false);
        return (int)(report.Conforms ? ExitCode.Success : ExitCode.Other);
    }
}
