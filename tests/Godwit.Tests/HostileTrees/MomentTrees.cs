using Godwit.Conformance;
using Godwit.Storage;
using static Godwit.Tests.HostileTrees.Outcome;

namespace Godwit.Tests.HostileTrees;

/// <summary>Files that change while they are moved, each at a precise moment.</summary>
internal static class MomentTrees
{
    private const string Parts = "--part-size 64KiB --parts 1 --transfers 1";
    private static readonly string s_large = new('x', 150_000);

    private static readonly Meanwhile s_beforeOpening = new("before it is opened", StoreSide.Source, StoreVerb.OpenRange, CallMoment.Before, 1, _ => { });
    private static readonly Meanwhile s_opened = s_beforeOpening with { When = "once it is open", Moment = CallMoment.After };
    private static readonly Meanwhile s_betweenParts = s_beforeOpening with { When = "between two parts", Time = 2 };
    private static readonly Meanwhile s_lastOpened = s_opened with { When = "once its last part is open", Time = 3 };
    private static readonly Meanwhile s_beforePublishing = new(
        "after it was proved, before it is published", StoreSide.Destination, StoreVerb.CompleteParts, CallMoment.Before, 1, _ => { });

    private static readonly Outcome s_gone = Failed("victim", "not-found", StoreSide.Source);
    private static readonly Outcome s_changed = Failed("victim", "source-changed", StoreSide.Source);

    public static HostileTree[] All { get; } =
    [
        Case("grows", s_beforeOpening, Grow),
        Case("grows", s_opened, Grow),
        Case("grows", s_betweenParts, Grow),
        Case("grows", s_lastOpened, Grow),
        Case("grows", s_beforePublishing, Grow, Delivered("victim", s_large), Again.Finishes),
        Case("grows anew", s_opened with { When = "each time a part was opened", Time = 0 }, Grow, s_changed, Again.Finishes),
        Case("shrinks", s_beforeOpening, Shrink),
        Case("shrinks", s_opened, Shrink),
        Case("shrinks", s_betweenParts, Shrink),
        Case("shrinks", s_lastOpened, Shrink),
        Case("is emptied", s_opened, ground => ground.Put("victim", "")),
        Case("is emptied", s_betweenParts, ground => ground.Put("victim", "")),
        Case("is rewritten, same length and time,", s_betweenParts, Rewrite),
        Case("is rewritten, same length and time,", s_lastOpened, Rewrite),
        Case("is replaced by another of the same length and time", s_betweenParts, Replace),
        Case("vanishes", s_beforeOpening, ground => ground.Remove("victim"), s_gone),
        Case("vanishes", s_opened, ground => ground.Remove("victim"), s_gone),
        Case("vanishes", s_betweenParts, ground => ground.Remove("victim"), s_gone),
        Case("vanishes", s_beforePublishing, ground => ground.Remove("victim"), Delivered("victim", s_large), Again.NothingToDo),
        Case("becomes a link out of the root", s_beforeOpening, BecomeLink, s_changed, Again.NothingToDo) with { SkippedAgain = 1 },
        Case("becomes a link out of the root", s_betweenParts, BecomeLink, s_changed, Again.NothingToDo) with { SkippedAgain = 1 },
        Case("becomes a directory", s_beforeOpening, BecomeDirectory, s_changed, Again.Finishes) with
        {
            AllArrive = false,
            Outcomes = [Delivered("witness"), s_changed],
            KeepsDirectories = ["victim"],
        },
        Case("becomes a pipe", s_beforeOpening, BecomePipe, s_changed, Again.NothingToDo),
        new("a directory vanishes before it is listed", ground => ground.PutAll(["a", "going/file", "z"]), 5)
        {
            Options = Parts,
            Meanwhile = new("before it is listed", StoreSide.Source, StoreVerb.List, CallMoment.Before, 2, ground =>
            {
                ground.Remove("going/file");
                ground.Remove("going");
            }),
            Outcomes = [Delivered("a"), Delivered("z"), Failed("going", "not-found", StoreSide.Source)],
            Again = Again.NothingToDo,
        },
        new("somebody else writes the same name at the destination", ground => ground.PutAll(["a", "victim"]), 6)
        {
            Options = Parts,
            Meanwhile = s_beforePublishing with { Time = 2, Do = ground => ground.PutThere("victim", "a stranger's") },
            Outcomes = [Delivered("a"), Failed("victim", "already-exists", StoreSide.Destination)],
            Strangers = [("victim", "a stranger's")],
            Again = Again.Finishes,
        },
        new("somebody else writes the same name at the destination, --no-overwrite", ground => ground.PutAll(["a", "victim"]), 6)
        {
            Options = $"{Parts} --no-overwrite",
            Meanwhile = s_beforePublishing with { Time = 2, Do = ground => ground.PutThere("victim", "a stranger's") },
            Outcomes = [Delivered("a"), Failed("victim", "already-exists", StoreSide.Destination)],
            Strangers = [("victim", "a stranger's")],
            Again = Again.NothingToDo,
        },
    ];

    private static HostileTree Case(string what, Meanwhile moment, Action<Ground> change, Outcome? outcome = null, Again again = Again.NothingToDo) =>
        new($"a file {what} {moment.When}", ground =>
        {
            ground.Put("victim", s_large);
            ground.Put("witness");
            ground.PutOutside("secret", "secret");
        }, outcome is { HasFailed: true } ? 5 : 0)
        {
            Options = Parts,
            Meanwhile = moment with { Do = change },
            AllArrive = true,
            Outcomes = outcome is null ? [] : [outcome],
            Again = again,
        };

    private static void Grow(Ground ground) => ground.Append("victim", "more");

    private static void Shrink(Ground ground) => ground.Put("victim", s_large[..70_000]);

    private static void Rewrite(Ground ground)
    {
        ground.Put("victim", s_large.Replace('x', 'y'));
        ground.LetAnHourPass();
    }

    private static void Replace(Ground ground)
    {
        ground.Remove("victim");
        Rewrite(ground);
    }

    private static void BecomeLink(Ground ground)
    {
        ground.Remove("victim");
        ground.Link("victim", "../outside/secret");
    }

    private static void BecomeDirectory(Ground ground)
    {
        ground.Remove("victim");
        ground.Put("victim/inside");
    }

    private static void BecomePipe(Ground ground)
    {
        ground.Remove("victim");
        RawFiles.MakeSpecial(ground.Source, "victim", 0x1000);
    }
}
