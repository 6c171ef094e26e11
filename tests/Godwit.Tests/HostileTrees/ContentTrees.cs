using Godwit.Backends.Local;
using Godwit.Storage;
using static Godwit.Tests.HostileTrees.Outcome;

namespace Godwit.Tests.HostileTrees;

/// <summary>Things that are not ordinary files with ordinary content.</summary>
internal static class ContentTrees
{
    private const uint Pipe = 0x1000;
    private const uint CharacterDevice = 0x2000;
    private const uint Socket = 0xc000;
    private const ulong NullDevice = 0x103;

    public static HostileTree[] All { get; } =
    [
        new("empty files", ground => Array.ForEach(["empty", "d/empty"], path => ground.Put(path, ""))) { AllArrive = true },
        new("empty directories", ground => Array.ForEach(["empty", "a/b/c"], path => RawFiles.MakeDirectory(ground.Source, path))),
        new("nothing at all", _ => { }),
        new("a sparse file of 64 MiB that holds 10 bytes", MakeSparse) { AllArrive = true, Also = StaysSparse },
        new("two names of one file", MakeHardLinks) { AllArrive = true },
        new("times long ago and far ahead", MakeTimes) { AllArrive = true, KeepsTimes = true },
        new("pipes, sockets and devices", MakeSpecial) { AllArrive = true, SpecialSkipped = 3 },
        new("a device as SRC", ground => RawFiles.MakeSpecial(ground.Root, "null", CharacterDevice, NullDevice), 2)
        {
            Ends = ("null", "dst/"),
            Refused = "is neither a file nor a directory",
        },
        new("a file that its owner may not read", ground =>
        {
            ground.PutAll(["good", "secret"]);
            Ground.Run("chmod", "000", Path.Combine(ground.Source, "secret"));
        }, 6)
        {
            AsUser = StoreSide.Source,
            AllArrive = true,
            Outcomes = [Failed("secret", "forbidden", StoreSide.Source)],
            Again = Again.TheSame,
        },
        new("a directory that may not be listed", ground =>
        {
            ground.PutAll(["good", "closed/secret", "zulu"]);
            Ground.Run("chmod", "000", Path.Combine(ground.Source, "closed"));
        }, 6)
        {
            AsUser = StoreSide.Source,
            Outcomes = [Delivered("good"), Delivered("zulu"), Failed("closed", "forbidden", StoreSide.Source)],
            KeepsDirectories = ["closed"],
            Again = Again.TheSame,
        },
        new("a directory that may be listed and not entered", ground =>
        {
            ground.PutAll(["good", "half/secret"]);
            Ground.Run("chmod", "744", Path.Combine(ground.Source, "half"));
        }, 6)
        {
            AsUser = StoreSide.Source,
            Outcomes = [Delivered("good"), Failed("half/secret", "forbidden", StoreSide.Source)],
            Again = Again.TheSame,
        },
    ];

    private static void MakeSparse(Ground ground)
    {
        using FileStream file = File.Create(Path.Combine(ground.Source, "sparse"));
        file.SetLength(64 << 20);
        file.Position = 40 << 20;
        file.Write("ten bytes."u8);
    }

    private static async Task StaysSparse(Ground ground)
    {
        await using var store = LocalStore.In(ground.Destination);
        StoreEntry? entry = await store.StatAsync(StorePath.FromText("sparse"), default);
        Assert.InRange(entry!.Allocated!.Value, 1, 2 << 20);
    }

    private static void MakeHardLinks(Ground ground)
    {
        ground.Put("one");
        Ground.Run("ln", Path.Combine(ground.Source, "one"), Path.Combine(ground.Source, "other"));
    }

    private static void MakeTimes(Ground ground)
    {
        foreach (int year in (int[])[1902, 1969, 1970, 2038, 2040, 2200])
        {
            ground.Put($"{year}");
            RawFiles.SetTime(ground.Source, $"{year}", new DateTimeOffset(year, 12, 31, 23, 59, 59, TimeSpan.Zero));
        }
    }

    private static void MakeSpecial(Ground ground)
    {
        ground.PutAll(["a", "z"]);
        RawFiles.MakeSpecial(ground.Source, "pipe", Pipe);
        RawFiles.MakeSpecial(ground.Source, "socket", Socket);
        RawFiles.MakeSpecial(ground.Source, "null", CharacterDevice, NullDevice);
    }
}
