using Godwit.Cli;

namespace Godwit.Tests.Cli;

public class ExitCodeTests
{
    private static readonly (string Fact, ExitFacts Facts, int Code)[] s_inOrder =
    [
        ("usage", new ExitFacts { Usage = true }, 2),
        ("fatal", new ExitFacts { Fatal = true }, 7),
        ("signal", new ExitFacts { Signal = ExitCode.Terminated }, 143),
        ("limit", new ExitFacts { Limit = true }, 8),
        ("time", new ExitFacts { TimeUp = true }, 10),
        ("may pass", new ExitFacts { MayPass = 1 }, 5),
        ("for good", new ExitFacts { ForGood = 1 }, 6),
        ("other", new ExitFacts { Other = true }, 1),
        ("nothing", new ExitFacts { NothingToDo = true }, 9),
        ("all well", new ExitFacts(), 0),
    ];

    public static TheoryData<int, int> Pairs()
    {
        var pairs = new TheoryData<int, int>();
        for (int first = 0; first < s_inOrder.Length; first++)
        {
            for (int second = first; second < s_inOrder.Length; second++)
            {
                pairs.Add(first, second);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Of_several_at_once_the_first_of_the_list_is_told(int first, int second)
    {
        ExitFacts one = s_inOrder[first].Facts;
        ExitFacts other = s_inOrder[second].Facts;
        var both = new ExitFacts
        {
            Usage = one.Usage || other.Usage,
            Fatal = one.Fatal || other.Fatal,
            Signal = one.Signal ?? other.Signal,
            Limit = one.Limit || other.Limit,
            TimeUp = one.TimeUp || other.TimeUp,
            MayPass = one.MayPass + other.MayPass,
            ForGood = one.ForGood + other.ForGood,
            Other = one.Other || other.Other,
            NothingToDo = one.NothingToDo || other.NothingToDo,
        };
        Assert.Equal(s_inOrder[first].Code, (int)both.Choose());
    }

    [Fact]
    public void SIGINT_is_130() => Assert.Equal(130, (int)new ExitFacts { Signal = ExitCode.Interrupted }.Choose());
}
