using Godwit.Transfers.Move;

namespace Godwit.Tests.Transfers.Move;

public sealed class ByteBudgetTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task One_that_gives_up_waiting_does_not_hold_up_those_behind_it()
    {
        var budget = new ByteBudget(10);
        using ByteBudget.Buffer held = await budget.RentAsync(8, default);
        using var stop = new CancellationTokenSource();
        var large = budget.RentAsync(10, stop.Token).AsTask();
        var small = budget.RentAsync(2, default).AsTask();
        Assert.False(small.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        (await small.WaitAsync(Long)).Dispose();
    }

    [Fact]
    public async Task A_buffer_larger_than_the_budget_is_granted_alone()
    {
        var budget = new ByteBudget(10);
        using (ByteBudget.Buffer large = await budget.RentAsync(25, default))
        {
            Assert.True(large.Array.Length >= 25);
            var next = budget.RentAsync(1, default).AsTask();
            Assert.False(next.IsCompleted);
            large.Dispose();
            (await next.WaitAsync(Long)).Dispose();
        }

        (await budget.RentAsync(10, default).AsTask().WaitAsync(Long)).Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Files_whose_parts_wait_for_each_other_never_wait_for_ever(int seed)
    {
        // As parts move: memory in the order of the parts, then the checksum of the whole in their order, while the memory is held.
        var budget = new ByteBudget(100);
        var random = new Random(seed);
        List<Task> files = [];
        for (int file = 0; file < 20; file++)
        {
            int[] sizes = [.. Enumerable.Range(0, 30).Select(_ => random.Next(1, 130))];
            int breaksOff = file % 4 == 0 ? random.Next(1, 30) : int.MaxValue;
            files.Add(MoveAsync(budget, sizes, breaksOff));
        }

        await Task.WhenAll(files).WaitAsync(Long);
        (await budget.RentAsync(100, default).AsTask().WaitAsync(Long)).Dispose();
    }

    private static async Task MoveAsync(ByteBudget budget, int[] sizes, int breaksOff)
    {
        var (rents, digests) = (new InOrder(1), new InOrder(1));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 6 };
        try
        {
            // The numbers are taken in order, but their work may come in any: the last ones first where they get the chance.
            await Parallel.ForEachAsync(Enumerable.Range(1, sizes.Length), parallel, async (number, ct) =>
            {
                for (int turns = number % 5; turns > 0; turns--)
                {
                    await Task.Yield();
                }

                await rents.WaitTurnAsync(number, ct);
                using ByteBudget.Buffer buffer = await budget.RentAsync(sizes[number - 1], ct);
                rents.Passed(number);
                if (number == breaksOff)
                {
                    throw new InvalidOperationException("planted");
                }

                await digests.WaitTurnAsync(number, ct);
                await Task.Yield();
                digests.Passed(number);
            });
        }
        catch (InvalidOperationException)
        {
        }
    }
}
