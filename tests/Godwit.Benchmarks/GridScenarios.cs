using Godwit.Benchmarks.Line;

namespace Godwit.Benchmarks;

/// <summary>Between a directory and a GridFTP or XRootD server, and from one server to the other, against the protocol's own client, gfal-copy, and
/// what libgfal2 itself carries when somebody does nothing but read and write.</summary>
internal static class GridScenarios
{
    private const string Large = "large0";

    private static readonly string[] s_andSync = ["sh", "-c", "\"$@\" && sync", "-"];

    public static IReadOnlyList<Scenario> All { get; } = [.. Of("gridftp"), .. Of("xrootd")];

    private static Scenario[] Of(string protocol)
    {
        GridServer Server() => new(protocol.ToUpperInvariant());
        return
        [
            new(protocol + "-large-up", room => Up(room, Server(), One(room))),
            new(protocol + "-large-down", room => Down(room, Server(), One(room))),
            new(protocol + "-third-party", room => Across(room, Server(), One(room))),
            new(protocol + "-small-up", room => Up(room, Server(), Small(room))),
            new(protocol + "-line-small-up", room => Up(room, (Server() with { Line = LongLine.National() }).StartFar(), Small(room))),
        ];
    }

    private static Data One(Room room)
    {
        long bytes = room.Size.Bytes ?? 1L << 30;
        return new Data($"one file of {bytes >> 20} MiB", room.LargeFiles(1, bytes), AreSmall: false);
    }

    private static Data Small(Room room)
    {
        int files = room.Size.Files ?? 500;
        return new Data($"{files} files of 4 KiB", room.SmallFiles(files, 4096), AreSmall: true);
    }

    private static Race Up(Room room, GridServer server, Data data) => new(
        $"{data.Title} to a server ({server.Protocol}{(server.Line is null ? "" : ", 10 ms and 1 Gbit/s")})",
        [.. Peers(room, server, data, "write").Select(peer => new Contestant(peer.Name, () =>
        {
            string there = GridServer.Fresh();
            string onDisk = Path.Combine(server.OnDisk("A", there), peer.PutsDirectoryInside ? Path.GetFileName(data.Path) : "");
            return To(server.Run(peer.Words(data.Path, server.Url("A", there))), data, onDisk);
        }))])
    { Holds = server };

    private static Race Down(Room room, GridServer server, Data data)
    {
        string from = Fill(room, server, data);
        IEnumerable<Contestant> peers = Peers(room, server, data, "read").Select(peer => new Contestant(peer.Name, () =>
        {
            string there = room.Fresh("there");
            Directory.CreateDirectory(there);
            string[] words = peer.Words(from, there);
            return To(peer.IsDurable ? words : [.. s_andSync, .. words], data, there);
        }));
        return new Race($"{data.Title} from a server ({server.Protocol})", [.. peers]);
    }

    private static Race Across(Room room, GridServer server, Data data)
    {
        string from = Fill(room, server, data);
        IEnumerable<Contestant> peers = Peers(room, server, data, null).Select(peer => new Contestant(peer.Name, () =>
        {
            string there = GridServer.Fresh();
            return To(peer.Words(from, server.Url("B", there)), data, server.OnDisk("B", there));
        }));
        return new Race($"{data.Title} from server to server ({server.Protocol})", [.. peers]);
    }

    private static Command To(string[] words, Data data, string onDisk) => new(words, GridServer.Settings)
    {
        SameTrees = (data.Path, onDisk),
        Thrown = onDisk,
    };

    private static string Fill(Room room, GridServer server, Data data)
    {
        string from = server.Url("A", GridServer.Fresh());
        Measure.Wait(["env", .. GridServer.Settings.Select(pair => $"{pair.Key}={pair.Value}"), .. Own("", room).Words(data.Path, from)]);
        return from;
    }

