using System.Text;
using Godwit.Storage;
using static Godwit.Tests.HostileTrees.Outcome;

namespace Godwit.Tests.HostileTrees;

/// <summary>Destinations that are in the way of what arrives.</summary>
internal static class DestinationTrees
{
    public static HostileTree[] All { get; } =
    [
        new("a full disk", ground =>
        {
            ground.MountDestination("size=1m");
            foreach (int number in Enumerable.Range(0, 20))
            {
                ground.Put($"f{number:00}", new string((char)('a' + number), 100_000));
            }
        }, 5)
        {
            Options = "--transfers 1",
            Outcomes = [.. Enumerable.Range(0, 10).Select(number => Delivered($"f{number:00}")), Failed("f10", "quota-exceeded", StoreSide.Destination)],
            NotAttempted = 9,
            Repair = ("space is made", ground => Ground.Run("mount", "-o", "remount,size=8m", ground.Destination)),
            Again = Again.Finishes,
        },
        new("a disk that is too small for a large file", ground =>
        {
            ground.MountDestination("size=1m");
            ground.Put("large", new string('l', 3_000_000));
        }, 5)
        {
            Options = "--part-size 256KiB --parts 2",
            Outcomes = [Failed("large", "quota-exceeded", StoreSide.Destination)],
            Repair = ("space is made", ground => Ground.Run("mount", "-o", "remount,size=8m", ground.Destination)),
            Again = Again.Finishes,
        },
        new("a disk without inodes", ground =>
        {
            ground.MountDestination("size=1m,nr_inodes=3");
            ground.PutAll(["a", "b", "c", "d"]);
        }, 5)
        {
            Options = "--transfers 1",
            Outcomes = [Delivered("a"), Delivered("b"), Failed("c", "quota-exceeded", StoreSide.Destination)],
            NotAttempted = 1,
            Repair = ("space is made", ground => Ground.Run("mount", "-o", "remount,nr_inodes=20", ground.Destination)),
            Again = Again.Finishes,
        },
        new("a read-only destination", ground =>
        {
            ground.MountDestination("size=1m");
            Ground.Run("mount", "-o", "remount,ro", ground.Destination);
            ground.PutAll(["a", "d/b"]);
        }, 6)
        {
            Outcomes = [.. Forbidden("a", "d", "d/b")],
            KeepsDirectories = ["d"],
            Again = Again.TheSame,
        },
        new("a destination that this user may not write", ground =>
        {
            Ground.Run("chmod", "555", ground.Destination);
            ground.PutAll(["a", "b"]);
        }, 6)
        {
            AsUser = StoreSide.Destination,
            Outcomes = [.. Forbidden("a", "b")],
            Again = Again.TheSame,
        },
        new("a directory of the destination that may not be entered", ground =>
        {
            ground.PutAll(["a", "closed/b"]);
            RawFiles.MakeDirectory(ground.Destination, "closed");
            Ground.Run("chmod", "777", ground.Destination);
            Ground.Run("chmod", "000", Path.Combine(ground.Destination, "closed"));
        }, 6)
        {
            AsUser = StoreSide.Destination,
            Outcomes = [Delivered("a"), .. Forbidden("closed", "closed/b")],
            Again = Again.TheSame,
        },
        new("a directory where a file should go", ground =>
        {
            ground.PutAll(["good", "name"]);
            ground.PutThere("name/keep", "kept");
        }, 6)
        {
            AllArrive = true,
            Outcomes = [Failed("name", "in-the-way", StoreSide.Destination)],
            Again = Again.TheSame,
        },
        new("a file where a directory should go", ground =>
        {
            ground.PutAll(["good", "name/inside", "name/sub/deep"]);
            ground.PutThere("name", "kept");
        }, 6)
        {
            AllArrive = true,
            Outcomes = [.. ((string[])["name", "name/inside", "name/sub", "name/sub/deep"]).Select(path => Failed(path, "in-the-way", StoreSide.Destination))],
            KeepsDirectories = ["name", "name/sub"],
            Again = Again.TheSame,
        },
        new("a link out of the destination where a file should go", ground =>
        {
            ground.Put("name", "new");
            ground.PutOutside("precious", "precious");
            RawFiles.MakeLink(ground.Destination, "name", "../outside/precious");
        })
        {
            AllArrive = true,
        },
        new("a link out of the destination where a directory should go", ground =>
        {
            ground.PutAll(["good", "name/inside"]);
            RawFiles.MakeLink(ground.Destination, "name", "../outside");
        }, 6)
        {
            AllArrive = true,
            Outcomes = [.. ((string[])["name", "name/inside"]).Select(path => Failed(path, "in-the-way", StoreSide.Destination))],
            KeepsDirectories = ["name"],
            Again = Again.TheSame,
        },
        new("a pipe where a file should go", ground =>
        {
            ground.PutAll(["good", "name"]);
            RawFiles.MakeSpecial(ground.Destination, "name", 0x1000);
        }, 6)
        {
            AllArrive = true,
            Outcomes = [Failed("name", "in-the-way", StoreSide.Destination)],
            Again = Again.TheSame,
        },
        new("a pipe that the plan did not see", ground =>
        {
            ground.PutAll(["good", "name"]);
            RawFiles.MakeSpecial(ground.Destination, "name", 0x1000);
        }, 6)
        {
            Options = "--compare ledger",
            AllArrive = true,
            Outcomes = [Failed("name", "in-the-way", StoreSide.Destination)],
            Again = Again.TheSame,
        },
        new("a kept link where a directory is", ground =>
        {
            ground.Put("good");
            ground.Link("name", "good");
            ground.PutThere("name/keep", "kept");
        }, 6)
        {
            Options = "--links keep",
            AllArrive = true,
            Outcomes = [Failed("name", "in-the-way", StoreSide.Destination)],
            Again = Again.TheSame,
        },
        new("a read-only file of the same name", ground =>
        {
            ground.Put("name", "new and longer");
            ground.PutThere("name", "old");
            Ground.Run("chmod", "444", Path.Combine(ground.Destination, "name"));
        })
        {
            AllArrive = true,
        },
        new("a stranger's partial file beside the final name", ground =>
        {
            ground.Put("name", "new");
            ground.PutThere(".name.abcdefghijkmn.godwit-part", "a stranger's");
        })
        {
            AllArrive = true,
        },
        new("a destination that is not there", ground =>
        {
            ground.PutAll(["a", "d/b"]);
            Directory.Delete(ground.Destination);
        })
        {
            AllArrive = true,
        },
        new("a destination that is a link to a directory", ground =>
        {
            ground.PutAll(["a", "d/b"]);
            RawFiles.MakeLink(ground.Root, "link", "dst");
        })
        {
            Ends = ("src", "link"),
            AllArrive = true,
        },
        new("a destination that is a link to nowhere", ground =>
        {
            ground.Put("a");
            RawFiles.MakeLink(ground.Root, "link", "nowhere");
        }, 6)
        {
            Ends = ("src", "link"),
            Outcomes = [Failed("a", "not-found", StoreSide.Destination)],
            Again = Again.TheSame,
        },
        new("a destination that is a file", ground =>
        {
            ground.Put("a");
            RawFiles.Write(ground.Root, "file", Encoding.UTF8.GetBytes("kept"));
        }, 2)
        {
            Ends = ("src", "file"),
            Refused = "is a directory and DST",
        },
        Refused("source and destination are one directory", "src", "src", "are the same directory"),
        Refused("source and destination are one directory, once by a link", "src", "link", "are the same directory"),
        Refused("the destination lies in the source", "src", "src/d/new", "lies inside SRC"),
        Refused("the destination lies in the source, by a link", "src", "link/new", "lies inside SRC"),
        Refused("the source lies in the destination and would write into itself", "src", ".", "lies inside DST"),
        Refused("one file onto itself", "src/a", "src/a", "are the same file"),
        Refused("one file onto itself, by a link", "src/a", "link/a", "are the same file"),
    ];

    private static IEnumerable<Outcome> Forbidden(params string[] paths) => paths.Select(path => Failed(path, "forbidden", StoreSide.Destination));

    private static HostileTree Refused(string name, string from, string to, string sentence) => new(name, ground =>
    {
        ground.PutAll(["a", "d/b", "src/c"]);
        RawFiles.MakeLink(ground.Root, "link", "src");
    }, 2)
    {
        Ends = (from, to),
        Refused = sentence,
    };
}
