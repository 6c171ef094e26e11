using System.Globalization;
using Godwit.Server.Queue;

namespace Godwit.Tests.Server.Queue;

/// <summary>Which waiting transfer begins next, in simulated time.</summary>
public sealed class FairQueueTests
{
    private static readonly EndpointPair s_link = new("disk", "tape");

    private int _made;

    [Fact]
    public void Equals_begin_in_the_order_in_which_they_came()
    {
        var queue = new FairQueue(100);
        string[] ids = [.. Enumerable.Range(0, 20).Select(_ => Add(queue, "atlas", 3))];
        Assert.Equal(ids, Enumerable.Range(0, 20).Select(_ => queue.Take()!.Id));
        Assert.Null(queue.Take());
        Assert.Equal((0, 20), (queue.Waiting, queue.UnderWay));
    }

    [Fact]
    public void Projects_get_turns_by_their_shares_whoever_came_first()
    {
        var queue = new FairQueue(10_000);
        queue.SetShare("atlas", 3);
        Add(queue, "cta", 3, 1000);
        Add(queue, "atlas", 3, 1000);
        for (int turns = 4; turns <= 400; turns += 4)
        {
            Take(queue, 4);
            Assert.InRange(UnderWay(queue, "atlas"), (turns * 3 / 4) - 1, (turns * 3 / 4) + 1);
        }
    }

    [Fact]
    public void Higher_priorities_get_more_turns_and_the_lowest_gets_some()
    {
        var queue = new FairQueue(10_000);
        for (int priority = 1; priority <= FairQueue.Priorities; priority++)
        {
            Add(queue, "atlas", priority, 1000);
        }

        Take(queue, 310);
        for (int priority = 1; priority <= FairQueue.Priorities; priority++)
        {
            Assert.InRange(_underWay.Count(one => one.Priority == priority), (10 << (priority - 1)) - 1, (10 << (priority - 1)) + 1);
        }
    }

    [Fact]
    public void Who_had_nothing_to_do_gets_no_turns_for_it_afterwards()
    {
        var queue = new FairQueue(10_000);
        Add(queue, "atlas", 3, 1000);
        Take(queue, 500);
        Add(queue, "cta", 3, 100);
        Take(queue, 100);
        Assert.InRange(UnderWay(queue, "cta"), 49, 51);
    }

    [Fact]
    public void A_full_or_paused_endpoint_holds_up_nobody_else_and_goes_on_when_it_may()
    {
        var queue = new FairQueue(2);
        Add(queue, "atlas", 3, 5);
        string[] elsewhere = [.. Enumerable.Range(0, 3).Select(_ => Add(queue, "atlas", 3, new EndpointPair("disk2", "tape2")))];
        queue.PauseEndpoint("tape2", true);
        Take(queue, 2);
        Assert.Null(queue.Take());
        queue.PauseEndpoint("tape2", false);
        Assert.Equal(elsewhere[..2], new[] { queue.Take()!.Id, queue.Take()!.Id });
        Assert.Null(queue.Take());
        queue.LimitEndpoint("tape", 3);
        Assert.Null(queue.Take());
        queue.LimitEndpoint("disk", 4);
        Assert.Equal(s_link, queue.Take()!.Link);
        Assert.Null(queue.Take());
        queue.LimitEndpoint("tape2", 1);
        queue.Done(elsewhere[0]);
        Assert.Null(queue.Take());
        queue.Done(elsewhere[1]);
        Assert.Equal(elsewhere[2], queue.Take()!.Id);
    }

    [Fact]
    public void A_link_has_a_limit_of_its_own()
    {
        var queue = new FairQueue(100);
        queue.LimitLink(s_link, 1);
        Add(queue, "atlas", 3, 3);
        string first = queue.Take()!.Id;
        Assert.Null(queue.Take());
        queue.Done(first);
        Assert.NotNull(queue.Take());
        queue.LimitLink(s_link, null);
        Assert.NotNull(queue.Take());
    }

