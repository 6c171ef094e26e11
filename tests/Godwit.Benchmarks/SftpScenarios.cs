using Godwit.Benchmarks.Line;

namespace Godwit.Benchmarks;

/// <summary>Between a directory and the server that <c>servers/sftp</c> started, against OpenSSH's own programs, rclone and, on a long line,
/// what the line itself carries.</summary>
internal static class SftpScenarios
{
    // The server tells nobody that it listens.
    private static readonly string[] s_until = ["sh", "-c", "for i in 1 2 3 4 5; do \"$@\" && exit; sleep 0.05; done; exit 1", "-"];

    private static readonly string[] s_andSync = ["sh", "-c", "\"$@\" && sync", "-"];

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("sftp-large-up", room => Up(room, new SftpServer(), One(room, 1L << 30))),
        new("sftp-large-down", room => Down(room, new SftpServer(), One(room, 1L << 30))),
        new("sftp-small-up", room => Up(room, new SftpServer(), Small(room))),
        new("sftp-small-down", room => Down(room, new SftpServer(), Small(room))),
        .. Lines("sftp-line", 0),
        .. Lines("sftp-lossy", 0.001),
    ];

    private static Scenario[] Lines(string name, double loss) =>
    [
        new(name + "-up", room => Up(room, new SftpServer(LongLine.Usual(loss)), One(room, 256L << 20) with { IsFar = true })),
        new(name + "-down", room => Down(room, new SftpServer(LongLine.Usual(loss)), One(room, 256L << 20) with { IsFar = true })),
    ];

    private static Data One(Room room, long usual)
    {
        long bytes = room.Size.Bytes ?? usual;
        return new Data($"one file of {bytes >> 20} MiB", room.LargeFiles(1, bytes), bytes);
    }

    private static Data Small(Room room)
    {
        int files = room.Size.Files ?? 5_000;
        return new Data($"{files} files of 4 KiB", room.SmallFiles(files, 4096), 0) { AreSmall = true };
    }

    private static Race Up(Room room, SftpServer server, Data data)
    {
        IEnumerable<Contestant> peers = Peers(data).Select(peer => new Contestant(peer.Name, () =>
        {
            string there = SftpServer.Fresh();
            return new Command(server.Run(peer.Up(room, server, data.Path, there))) { SameTrees = (data.Path, SftpServer.OnDisk(there)), Thrown = SftpServer.OnDisk(there) };
        }));
        return new Race($"{data.Title} to a server{(data.IsFar ? ", 50 ms and 200 Mbit/s" : "")}", [.. peers, .. Bound(server, data, "")]) { Holds = server };
    }

    private static Race Down(Room room, SftpServer server, Data data)
    {
        string here = SftpServer.Fresh();
        Measure.Wait("cp", "-r", data.Path, SftpServer.OnDisk(here));
        IEnumerable<Contestant> peers = Peers(data).Select(peer => new Contestant(peer.Name, () =>
        {
            string there = room.Fresh("there");
            string[] words = peer.Down(room, server, here, there);
            return new Command(server.Run(peer.IsDurable ? words : [.. s_andSync, .. words])) { SameTrees = (data.Path, there), Thrown = there };
        }));
        return new Race($"{data.Title} from a server{(data.IsFar ? ", 50 ms and 200 Mbit/s" : "")}", [.. peers, .. Bound(server, data, "-R")]) { Holds = server };
    }

    /// <summary>What eight streams get through a line, which nobody can do better than.</summary>
    private static Contestant[] Bound(SftpServer server, Data data, string direction) => !data.IsFar || !IsThere("iperf3") ? [] :
    [
        new("iperf3 -P 8", () =>
        {
            server.RunFar("iperf3", "-s", "-1", "-D");
            string[] words = [.. s_until, "iperf3", "-c", server.Host, "-P", "8", "-n", data.Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture)];
            return new Command(server.Run(direction.Length == 0 ? words : [.. words, direction]));
        }),
    ];

    private static IEnumerable<Peer> Peers(Data data)
    {
        yield return new Peer(
            "sftp",
            (room, server, from, to) => Batch(room, server, $"put -r {from} {to}"),
            (room, server, from, to) => Batch(room, server, $"get -r {from} {to}"));
        if (data.AreSmall)
        {
            yield return new Peer(
                "scp -r",
                (_, server, from, to) => ["scp", "-q", "-r", .. SftpServer.Options, from, $"{server.Host}:{to}"],
                (_, server, from, to) => ["scp", "-q", "-r", .. SftpServer.Options, $"{server.Host}:{from}", to]);
        }

        if (IsThere("rclone"))
        {
            yield return new Peer("rclone, size only", (_, server, from, to) => Rclone(from, Remote(server, to)), (_, server, from, to) => Rclone(Remote(server, from), to));
        }

        yield return Own("godwit, size only", "--verify", "size", "--sftp-checksums", "off");
        yield return Own("godwit");
        yield return Own("godwit, read back", "--verify", "readback");
    }

    private static Peer Own(string name, params string[] options) => new(
        name,
        (room, server, from, to) => [.. Godwit(room), from, $"sftp://{server.Host}/~/{to}", .. options],
        (room, server, from, to) => [.. Godwit(room), $"sftp://{server.Host}/~/{from}", to, .. options])
    {
        IsDurable = true,
    };

    private static string[] Godwit(Room room) =>
        [Room.Godwit, "copy", "--state", room.Fresh("state"), "--quiet", "--sftp-ssh-command", "ssh " + string.Join(' ', SftpServer.Options)];

    private static string[] Batch(Room room, SftpServer server, string line)
    {
        string file = room.Fresh("batch");
        File.WriteAllText(file, line + "\n");
        return ["sftp", "-q", .. SftpServer.Options, "-b", file, server.Host];
    }

    private static string[] Rclone(string from, string to) =>
        ["rclone", "--config", "/dev/null", "--transfers", "16", "--ignore-checksum", "copy", from, to];

    private static string Remote(SftpServer server, string path) =>
        $":sftp,host={server.Host},port={SftpServer.Port},user={SftpServer.User},key_file={SftpServer.Key}:{path}";

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    private sealed record Data(string Title, string Path, long Bytes)
    {
        public bool AreSmall { get; init; }

        public bool IsFar { get; init; }
    }

    private sealed record Peer(
        string Name, Func<Room, SftpServer, string, string, string[]> Up, Func<Room, SftpServer, string, string, string[]> Down)
    {
        /// <summary>Whether what it wrote survives a power failure once it ended.</summary>
        public bool IsDurable { get; init; }
    }
}
