using System.Globalization;
using System.Text;
using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.ServerTests.Matrix;

/// <summary>The page of what stores can do: each of its lines is what the kit and the matrix prove on the real servers.</summary>
internal static class StoresPage
{
    private const string Head = """
        # Stores

        What each kind of store can do, as the tests find it on real servers: the conformance kit proves every capability below, or that it is
        refused, and every pair of the second table moves an empty file, one with a hostile name and one of 40 MiB by each route, compared bit
        for bit. `roots://` is XRootD over TLS: the same, but no server fetches over it. This page is written by a test from those runs; it is not edited.

        """;

    private static readonly (string Line, Func<IStore, string> Says)[] s_lines =
    [
        ("Sentences of the kit that apply", store => $"{StoreKit.All.Count(check => check.Applies(store))} of {StoreKit.All.Count}"),
        ("Reads a range of a file", store => YesNo(store.RangedRead)),
        ("Takes a file in", store => store.PartedWrite is null ? "one call" : store.PartedWrite.Limits.MaxParts > 1 ? "parts" : "one part"),
        ("A stopped upload", store => store.PartedWrite?.Limits.MaxParts > 1 ? "goes on" : "starts again"),
        ("A stopped download", store => store.RangedRead is null ? "starts again" : "goes on"),
        ("Refuses what arrives changed", store => Kinds(store.ArrivalChecksum?.Kinds)),
        ("Tells checksums of what it has", store => Kinds(store.StoredChecksum?.Kinds)),
        ("Tells them before a file has its name", store => Kinds(store.PartedWrite?.UnpublishedChecksum?.Kinds)),
        ("Of two who create one name, one wins", store => YesNo(store.PartedWrite?.Limits.CreateOnlyIsAtomic)),
        ("Lists everything in one go", store => YesNo(store.FlatListing)),
        ("Has directories of its own", store => YesNo(store.Directories)),
        ("Has links", store => store.Limits.HidesLinks ? "hides them" : YesNo(store.Links)),
        ("Keeps the time of a file", store => Time(store.Limits.TimePrecision)),
        ("Keeps permissions", store => YesNo(store.Limits.KeepsMode)),
        ("Keeps pairs of one's own with a file", store => YesNo(store.UserMetadata)),
        ("Renames", store => YesNo(store.Rename)),
        ("Deletes many at once", store => YesNo(store.BulkDelete)),
        ("Tells free space", store => YesNo(store.FreeSpace)),
        ("Makes what it has durable when told", store => YesNo(store.Durability)),
        ("Names: bytes at most", store => store.Limits.NameBytes == int.MaxValue ? "no limit" : Number(store.Limits.NameBytes)),
        ("Names: what they cannot hold", NamesRefused),
        ("Copies within itself", store => YesNo(store.ServerCopy)),
        ("Large files go from server to server, from", Fetches),
    ];

    /// <summary>Renders it.</summary>
    /// <param name="places">The stores, in order.</param>
    public static string Of(IReadOnlyList<StoreFound> places)
    {
        var page = new StringBuilder(Head).Append('\n');
        page.Append(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", places.Select(place => $"{place.Title} (`{place.Name}://`)"))} |\n");
        page.Append(CultureInfo.InvariantCulture, $"| --- |{string.Concat(places.Select(_ => " --- |"))}\n");
        page.Append(CultureInfo.InvariantCulture, $"| Tried against | {string.Join(" | ", places.Select(place => place.Version))} |\n");
        foreach ((string line, Func<IStore, string> says) in s_lines)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {line} | {string.Join(" | ", places.Select(place => says(place.First)))} |\n");
        }

        page.Append("\n## From (rows) to (columns)\n\nThe routes that the two have, as `--route` names them; **bold** is what a large file takes where nothing is said. "
            + "Then what a stopped\ntransfer through Godwit does with the large file it was in: it goes on inside, or starts it again. What goes by another route starts again.\n\n");
        page.Append(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", places.Select(place => place.Title))} |\n| --- |{string.Concat(places.Select(_ => " --- |"))}\n");
        foreach (StoreFound from in places)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {from.Title} | {string.Join(" | ", places.Select(to => Pair(from.First, to.Second)))} |\n");
        }

        return page.ToString();
    }

    private static string Pair(IStore from, IStore to)
    {
        string usual = PairRoutes.Usual(from, to);
        string routes = string.Join(", ", PairRoutes.Of(from, to).Select(route => route == usual ? $"**{route}**" : route));
        return $"{routes}; {(PairRoutes.GoesOnInside(from, to) ? "goes on" : "starts again")}";
    }

    private static string NamesRefused(IStore store)
    {
        (string Name, string Says)[] tried = [("a\nb", "a line break"), ("a?b", "`?`"), ("a ", "white space at the end")];
        string[] refused = [.. tried.Where(name => store.Limits.Refuses(StorePath.FromText(name.Name)) is not null).Select(name => name.Says)];
        string bytes = store.Limits.NamesAreBytes ? "" : "bytes that are not UTF-8";
        return string.Join(", ", refused.Append(bytes).Where(one => one.Length > 0)) is { Length: > 0 } all ? all : "nothing but NUL";
    }

    private static string Fetches(IStore store) => store is not { ThirdPartyCopy: { } copy, ThirdPartySource: { } itself } ? "no"
        : $"{copy.WorthBytes >> 20} MiB{(copy.RefusesName(itself, StorePath.FromText("a&b")) is null ? "" : "; no name with `&`")}";

    private static string YesNo(object? capability) => capability is null or false ? "no" : "yes";

    private static string Kinds(IReadOnlyList<ChecksumKind>? kinds) => kinds is null ? "no" : string.Join(", ", kinds.Select(Checksum.NameOf));

    private static string Time(long precision) => precision switch
    {
        0 => "no",
        >= 1_000_000_000 => $"to {Number(precision / 1_000_000_000)} s",
        >= 1_000_000 => $"to {Number(precision / 1_000_000)} ms",
        _ => $"to {Number(precision)} ns",
    };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A kind of store that was reached.</summary>
/// <param name="Name">Its scheme.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Version">What it was tried against.</param>
/// <param name="First">One of it.</param>
/// <param name="Second">Another one, on another server where there is one.</param>
internal sealed record StoreFound(string Name, string Title, string Version, IStore First, IStore Second);
