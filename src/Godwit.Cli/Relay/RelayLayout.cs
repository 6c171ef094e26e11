using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Storage;

namespace Godwit.Cli.Relay;

/// <summary>Which layout a box has: what is said of it, held against what lies there. The two are never mixed.</summary>
internal static class RelayLayout
{
    /// <summary>The option.</summary>
    public static Option<BoxLayout> Option() => SettingOption.OneOf(
        "--layout",
        "How the drop box keeps files: godwit; or cta-relay or cta-ingest where the other side is that program: these keep bare names and no directories, and the first is for buckets. Default: godwit.",
        ("godwit", BoxLayout.Godwit), (WordOf(BoxLayout.CtaRelay), BoxLayout.CtaRelay), (WordOf(BoxLayout.CtaIngest), BoxLayout.CtaIngest));

    /// <summary>Holds what is said of a box against what lies there. A box that is not there yet has any layout.</summary>
    /// <exception cref="CommandException">It has another layout, or its store cannot have this one.</exception>
    public static async Task RequireAsync(Address box, BoxLayout layout, Wiring wiring, CancellationToken ct)
    {
        if (box.Bucket is null && layout != BoxLayout.CtaIngest)
        {
            // Not worth a connection: the first file that is put into a box looks, too, and only buckets keep metadata.
            RefuseWithoutMetadata(box, layout);
            return;
        }

        IStore inner = AddressedEntry.Tree(box, wiring);
        await using ConfiguredAsyncDisposable closing = inner.ConfigureAwait(false);
        await RequireAsync(inner, box, layout, ct).ConfigureAwait(false);
    }

    /// <summary>The same for a store that is open.</summary>
    /// <exception cref="CommandException">As the other one.</exception>
    public static async Task RequireAsync(IStore inner, Address box, BoxLayout layout, CancellationToken ct)
    {
        if (inner.UserMetadata is null)
        {
            RefuseWithoutMetadata(box, layout);
        }

        if (await SeenAsync(inner, ct).ConfigureAwait(false) is not { } seen || seen == layout)
        {
            return;
        }

        throw new CommandException(ExitCode.Usage, $"The drop box \"{box}\" " + seen switch
        {
            BoxLayout.Godwit => $"is one of Godwit's own layout. Leave out --layout {WordOf(layout)}, or name another place.",
            BoxLayout.CtaRelay => "is a bucket of CTA Relay. Give --layout cta-relay, or name another bucket, or a prefix.",
            _ => "is one of CTA Ingest. Give --layout cta-ingest, or name another place, or a prefix.",
        });
    }

    /// <summary>The error of a command that means nothing for the layout.</summary>
    public static CommandException Meaningless(string command, BoxLayout layout, string why) =>
        new(ExitCode.Usage, $"{command} means nothing with --layout {WordOf(layout)}: {why}");

    /// <summary>What the option calls a layout.</summary>
    private static string WordOf(BoxLayout layout) => layout switch
    {
        BoxLayout.CtaRelay => "cta-relay",
        BoxLayout.CtaIngest => "cta-ingest",
        _ => "godwit",
    };

    /// <summary>A store without metadata cannot have every layout.</summary>
    private static void RefuseWithoutMetadata(Address box, BoxLayout layout)
    {
        if (layout == BoxLayout.CtaRelay)
        {
            throw new CommandException(ExitCode.Usage, $"--layout cta-relay is for buckets: \"{box}\" keeps no metadata with files. Name a bucket, or leave it out.");
        }
    }

    private static async ValueTask<BoxLayout?> SeenAsync(IStore inner, CancellationToken ct)
    {
        try
        {
            return await BoxLayouts.SeenAsync(inner, ct).ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            return null;
        }
    }
}
