using Godwit.Transfers.Queue;

namespace Godwit.Tests.Transfers.Queue;

public sealed class TurnsTests
{
    [Fact]
    public async Task So_many_have_a_place_and_the_others_get_one_in_the_order_in_which_they_asked()
    {
        var turns = new Turns(2);
        await turns.TakeAsync(default);
        await turns.TakeAsync(default);
        Task third = turns.TakeAsync(default).AsTask();
        Task fourth = turns.TakeAsync(default).AsTask();
        Assert.False(third.IsCompleted);
        turns.Return();
        await third;
        Assert.False(fourth.IsCompleted);
        turns.Return();
        await fourth;
        Assert.Equal(2, turns.Taken);
    }

    [Fact]
    public async Task More_places_let_in_who_waits_and_fewer_put_nobody_out()
    {
        var turns = new Turns(1);
        await turns.TakeAsync(default);
        Task second = turns.TakeAsync(default).AsTask();
        Task third = turns.TakeAsync(default).AsTask();
        turns.Places = 2;
        await second;
        turns.Places = 1;
        Assert.Equal(2, turns.Taken);
        turns.Return();
        Assert.False(third.IsCompleted);
        turns.Places = null;
        await third;
    }

    [Fact]
    public async Task Who_gives_up_keeps_no_place()
    {
        var turns = new Turns(1);
        await turns.TakeAsync(default);
        using var stop = new CancellationTokenSource();
        Task waiting = turns.TakeAsync(stop.Token).AsTask();
        Task behind = turns.TakeAsync(default).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        turns.Return();
        await behind;
        Assert.Equal(1, turns.Taken);
    }

    [Fact]
    public async Task A_place_that_comes_in_the_moment_of_giving_up_is_not_lost()
    {
        for (int i = 0; i < 2000; i++)
        {
            var turns = new Turns(1);
            await turns.TakeAsync(default);
            using var stop = new CancellationTokenSource();
            Task waiting = turns.TakeAsync(stop.Token).AsTask();
            await Task.WhenAll(Task.Run(turns.Return), Task.Run(stop.Cancel));
            await Task.WhenAny(waiting);
            Assert.Equal(waiting.IsCompletedSuccessfully ? 1 : 0, turns.Taken);
        }
    }
}