    [Fact]
    public void What_is_taken_out_or_there_already_gets_no_turn()
    {
        var queue = new FairQueue(100);
        string[] ids = [.. Enumerable.Range(0, 3).Select(_ => Add(queue, "atlas", 3))];
        queue.Remove(ids[1]);
        queue.Remove("nobody");
        queue.Add(new WaitingTransfer(ids[2], s_link, "cta", 1));
        Assert.Equal(new[] { ids[0], ids[2] }, new[] { queue.Take()!.Id, queue.Take()!.Id });
        queue.Add(new WaitingTransfer(ids[2], s_link, "cta", 1));
        Assert.Null(queue.Take());
        queue.Done("nobody");
        Assert.Equal((0, 2), (queue.Waiting, queue.UnderWay));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Add(new WaitingTransfer("x", s_link, "cta", 6)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whenever_nothing_begins_nothing_could_and_no_limit_is_passed(int seed)
    {
        var random = new Random(seed);
        var trial = new QueueTrial(random);
        for (int step = 0; step < 400; step++)
        {
            trial.ChangeSomething();
            while (trial.Queue.Take() is { } taken)
            {
                trial.Begin(taken);
            }

            trial.RequireNoneCouldBegin();
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nobody_waits_longer_than_the_bound_whatever_others_hand_in(int seed)
    {
        var random = new Random(seed);
        int[] shares = [.. Enumerable.Range(0, 2 + random.Next(8)).Select(_ => 1 + random.Next(10))];
        var queue = new FairQueue(1 + random.Next(4));
        foreach ((int share, int project) in shares.Select((share, project) => (share, project)))
        {
            queue.SetShare($"p{project}", share);
        }

        var lanes = new Dictionary<(string Project, int Priority), Queue<string>>();
        var firstSince = new Dictionary<string, int>();
        var running = new Queue<string>();
        for (int turn = 0; turn < 3_000;)
        {
            // More is handed in than ever gets a turn, in bursts, and most of it by those who have a turn already.
            for (int burst = random.Next(5); burst > 0; burst--)
            {
                (string project, int priority) lane = ($"p{random.Next(shares.Length)}", 1 + random.Next(FairQueue.Priorities));
                string id = Add(queue, lane.project, lane.priority);
                Queue<string> waiting = lanes.TryGetValue(lane, out Queue<string>? known) ? known : lanes[lane] = new Queue<string>();
                waiting.Enqueue(id);
                firstSince.TryAdd(waiting.Peek(), turn);
            }

            if (queue.Take() is not { } taken)
            {
                queue.Done(running.TryDequeue(out string? done) ? done : "");
                continue;
            }

            turn++;
            running.Enqueue(taken.Id);
            Queue<string> of = lanes[(taken.Project, taken.Priority)];
            Assert.Equal(of.Dequeue(), taken.Id);
            Assert.InRange(turn - firstSince[taken.Id], 1, Bound(shares, taken));
            if (of.TryPeek(out string? next))
            {
                firstSince.TryAdd(next, turn);
            }

            // Nor does anybody wait beyond it who was not taken yet.
            Assert.All(
                lanes.Where(lane => lane.Value.Count > 0),
                lane => Assert.InRange(turn - firstSince[lane.Value.Peek()], 0, Bound(shares, new WaitingTransfer("", s_link, lane.Key.Project, lane.Key.Priority))));
        }
    }

    private static int Bound(int[] shares, WaitingTransfer one)
    {
        double share = shares[int.Parse(one.Project[1..], CultureInfo.InvariantCulture)];
        return (int)Math.Ceiling(((shares.Sum() / share) + shares.Length) * ((31.0 / (1 << (one.Priority - 1))) + FairQueue.Priorities));
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    private readonly List<WaitingTransfer> _underWay = [];

    private void Take(FairQueue queue, int turns)
    {
        for (int turn = 0; turn < turns; turn++)
        {
            _underWay.Add(queue.Take()!);
        }
    }

    private int UnderWay(FairQueue queue, string project)
    {
        Assert.Equal(queue.UnderWay, _underWay.Count);
        return _underWay.Count(one => one.Project == project);
    }

    private void Add(FairQueue queue, string project, int priority, int count)
    {
        for (int one = 0; one < count; one++)
        {
            Add(queue, project, priority);
        }
    }

    private string Add(FairQueue queue, string project, int priority, EndpointPair? link = null)
    {
        string id = (++_made).ToString("D6", CultureInfo.InvariantCulture);
        queue.Add(new WaitingTransfer(id, link ?? s_link, project, priority));
        return id;
    }
}
