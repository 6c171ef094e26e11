namespace Godwit.Benchmarks;

/// <summary>Between a directory and a bucket of the server that <c>servers/s3</c> started, against whichever of rclone, aws and s5cmd is there.</summary>
internal static class BucketScenarios
{
    private const int LargeFiles = 4;

    // Godwit says that a file arrived when a power failure would not take it away again.
    private static readonly string[] s_andSync = ["sh", "-c", "\"$@\" && sync", "-"];

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("s3-large-up", room => Up(room, Large(room))),
        new("s3-large-down", room => Down(room, Large(room))),
        new("s3-small-up", room => Up(room, Small(room))),
        new("s3-small-down", room => Down(room, Small(room))),
        new("s3-rerun", Rerun),
    ];

    private static Data Large(Room room)
    {
        long bytes = room.Size.Bytes ?? 256L << 20;
        return new Data($"{LargeFiles} files of {bytes >> 20} MiB", room.LargeFiles(LargeFiles, bytes));
    }

    private static Data Small(Room room)
    {
        int files = room.Size.Files ?? 5_000;
        return new Data($"{files} files of 4 KiB", room.SmallFiles(files, 4096));
    }

    private static Race Up(Room room, Data data)
    {
        var bucket = Bucket.Make();
        return new Race(
            data.Title + " to a bucket",
            [.. Peers(bucket).Select(peer => new Contestant(
                peer.Name, () => new Command(peer.Copy(room, data.Path, bucket.Url(Path.GetFileName(room.Fresh("there")))), bucket.Settings)))]);
    }

    private static Race Down(Room room, Data data)
    {
        var bucket = Bucket.Make();
        Fill(room, bucket, data);
        return new Race(
            data.Title + " from a bucket",
            [.. Peers(bucket).Select(peer => new Contestant(peer.Name, () =>
            {
                string there = room.Fresh("there");
                string[] words = peer.Copy(room, bucket.Url("data"), there);
                return new Command(peer.IsDurable ? words : [.. s_andSync, .. words], bucket.Settings) { SameTrees = (data.Path, there) };
            }))]);
    }

    private static Race Rerun(Room room)
    {
        Data data = Small(room);
        var bucket = Bucket.Make();
        string state = room.Fresh("state");
        foreach (Peer peer in Peers(bucket))
        {
            Measure.Wait(["env", .. bucket.Settings.Select(pair => $"{pair.Key}={pair.Value}"), .. peer.Again(state, data.Path, bucket.Url("for-" + peer.Name))]);
        }

        return new Race(
            data.Title + ", nothing to do",
            [.. Peers(bucket).Select(peer => new Contestant(
                peer.Name, () => new Command(peer.Again(state, data.Path, bucket.Url("for-" + peer.Name)), bucket.Settings)))]);
    }

    private static void Fill(Room room, Bucket bucket, Data data)
    {
        Peer first = Peers(bucket)[0];
        Measure.Wait(["env", .. bucket.Settings.Select(pair => $"{pair.Key}={pair.Value}"), .. first.Copy(room, data.Path, bucket.Url("data"))]);
    }

    private static IReadOnlyList<Peer> Peers(Bucket bucket) =>
    [
        .. new Peer[]
        {
            new("s5cmd", "s5cmd", (from, to, _) => ["s5cmd", "--endpoint-url", bucket.Endpoint, "cp", Trees(from), to + "/"])
            {
                Repeat = (from, to, _) => ["s5cmd", "--endpoint-url", bucket.Endpoint, "sync", Trees(from), to + "/"],
            },
            new("rclone", "rclone", (from, to, _) => ["rclone", "copy", "--transfers", "16", "--checkers", "16", Remote(from), Remote(to)]),
            new("aws", "aws", (from, to, _) => ["aws", "--endpoint-url", bucket.Endpoint, "s3", "cp", "--recursive", "--quiet", from, to])
            {
                Repeat = (from, to, _) => ["aws", "--endpoint-url", bucket.Endpoint, "s3", "sync", "--quiet", from, to],
            },
        }.Where(peer => IsThere(peer.Program)),
        new("godwit", Room.Godwit, (from, to, state) =>
            [Room.Godwit, "copy", from, to, "--s3-endpoint", bucket.Endpoint, "--state", state, "--quiet"]) { IsDurable = true },
    ];

    private static string Trees(string from) => from + "/*";

    private static string Remote(string path) => path.StartsWith("s3://", StringComparison.Ordinal) ? "bench:" + path["s3://".Length..] : path;

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    private sealed record Data(string Title, string Path);

    private sealed record Peer(string Name, string Program, Func<string, string, string, string[]> Words)
    {
        /// <summary>Whether what it wrote survives a power failure once it ended.</summary>
        public bool IsDurable { get; init; }

        /// <summary>The words of a run that may find everything there; null where they are the same.</summary>
        public Func<string, string, string, string[]>? Repeat { get; init; }

        public string[] Copy(Room room, string from, string to) => Words(from, to, room.Fresh("state"));

        public string[] Again(string state, string from, string to) => (Repeat ?? Words)(from, to, state);
    }
}
