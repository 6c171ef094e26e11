using static Godwit.Tests.HostileTrees.Outcome;

namespace Godwit.Tests.HostileTrees;

/// <summary>Symbolic links under each policy. No policy leads out of the root.</summary>
internal static class LinkTrees
{
    public static HostileTree[] All { get; } =
    [
        new("links of every sort, skipped", MakeAll) { AllArrive = true, LinksSkipped = 8 },
        new("links of every sort, kept", MakeAll)
        {
            Options = "--links keep",
            AllArrive = true,
            Outcomes = [.. ((string[])["absolute", "dangling", "out", "out-directory", "self", "to-directory", "to-file", "up"]).Select(LinkMade)],
        },
        new("links of every sort, followed", MakeAll)
        {
            Options = "--links follow",
            AllArrive = true,
            Outcomes = [Delivered("to-file", "inside"), Delivered("to-directory/file", "inside")],
            LinksSkipped = 6,
        },
        new("two directories that link to each other, followed", ground =>
        {
            ground.PutAll(["a/one", "b/two"]);
            ground.Link("a/to-b", "../b");
            ground.Link("b/to-a", "../a");
        })
        {
            Options = "--links follow",
            AllArrive = true,
            Outcomes = [Delivered("a/to-b/two", "content of b/two"), Delivered("b/to-a/one", "content of a/one")],
            LinksSkipped = 2,
        },
        new("a ring of links, followed", ground =>
        {
            ground.Put("good");
            ground.Link("x", "y");
            ground.Link("y", "x");
        })
        {
            Options = "--links follow",
            AllArrive = true,
            LinksSkipped = 2,
        },
        new("a link whose target is not UTF-8, kept", ground =>
        {
            ground.Put(@"t\xff");
            ground.Link(@"l\xfe", @"t\xff");
        })
        {
            Options = "--links keep",
            AllArrive = true,
            Outcomes = [LinkMade(@"l\xfe")],
        },
        new("a link as SRC", ground =>
        {
            ground.Put("file");
            RawFiles.MakeLink(ground.Root, "link", "src");
        })
        {
            Ends = ("link", "dst"),
            AllArrive = true,
        },
    ];

    private static void MakeAll(Ground ground)
    {
        ground.PutOutside("secret", "secret");
        ground.Put("d/file", "inside");
        ground.Link("to-file", "d/file");
        ground.Link("to-directory", "d");
        ground.Link("dangling", "nowhere");
        ground.Link("out", "../outside/secret");
        ground.Link("out-directory", "../outside");
        ground.Link("absolute", Path.Combine(ground.Outside, "secret"));
        ground.Link("self", "self");
        ground.Link("up", ".");
    }
}
