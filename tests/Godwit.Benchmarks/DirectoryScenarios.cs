namespace Godwit.Benchmarks;

/// <summary>Between two directories of this machine.</summary>
internal static class DirectoryScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("small", room => Copies(room, $"{room.Size.Files ?? 100_000} files of 4 KiB between two directories", room.SmallFiles(room.Size.Files ?? 100_000, 4096))),
        new("large", room => Copies(room, $"one file of {(room.Size.Bytes ?? 4L << 30) >> 20} MiB between two directories", room.LargeFiles(1, room.Size.Bytes ?? 4L << 30))),
        new("rerun", Rerun),
        new("memory", Memory),
        new("plan", Plan),
    ];

    private static Race Copies(Room room, string title, string here) => new(
        title,
        [
            new("cp -a; sync", () => To(room.Fresh("there"), there => ["sh", "-c", "cp -a \"$1\" \"$2\" && sync", "-", here, there])),
            new("godwit", () => To(room.Fresh("there"), there => Godwit(room, here, there))),
            new("godwit, size only", () => To(room.Fresh("there"), there => [.. Godwit(room, here, there), "--verify", "size", "--route", "stream"])),
        ]);

    private static Race Rerun(Room room)
    {
        int files = room.Size.Files ?? 200_000;
        string here = room.SmallFiles(files, 1);
        string there = room.At("there");
        Measure.Wait("cp", "-a", here, there);
        return new Race(
            $"{files} files, nothing to do, both sides looked at",
            [
                new("rsync -a", () => new Command(["rsync", "-a", here + "/", there + "/"])),
                new("godwit", () => new Command(Godwit(room, here, there))),
            ]);
    }

    private static Race Memory(Room room)
    {
        int files = room.Size.Files ?? 1_000_000;
        string here = room.SmallFiles(files, 1);
        string flat = room.At("flat");
        Directory.CreateDirectory(flat);
        for (int i = 0; i < files; i++)
        {
            File.WriteAllBytes(Path.Combine(flat, $"f{i}"), []);
        }

        return new Race(
            $"planning {files} files",
            [
                new("spread over directories", () => new Command([.. Godwit(room, here, room.Fresh("there")), "--dry-run"])),
                new("in one directory", () => new Command([.. Godwit(room, flat, room.Fresh("there")), "--dry-run"])),
            ]);
    }

    private static Race Plan(Room room)
    {
        string empty = room.Fresh("empty");
        Directory.CreateDirectory(empty);
        int files = room.Size.Files ?? 1_000_000;
        return new Race(
            $"planning {files} and {files * 10} files of a generated store",
            [.. from shape in (string[])["spread", "one"]
                from count in (int[])[files, files * 10]
                select new Contestant(
                    $"{count} files, {(shape == "one" ? "in one directory in no order" : "spread over directories")}",
                    () => new Command(
                        [Environment.ProcessPath!, "generated", $"{count}", shape, "copy", empty, room.Fresh("there"), "--state", room.Fresh("state"), "--quiet", "--dry-run"]))]);
    }

    private static Command To(string there, Func<string, string[]> words) => new(words(there));

    private static string[] Godwit(Room room, string here, string there) =>
        [Room.Godwit, "copy", here, there, "--state", room.Fresh("state"), "--quiet"];
}
