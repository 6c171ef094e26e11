using System.Collections.Concurrent;
using Godwit.Server.Housekeeping;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Housekeeping;

public sealed class PruneLoopTests
{
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(90);

    private readonly FakeTime _time = new();
    private readonly OldThings _old = new();
    private readonly ConcurrentQueue<string> _warnings = new();

    [Fact]
    public async Task What_is_old_is_forgotten_in_steps_after_the_start_and_then_every_day()
    {
        _old.Left = 1200;
        await using PruneLoop loop = Start();
        await PassAsync(TimeSpan.FromMinutes(4));
        Assert.Empty(_old.Asked);
        var before = Timestamp.From(_time.GetUtcNow() + TimeSpan.FromMinutes(1) - s_keep);
        await PassAsync(TimeSpan.FromMinutes(1));
        await StepsAsync(4);
        Assert.Equal([500, 500, 500, 500], _old.Asked.Select(asked => asked.Limit));
        Timestamp asked = Assert.Single(_old.Asked.Select(asked => asked.Before).Distinct());
        Assert.InRange(asked.Nanoseconds - before.Nanoseconds, 0, 1_000_000_000);
        _old.Left = 1;
        await PassAsync(TimeSpan.FromHours(23));
        Assert.Equal(4, _old.Asked.Count);
        await PassAsync(TimeSpan.FromHours(1));
        await StepsAsync(6);
    }

    [Fact]
    public async Task A_day_on_which_the_ledger_cannot_be_used_is_told_and_the_next_one_comes()
    {
        _old.Fault = new LedgerException("the disk is full");
        await using PruneLoop loop = Start();
        await PassAsync(TimeSpan.FromMinutes(5));
        await StepsAsync(1);
        await _time.ArmedAsync();
        Assert.Equal("What is long over is not forgotten today: the disk is full", Assert.Single(_warnings));
        _old.Fault = null;
        await PassAsync(TimeSpan.FromDays(1));
        await StepsAsync(2);
    }

    private PruneLoop Start()
    {
        var loop = new PruneLoop(_old, s_keep, _warnings.Enqueue, _time);
        loop.Start();
        return loop;
    }

    private async Task PassAsync(TimeSpan time)
    {
        await _time.ArmedAsync();
        _time.Advance(time);
    }

    /// <summary>Waits until so many steps were taken, and lets the pauses between them pass.</summary>
    private async Task StepsAsync(int steps)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (_old.Asked.Count < steps)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20), $"{_old.Asked.Count} of {steps}");
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }
    }

    private sealed class OldThings : IHousekeeping
    {
        private readonly ConcurrentQueue<(Timestamp, int)> _asked = new();

        public IReadOnlyList<(Timestamp Before, int Limit)> Asked => [.. _asked];

        public int Left { get; set; }

        public LedgerException? Fault { get; set; }

        public ValueTask<int> PruneAsync(Timestamp before, int limit, CancellationToken ct)
        {
            _asked.Enqueue((before, limit));
            int removed = Math.Min(limit, Left);
            Left -= removed;
            return Fault is null ? ValueTask.FromResult(removed) : throw Fault;
        }
    }
}
