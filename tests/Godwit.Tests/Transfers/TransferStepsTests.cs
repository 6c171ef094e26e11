using Godwit.Transfers;
using static Godwit.Transfers.TransferState;

namespace Godwit.Tests.Transfers;

/// <summary>Which state of a transfer may follow which: written out here once more, so that no change of the table goes unseen.</summary>
public sealed class TransferStepsTests
{
    private static readonly TransferState[] s_states = Enum.GetValues<TransferState>();

    // A row for each state that is left, a column for each that is entered, in the order of the enumeration.
    private static readonly string[] s_allowed =
    [
        /* SUBMITTED    */ ".x.x.x..xx",
        /* STAGING      */ "..x.....xx",
        /* STAGED       */ "...x.x..xx",
        /* PREPARING    */ "....x...xx",
        /* PREPARED     */ ".....x..xx",
        /* TRANSFERRING */ "......xxxx",
        /* SUCCESS      */ "..........",
        /* PARTIAL      */ "x.........",
        /* ERROR        */ "x.........",
        /* CANCELED     */ "x.........",
    ];

    public static TheoryData<TransferState, TransferState> Pairs()
    {
        var pairs = new TheoryData<TransferState, TransferState>();
        foreach (TransferState from in s_states)
        {
            foreach (TransferState to in s_states)
            {
                pairs.Add(from, to);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_step_is_allowed_or_not(TransferState from, TransferState to) =>
        Assert.Equal(s_allowed[Array.IndexOf(s_states, from)][Array.IndexOf(s_states, to)] == 'x', TransferSteps.Allows(from, to));

    [Fact]
    public void No_step_is_there_twice_and_each_state_but_success_leads_on() =>
        Assert.All(s_states, state =>
        {
            TransferStep[] steps = [.. TransferSteps.All.Where(step => step.From == state)];
            Assert.Equal(steps.Length, steps.Select(step => step.To).Distinct().Count());
            Assert.Equal(state == Success, steps.Length == 0);
            Assert.Equal(TransferSteps.IsEnd(state), steps.All(step => step.To == Submitted));
        });

    [Fact]
    public void Every_state_is_reached_from_the_beginning_within_one_round()
    {
        var reached = new HashSet<TransferState> { Submitted };
        while (TransferSteps.All.Any(step => step.From is { } from && reached.Contains(from) && !TransferSteps.IsEnd(from) && reached.Add(step.To)))
        {
        }

        Assert.Equal(s_states, reached.Order());
    }

    [Fact]
    public void Within_a_round_no_state_comes_again()
    {
        foreach (TransferState state in s_states)
        {
            var after = new HashSet<TransferState>();
            while (TransferSteps.All.Any(step =>
                step.From is { } from && !TransferSteps.IsEnd(from) && (from == state || after.Contains(from)) && after.Add(step.To)))
            {
            }

            Assert.DoesNotContain(state, after);
        }
    }

    [Fact]
    public void Each_state_has_a_word_that_finds_it_and_a_sentence_for_the_next_start() =>
        Assert.All(s_states, state =>
        {
            Assert.Equal(state, TransferSteps.Find(TransferSteps.NameOf(state).ToLowerInvariant()));
            Assert.NotEmpty(TransferSteps.AfterStart(state));
            Assert.Null(TransferSteps.Find("PAUSED"));
        });
}
