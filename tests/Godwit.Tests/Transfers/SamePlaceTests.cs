using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>One place under two names: neither a move nor a sync deletes there what the other side would lose.</summary>
public sealed class SamePlaceTests
{
    private static readonly TransferPolicy s_move = TransferPolicy.Default with { RemoveSource = true };
    private static readonly TransferPolicy s_sync = TransferPolicy.Default with { Removal = new RemovalPolicy { AllowEmptySource = true } };

    private readonly MemorySpace _space = new(TimeProvider.System);

    [Theory]
    [InlineData(CompareBy.Modified)]
    [InlineData(CompareBy.Always)]
    [InlineData(CompareBy.Checksum)]
    public async Task A_move_between_two_names_of_one_place_is_refused_and_nothing_is_lost(CompareBy compare)
    {
        await using MemoryStore here = Open("", "night"), there = Open("other.example.org", "night");
        await PutAsync(here, "a", "b/c");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(here, there, s_move with { Compare = compare });
        Assert.Equal((TransferOutcome.Error, StopReason.GuardRefused), (result.Outcome, result.Stopped));
        Assert.Contains("one and the same place under two names", result.Refusal, StringComparison.Ordinal);
        Assert.Equal(["a", "b/c"], await NamesAsync(here));
    }

    [Fact]
    public async Task A_single_file_is_not_moved_onto_itself_and_may_get_another_name()
    {
        await using MemoryStore here = Open("", "night"), there = Open("other.example.org", "night");
        await PutAsync(here, "a");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferRequest request = FlowTrial.Request(here, there, s_move);
        (StorePath a, StorePath b) = (StorePath.FromText("a"), StorePath.FromText("b"));
        TransferResult refused = await trial.RunAsync(request with { Single = new SingleFile(a, a) });
        Assert.Equal(StopReason.GuardRefused, refused.Stopped);
        Assert.Equal(["a"], await NamesAsync(here));
        TransferResult renamed = await trial.RunAsync(FlowTrial.Request(here, there, s_move) with { Single = new SingleFile(a, b) });
        Assert.Equal((TransferOutcome.Success, 1L), (renamed.Outcome, renamed.Totals.Deleted));
        Assert.Equal(["b"], await NamesAsync(here));
    }

