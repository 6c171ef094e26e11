using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;

namespace Godwit.Tests.Transfers.Plan;

/// <summary>Directories towards a store that keeps none: what is in them makes them, and an empty one has no place.</summary>
public sealed class EmptyDirectoriesTests
{
    [Fact]
    public async Task No_directory_is_planned_towards_a_bucket_and_the_empty_ones_are_counted()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await TreeAsync();
        await using MemoryStore bucket = Bucket();
        TransferResult dry = await trial.RunAsync(source, bucket, TransferPolicy.Default with { DryRun = true });
        Assert.Equal(["a/b/file", "top"], trial.Heard<FilePlanned>().Select(planned => planned.Item.Destination.ToString()));
        Assert.Equal((2, 3), (dry.Totals.Planned, dry.Totals.EmptyDirectories));

        TransferResult first = await trial.RunAsync(source, bucket);
        Assert.Equal((2, 3, 0), (first.Totals.Delivered, first.Totals.EmptyDirectories, first.Totals.Directories));
        TransferResult again = await trial.RunAsync(source, bucket);
        Assert.Equal((0, 2, 3), (again.Totals.Planned, again.Totals.Unchanged, again.Totals.EmptyDirectories));
    }

    [Fact]
    public async Task A_directory_with_nothing_but_names_that_are_listed_last_is_not_empty()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using var source = new MemoryStore(new MemorySpace(TimeProvider.System), "here", new MemoryStoreOptions { PosixManners = true });
        await using MemoryStore bucket = Bucket();
        foreach (string file in (string[])["a/b/n‛", "a/z/x", "c/d‛/e/f", "c‛/f"])
        {
            await source.WriteAsync(StorePath.FromText(file), WriteSource.From(new byte[10]), WriteOptions.Default, default);
        }

        foreach (string directory in (string[])["c/d‛/none", "e", "e‛/g", "c‛/g"])
        {
            await source.Directories!.CreateAsync(StorePath.FromText(directory), default);
        }

        TransferResult result = await trial.RunAsync(source, bucket);
        Assert.Equal((4, 4), (result.Totals.Delivered, result.Totals.EmptyDirectories));
    }

    [Fact]
    public async Task Where_directories_are_kept_the_empty_ones_are_made()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await TreeAsync();
        await using var destination = new MemoryStore(new MemorySpace(TimeProvider.System), "there", new MemoryStoreOptions { PosixManners = true });
        TransferResult result = await trial.RunAsync(source, destination);
        Assert.Equal((6, 0), (result.Totals.Directories, result.Totals.EmptyDirectories));
        Assert.Equal(EntryKind.Directory, (await destination.StatAsync(StorePath.FromText("zz"), default))!.Kind);
    }

    [Fact]
    public async Task With_a_filter_only_files_are_chosen_and_no_directory_is_announced_or_counted()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = await TreeAsync();
        await using MemoryStore bucket = Bucket();
        await using var directories = new MemoryStore(new MemorySpace(TimeProvider.System), "there", new MemoryStoreOptions { PosixManners = true });
        foreach (IStore destination in (IStore[])[bucket, directories])
        {
            trial.Events.Clear();
            TransferRequest request = FlowTrial.Request(source, destination, TransferPolicy.Default with { DryRun = true }) with
            {
                Filter = new EntryFilter(entry => entry.Path.ToString() == "top", _ => true),
            };
            TransferResult result = await trial.RunAsync(request);
            Assert.Equal(["top"], trial.Heard<FilePlanned>().Select(planned => planned.Item.Destination.ToString()));
            Assert.Equal(0, result.Totals.EmptyDirectories);
        }
    }

    /// <summary>Two files; empty are <c>a/b/none</c>, <c>e/inner</c> and <c>zz</c>.</summary>
    private static async Task<MemoryStore> TreeAsync()
    {
        var store = new MemoryStore(new MemorySpace(TimeProvider.System), "here", new MemoryStoreOptions { PosixManners = true });
        foreach (string directory in (string[])["a/b/none", "e/inner", "zz"])
        {
            await store.Directories!.CreateAsync(StorePath.FromText(directory), default);
        }

        foreach (string file in (string[])["a/b/file", "top"])
        {
            await store.WriteAsync(StorePath.FromText(file), WriteSource.From(new byte[10]), WriteOptions.Default, default);
        }

        return store;
    }

    private static MemoryStore Bucket() => new(new MemorySpace(TimeProvider.System), "bucket");
}
