using System.Text;
using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>Sentences about hostile names: each is held and given back byte for byte, or refused before anything is written.</summary>
internal static class Names
{
    private static readonly (string What, byte[][] Paths)[] s_hostile =
    [
        ("with spaces", [" leading"u8.ToArray(), "trailing "u8.ToArray(), "in the  middle"u8.ToArray(), " "u8.ToArray()]),
        ("with quotes", ["it's"u8.ToArray(), "\"quoted\""u8.ToArray(), "`tick`"u8.ToArray()]),
        ("with a line end", ["two\nlines"u8.ToArray(), "carriage\rreturn"u8.ToArray(), "tab\there"u8.ToArray()]),
        ("that a shell would run", ["$(reboot)"u8.ToArray(), "${HOME}"u8.ToArray(), "a;b|c&d>e<f"u8.ToArray(), "*?[x]{y,z}!"u8.ToArray(), "~"u8.ToArray()]),
        ("with a backslash", ["back\\slash"u8.ToArray(), "\\"u8.ToArray(), "\\..\\up"u8.ToArray()]),
        ("with a leading dash", ["-rf"u8.ToArray(), "--"u8.ToArray(), "-"u8.ToArray()]),
        ("with a leading dot", [".hidden"u8.ToArray(), "..."u8.ToArray(), "..up"u8.ToArray()]),
        ("with a trailing dot", ["dot."u8.ToArray(), "dots..."u8.ToArray()]),
        ("with a percent sign", ["a%2Fb"u8.ToArray(), "%"u8.ToArray(), "%00"u8.ToArray(), "100%25"u8.ToArray(), "%41"u8.ToArray()]),
        ("with a plus sign", ["a+b"u8.ToArray(), "+"u8.ToArray()]),
        ("with characters of URLs", ["a#b"u8.ToArray(), "a?b=c&d"u8.ToArray(), "http:"u8.ToArray(), "a=b,c;d@e:f"u8.ToArray()]),
        ("with characters of XML", ["<a>&amp;</a>"u8.ToArray(), "]]>"u8.ToArray()]),
        ("beyond ASCII", ["Größe"u8.ToArray(), "数据"u8.ToArray(), "\U0001F426"u8.ToArray(), "\u202Egpj.exe"u8.ToArray(), "\uFFFD"u8.ToArray()]),
        ("that look like an escape", ["\\xff"u8.ToArray(), "\\x00"u8.ToArray(), "\\n"u8.ToArray()]),
        ("with control characters", ["bell\a"u8.ToArray(), "escape\u001b[31m"u8.ToArray(), "delete\u007f"u8.ToArray()]),
        ("that differ only in case", ["Twin"u8.ToArray(), "twin"u8.ToArray(), "TWIN"u8.ToArray()]),
        ("that differ only in composition", ["caf\u00e9"u8.ToArray(), "cafe\u0301"u8.ToArray()]),
        ("that differ only in a trailing space or dot", ["name"u8.ToArray(), "name "u8.ToArray(), "name."u8.ToArray()]),
        ("that are reserved elsewhere", ["CON"u8.ToArray(), "nul.txt"u8.ToArray(), "desktop.ini"u8.ToArray(), "a:b"u8.ToArray()]),
        ("of 255 bytes", [Encoding.UTF8.GetBytes(new string('n', 255))]),
        ("far below", [Encoding.UTF8.GetBytes(string.Join('/', Enumerable.Repeat("directory", 50)) + "/file")]),
        ("that look like rclone's quotes", ["\u201BFF"u8.ToArray(), "\u201B\u201BFF"u8.ToArray(), "\u201B"u8.ToArray(), "\u201Bx"u8.ToArray(), "\uFF0E"u8.ToArray(), "\u201B\uFF0E"u8.ToArray(), "\uFF0E\uFF0E"u8.ToArray(), "\u201BC3\u201BA9"u8.ToArray()]),
        ("that are not UTF-8", [[.. "\u201B"u8, 0xff], [0xff, .. "\u201BFF"u8], [0xe2, 0x80], [0xe2, 0x80, .. "\u201B9B"u8], [0xff], [0xc3, 0x28], [.. "latin-"u8, 0xe9]]),
    ];

    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        .. s_hostile.Select(names => new StoreCheck(
            $"Names {names.What} are held byte for byte",
            s => RoundTripAsync(s, names.Paths),
            $"room for names {names.What}",
            store => names.Paths.Any(path => Refusal(store, StorePath.FromBytes(path)) is null))),
        new("A name that the store cannot hold is refused before anything is read or written", RefusedFirstAsync, "limits of names", HasLimits),
        new("A name that the store cannot hold is refused before an upload by parts begins", RefusedUploadAsync, "PartedWrite and limits of names", s => s.PartedWrite is not null && HasLimits(s)),
    ];

    private static async Task RoundTripAsync(StoreUnderTest s, byte[][] names)
    {
        StorePath[] paths = [.. names.Select(name => s.At.Join(StorePath.FromBytes(name))).Where(path => Refusal(s.Store, path) is null)];
        foreach (StorePath path in paths)
        {
            await s.WriteAsync(path, ContentOf(path)).ConfigureAwait(false);
        }

        List<StoreEntry> listed = await s.ListTreeAsync(s.At).ConfigureAwait(false);
        foreach (StorePath path in paths)
        {
            await s.HoldsAsync(path, ContentOf(path)).ConfigureAwait(false);
            Require.Same(1, listed.Count(entry => entry.Path == path), $"how often \"{path}\" is listed");
        }

        Require.Same(paths.Length, listed.Count(entry => entry.Kind == EntryKind.File), "the number of files");
        foreach (StorePath path in paths)
        {
            await s.Store.DeleteAsync(path, s.Ct).ConfigureAwait(false);
            await s.AbsentAsync(path).ConfigureAwait(false);
        }
    }

    private static byte[] ContentOf(StorePath path) => Sources.Bytes(100, path.Bytes.ToArray().Aggregate(1, (seed, b) => unchecked((seed * 31) + b)));

    private static string? Refusal(IStore store, StorePath path) => store.Limits.Refuses(store.Identity.Absolute(path));

    private static bool HasLimits(IStore store) => Unholdable(store, StorePath.Root).Count > 0;

    private static List<StorePath> Unholdable(IStore store, StorePath at)
    {
        var paths = new List<StorePath>();
        if (!store.Limits.NamesAreBytes)
        {
            paths.Add(at.Child([0xff]));
            paths.Add(at.Join(StorePath.FromBytes([0xc3, 0x28, (byte)'/', (byte)'x'])));
        }

        if (store.Limits.NameBytes < 100_000)
        {
            paths.Add(at.Child(Enumerable.Repeat((byte)'n', store.Limits.NameBytes + 1).ToArray()));
        }

        if (store.Limits.PathBytes < 100_000)
        {
            paths.Add(at.Join(StorePath.FromText(string.Concat(Enumerable.Repeat("path/", store.Limits.PathBytes / 5)) + "end")));
        }

        paths.AddRange(s_hostile.SelectMany(names => names.Paths).Select(name => at.Join(StorePath.FromBytes(name)))
            .Where(path => store.Limits.RefusesName?.Invoke(path) is not null));
        return paths;
    }

    private static async Task RefusedFirstAsync(StoreUnderTest s)
    {
        foreach (StorePath path in Unholdable(s.Store, s.At))
        {
            bool opened = false;
            var source = new WriteSource(1, _ =>
            {
                opened = true;
                return ValueTask.FromResult<Stream>(new MemoryStream([1]));
            });
            await Require.FailsAsync(
                StoreErrorKind.InvalidRequest,
                async () => await s.Store.WriteAsync(path, source, WriteOptions.Default, s.Ct).ConfigureAwait(false),
                $"writing a name that the store cannot hold, \"{Start(path)}\",").ConfigureAwait(false);
            Require.That(!opened, "the source was opened for a name that the store cannot hold");
        }

        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static async Task RefusedUploadAsync(StoreUnderTest s)
    {
        foreach (StorePath path in Unholdable(s.Store, s.At))
        {
            await Require.FailsAsync(
                StoreErrorKind.InvalidRequest,
                () => s.BeginAsync(path, 1),
                $"an upload to a name that the store cannot hold, \"{Start(path)}\",").ConfigureAwait(false);
        }

        await s.OnlyLeftAsync().ConfigureAwait(false);
    }

    private static string Start(StorePath path)
    {
        string text = path.ToString();
        return text.Length <= 60 ? text : text[..60] + "...";
    }
}