    [Theory]
    [InlineData("night", "archive")]
    [InlineData("night/a", "night")]
    public async Task Two_prefixes_of_one_bucket_are_two_places(string from, string to)
    {
        await using MemoryStore here = Open("", from), there = Open("other.example.org", to);
        await PutAsync(here, "a", "b/c");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(here, there, s_move);
        Assert.Equal((TransferOutcome.Success, 2L, 2L), (result.Outcome, result.Totals.Delivered, result.Totals.Deleted));
        Assert.Empty(await NamesAsync(here));
        Assert.Equal(["a", "b/c"], await NamesAsync(there));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_directories_of_one_server_may_be_one_through_a_mount_there(bool shows)
    {
        var posix = new MemoryStoreOptions { PosixManners = true };
        await using var here = new MemoryStore(_space, "disk", posix, StorePath.FromText("data"));
        await PutAsync(here, "a", "b");

        // One that shows what is written beside it, and one that keeps its listings for a while.
        IStore mount = OtherRoot.Of(shows ? here : new LayeredStore(here, new AtEachCall(static (call, moment, _) =>
            call.Verb == StoreVerb.Stat && moment == CallMoment.Before && call.Path.ToString().EndsWith(".same-place", StringComparison.Ordinal)
                ? throw new StoreException(StoreErrorKind.NotFound, "not seen yet")
                : ValueTask.CompletedTask)), StorePath.FromText("mirror"));
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(here, mount, s_move);
        Assert.Equal((StopReason.GuardRefused, 0L), (result.Stopped, result.Totals.Deleted));
        Assert.Equal(["a", "b"], (await here.ListAsync(StorePath.Root, null, default)).Entries.Select(entry => entry.Path.ToString()));
    }

    [Fact]
    public async Task A_move_into_itself_by_another_name_is_refused()
    {
        await using MemoryStore here = Open("", "night"), there = Open("other.example.org", "night/b");
        await PutAsync(here, "a", "b/c");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(here, there, s_move);
        Assert.Contains("lies inside", result.Refusal, StringComparison.Ordinal);
        Assert.Equal(["a", "b/c"], await NamesAsync(here));
    }

    [Fact]
    public async Task A_sync_does_not_delete_a_source_that_lies_inside_its_destination_under_another_name()
    {
        await using MemoryStore here = Open("", "night/b"), there = Open("other.example.org", "night");
        await PutAsync(there, "b/c", "x");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(here, there, s_sync);
        Assert.Contains("lies inside", result.Refusal, StringComparison.Ordinal);
        Assert.Equal(["b/c", "x"], await NamesAsync(there));
    }

    /// <summary>As through a chroot: the one server's paths begin elsewhere, so that only their ends are alike.</summary>
    [Theory]
    [InlineData("srv/data/raw", "srv/data", "source")]
    [InlineData("srv/data", "srv/data/raw", "destination")]
    public async Task Neither_side_may_lie_inside_the_other_where_their_paths_begin_differently(string from, string to, string inner)
    {
        var chroot = new MemoryStoreOptions { Alias = "other.example.org", ToldRoot = StorePath.FromText(to["srv/".Length..]) };
        await using MemoryStore all = Open("", "srv"), here = Open("", from), there = new(_space, "bucket", chroot, StorePath.FromText(to));
        await PutAsync(all, "data/p", "data/raw/p", "data/raw/precious");
        string[] before = await NamesAsync(all);
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        foreach (TransferPolicy policy in (TransferPolicy[])[s_sync, s_sync with { NoOverwrite = true }])
        {
            TransferResult result = await trial.RunAsync(here, there, policy);
            Assert.Contains($"{(inner == "source" ? here.Identity : there.Identity)} lies inside", result.Refusal, StringComparison.Ordinal);
            Assert.Equal(before, await NamesAsync(all));
        }
    }

    [Fact]
    public async Task A_copy_from_inside_its_destination_is_refused_only_where_it_would_write_to_its_source()
    {
        await using MemoryStore here = Open("", "night/raw"), there = Open("other.example.org", "night");
        await PutAsync(here, "a");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        Assert.Equal(TransferOutcome.Success, (await trial.RunAsync(here, there, TransferPolicy.Default)).Outcome);
        Assert.Equal(["a", "raw/a"], await NamesAsync(there));
        await PutAsync(here, "raw/a");
        TransferResult refused = await trial.RunAsync(here, there, TransferPolicy.Default);
        Assert.Contains("lies inside", refused.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sync_onto_itself_does_not_delete_what_came_between_its_two_listings()
    {
        await using MemoryStore here = Open("", "night"), there = Open("other.example.org", "night");
        await PutAsync(here, "a");
        bool listed = false;
        await using var source = new LayeredStore(here, new AtEachCall(async (call, moment, _) =>
        {
            if ((call.Verb is StoreVerb.List or StoreVerb.ListBelow) && moment == CallMoment.After && !listed)
            {
                listed = true;
                await PutAsync(here, "new");
            }
        }));
        await using var later = new LayeredStore(there, new AtEachCall(async (call, moment, _) =>
        {
            while ((call.Verb is StoreVerb.List or StoreVerb.ListBelow) && moment == CallMoment.Before && !listed)
            {
                await Task.Yield();
            }
        }));
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        TransferResult result = await trial.RunAsync(source, later, s_sync);
        Assert.Equal(StopReason.GuardRefused, result.Stopped);
        Assert.Equal(["a", "new"], await NamesAsync(here));
    }

    [Fact]
    public async Task A_source_that_cannot_be_written_to_is_asked_from_the_other_side()
    {
        await using MemoryStore full = new(
            _space, "bucket", new MemoryStoreOptions { CapacityBytes = 10 }, StorePath.FromText("night"));
        await using MemoryStore there = Open("other.example.org", "night"), elsewhere = Open("other.example.org", "archive");
        await PutAsync(full, "a");
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        Assert.Equal(StopReason.GuardRefused, (await trial.RunAsync(full, there, s_move)).Stopped);
        Assert.Equal(["a"], await NamesAsync(full));
        Assert.Equal(TransferOutcome.Success, (await trial.RunAsync(full, elsewhere, s_move)).Outcome);
        Assert.Equal(["a"], await NamesAsync(elsewhere));
    }

    [Fact]
    public async Task Nothing_is_moved_where_it_cannot_be_found_out()
    {
        await using MemoryStore here = Open("", "night"), there = Open("other.example.org", "archive");
        await PutAsync(here, "a");
        await using var mute = new LayeredStore(there, new AtEachCall((call, moment, _) => call.Verb == StoreVerb.Stat && moment == CallMoment.Before
            ? throw new StoreException(StoreErrorKind.Forbidden, "HEAD is not allowed.")
            : ValueTask.CompletedTask));
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await Assert.ThrowsAsync<StoreException>(() => trial.RunAsync(here, mute, s_move));
        Assert.Equal(["a"], await NamesAsync(here));
        Assert.Empty(await NamesAsync(there));
    }

    [Fact]
    public async Task What_cannot_be_taken_away_again_is_named_and_nothing_is_moved()
    {
        await using MemoryStore here = Open("", "night"), there = Open("other.example.org", "archive");
        await PutAsync(here, "a");
        await using var kept = new LayeredStore(here, new AtEachCall((call, moment, _) => call.Verb == StoreVerb.Delete && moment == CallMoment.Before
            ? throw new StoreException(StoreErrorKind.Forbidden, "DELETE is not allowed.")
            : ValueTask.CompletedTask));
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => trial.RunAsync(kept, there, s_move));
        Assert.EndsWith(".same-place", e.Path.ToString(), StringComparison.Ordinal);
        Assert.Empty(await NamesAsync(there));
    }

    private MemoryStore Open(string alias, string root) =>
        new(_space, "bucket", new MemoryStoreOptions { Alias = alias.Length > 0 ? alias : null }, StorePath.FromText(root));

    private static async Task PutAsync(MemoryStore store, params string[] names)
    {
        foreach (string name in names)
        {
            await store.WriteAsync(StorePath.FromText(name), WriteSource.From("content"u8.ToArray()), WriteOptions.Default, default);
        }
    }

    private static async Task<string[]> NamesAsync(MemoryStore store)
    {
        StorePage page = await store.FlatListing!.ListBelowAsync(StorePath.Root, null, default);
        return [.. page.Entries.Where(entry => entry.Kind == EntryKind.File).Select(entry => entry.Path.ToString())];
    }
}
