using System.Text;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Saved;

namespace Godwit.Tests.Transfers;

/// <summary>Saved plans where others write meanwhile, and where a name may be that of a file and of a directory at once.</summary>
public sealed class SavedPlanFlowTests
{
    private static readonly TransferPolicy s_sync = TransferPolicy.Default with { Removal = new RemovalPolicy() };

    private readonly MemorySpace _space = new(TimeProvider.System);

    [Theory]
    [InlineData(null, 1)]
    [InlineData("a/c", 1)]
    [InlineData("x", 0)]
    public async Task A_directory_of_the_source_beside_what_is_deleted_is_no_hindrance_and_a_file_is(string? came, int deleted)
    {
        await using var here = new MemoryStore(_space, "here", MemoryStoreOptions.Default with { PosixManners = true });
        await using var there = new MemoryStore(_space, "there");
        string extra = came == "x" ? "x" : "a";
        await PutAsync(here, "a/b");
        await PutAsync(there, extra);
        var plan = new KeptPlan();
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await trial.RunAsync(FlowTrial.Request(here, there, s_sync with { DryRun = true }) with { SavePlan = plan });
        if (came is not null)
        {
            await PutAsync(here, came);
        }

        TransferResult result = await trial.RunAsync(FlowTrial.Request(here, there, s_sync) with { Saved = plan.Saved });
        Assert.Equal((deleted, 1L - deleted), (result.Totals.Deleted, result.Totals.Failed));
        Assert.Equal(deleted == 1, await there.StatAsync(StorePath.FromText(extra), default) is not { Kind: EntryKind.File });
        Assert.NotNull(await there.StatAsync(StorePath.FromText("a/b"), default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_that_is_empty_by_now_deletes_nothing_unless_the_plan_allows_it(bool isAllowed)
    {
        MemoryStoreOptions posix = MemoryStoreOptions.Default with { PosixManners = true };
        await using MemoryStore here = new(_space, "here", posix), there = new(_space, "there", posix);
        await PutAsync(here, "a");
        await PutAsync(there, "a");
        await PutAsync(there, "b");
        TransferPolicy policy = s_sync with { Compare = CompareBy.Size, Removal = new RemovalPolicy { AllowEmptySource = isAllowed } };
        var plan = new KeptPlan();
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await trial.RunAsync(FlowTrial.Request(here, there, policy with { DryRun = true }) with { SavePlan = plan });
        await here.DeleteAsync(StorePath.FromText("a"), default);
        await here.Directories!.CreateAsync(StorePath.FromText("mount"), default);
        TransferResult result = await trial.RunAsync(FlowTrial.Request(here, there, policy) with { Saved = plan.Saved });
        Assert.Equal((isAllowed ? StopReason.None : StopReason.GuardRefused, isAllowed ? 1L : 0), (result.Stopped, result.Totals.Deleted));
        Assert.Equal(isAllowed, await there.StatAsync(StorePath.FromText("b"), default) is null);
    }

    [Fact]
    public async Task What_comes_once_the_way_is_clear_is_not_replaced()
    {
        MemoryStoreOptions posix = MemoryStoreOptions.Default with { PosixManners = true };
        await using var here = new MemoryStore(_space, "here", posix);
        await using var kept = new MemoryStore(_space, "there", posix);
        var place = StorePath.FromText("a");
        await PutAsync(here, "a");
        await PutAsync(kept, "a/old");
        await using var there = new LayeredStore(kept, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb == StoreVerb.Delete && call.Path == place && moment == CallMoment.After)
            {
                await kept.WriteAsync(place, WriteSource.From("PRECIOUS"u8.ToArray()), WriteOptions.Default, default);
            }
        }));
        var plan = new KeptPlan();
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await trial.RunAsync(FlowTrial.Request(here, there, s_sync with { DryRun = true }) with { SavePlan = plan });
        TransferResult result = await trial.RunAsync(FlowTrial.Request(here, there, s_sync) with { Saved = plan.Saved });
        Assert.Equal((1L, 0L), (result.Totals.Failed, result.Totals.Delivered));
        Assert.Equal("PRECIOUS".Length, (await kept.StatAsync(place, default))?.Length);
    }

    private static async Task PutAsync(MemoryStore store, string name) => await store.WriteAsync(
        StorePath.FromText(name), WriteSource.From(Encoding.UTF8.GetBytes(name)), WriteOptions.Default, default);

    private sealed class KeptPlan : IPlanSink
    {
        private readonly List<PlannedLine> _lines = [];
        private PlanCounts? _counts;

        public SavedPlan Saved => new() { Lines = _lines, Counts = _counts! };

        public void Add(PlannedLine line) => _lines.Add(line);

        public void Complete(PlanCounts counts) => _counts = counts;
    }
}