    /// <param name="room">Where state goes.</param>
    /// <param name="server">Which servers.</param>
    /// <param name="data">What is moved.</param>
    /// <param name="streams">Whether bytes pass through the client: <c>read</c> or <c>write</c>; null from server to server.</param>
    private static IEnumerable<Peer> Peers(Room room, GridServer server, Data data, string? streams)
    {
        yield return new Peer("gfal-copy", data.AreSmall
            ? (from, to) => ["gfal-copy", "-r", Address(from), to]
            : (from, to) => ["gfal-copy", "-p", "-f", $"{Address(from)}/{Large}", $"{Address(to)}/{Large}"]);
        if (!data.AreSmall)
        {
            string kind = server.IsXrootd ? "ADLER32" : "MD5";
            yield return new Peer("gfal-copy -K " + kind, (from, to) => ["gfal-copy", "-K", kind, "-p", "-f", $"{Address(from)}/{Large}", $"{Address(to)}/{Large}"]);
        }

        if (!server.IsXrootd)
        {
            yield return new Peer("globus-url-copy" + (data.AreSmall ? " -cc 8" : " -p 4"), data.AreSmall
                ? (from, to) => ["globus-url-copy", "-q", "-cd", "-r", "-cc", "8", Address(from) + "/", to + "/"]
                : (from, to) => ["globus-url-copy", "-q", "-cd", "-p", "4", $"{Address(from)}/{Large}", $"{Address(to)}/{Large}"]);
        }
        else
        {
            string[] tpc = streams is null ? ["--tpc", "delegate", "only"] : [];
            yield return new Peer("xrdcp", data.AreSmall
                ? (from, to) => ["xrdcp", "-s", "-p", "-r", "--parallel", "4", from, to + "/"]
                : (from, to) => ["xrdcp", "-s", "-p", .. tpc, $"{from}/{Large}", $"{to}/{Large}"])
            {
                PutsDirectoryInside = data.AreSmall,
            };
        }

        if (streams is not null && !data.AreSmall)
        {
            yield return new Peer(
                $"libgfal2's own {streams}", (from, to) => ["/usr/bin/python3", "-c", Script(streams), $"{from}/{Large}", $"{to}/{Large}"]);
        }

        yield return Own("godwit, size only", room, "--verify", "size");
        yield return Own("godwit", room);
    }

    private static Peer Own(string name, Room room, params string[] options) => new(
        name, (from, to) => [Room.Godwit, "copy", "--state", room.Fresh("state"), "--quiet", from, to, .. options])
    { IsDurable = true };

    private static string Address(string place) => place.StartsWith('/') ? "file://" + place : place;

    /// <summary>Four MiB at a time, one after the other: no more than the library's calls.</summary>
    private static string Script(string streams)
    {
        string loop = streams == "read"
            ? "f=c.open(a,'r'); o=open(b,'wb')\nwhile True:\n d=f.read_bytes(n)\n if not d: break\n o.write(d)"
            : "c.mkdir_rec(b.rsplit('/',1)[0],0o755); f=open(a,'rb'); o=c.open(b,'w')\n"
                + "while True:\n d=f.read(n)\n if not d: break\n o.write(d)";

        // Not by its own end, at which the library crashes now and then.
        return $"import gfal2,os,sys\nc=gfal2.creat_context(); n=4<<20; a,b=sys.argv[1:]\n{loop}\ndel o\nos._exit(0)";
    }

    private sealed record Data(string Title, string Path, bool AreSmall);

    /// <param name="Name">Its name in the table.</param>
    /// <param name="Words">Its words to copy one place to another.</param>
    private sealed record Peer(string Name, Func<string, string, string[]> Words)
    {
        /// <summary>Whether what it wrote survives a power failure once it ended.</summary>
        public bool IsDurable { get; init; }

        /// <summary>Whether a directory is put into the other one instead of becoming it.</summary>
        public bool PutsDirectoryInside { get; init; }
    }
}
