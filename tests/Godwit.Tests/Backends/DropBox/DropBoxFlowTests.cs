using Godwit.Backends.DropBox;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Transfers;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Backends.DropBox;

/// <summary>What the box is for: a copy puts files in, a move takes them out, and the engine knows nothing of either.</summary>
public sealed class DropBoxFlowTests
{
    private static readonly TransferPolicy s_move = TransferPolicy.Default with { RemoveSource = true };

    private readonly MemorySpace _space = new(TimeProvider.System);

    [Fact]
    public async Task Files_go_through_the_box_and_are_not_sent_again()
    {
        await using MemoryStore telescope = new(_space, "telescope"), bucket = new(_space, "bucket"), archive = new(_space, "archive");
        await using var pushing = new DropBoxStore(bucket, new DropBoxOptions { CountsDelivered = true }, TimeProvider.System);
        await using var pulling = new DropBoxStore(bucket, DropBoxOptions.Default, TimeProvider.System);
        var contents = new Dictionary<string, byte[]>
        {
            ["night/small"] = BoxInMemory.Text(1_000),
            ["night/empty"] = [],
            ["night/run!/large"] = BoxInMemory.Noise(20_000_001),
        };
        foreach ((string name, byte[] content) in contents)
        {
            await telescope.WriteAsync(StorePath.FromText(name), WriteSource.From(content), WriteOptions.Default, default);
        }

        await using FlowTrial push = await FlowTrial.BeginAsync(), pull = await FlowTrial.BeginAsync();
        await RequireDoneAsync(push.RunAsync(telescope, pushing, TransferPolicy.Default), sent: 3);
        await RequireDoneAsync(push.RunAsync(telescope, pushing, TransferPolicy.Default), sent: 0);
        await RequireDoneAsync(pull.RunAsync(pulling, archive, s_move), sent: 3);
        await RequireDoneAsync(push.RunAsync(telescope, pushing, TransferPolicy.Default), sent: 0);
        foreach ((string name, byte[] content) in contents)
        {
            await using StoreBody body = await archive.OpenReadAsync(StorePath.FromText(name), default);
            Assert.Equal(content, await BoxInMemory.DrainAsync(body.Content));
        }

        await RequireEmptyAsync(bucket);
        await telescope.WriteAsync(StorePath.FromText("night/small"), WriteSource.From(BoxInMemory.Text(2_000)), WriteOptions.Default, default);
        await RequireDoneAsync(push.RunAsync(telescope, pushing, TransferPolicy.Default), sent: 1);
        await RequireDoneAsync(pull.RunAsync(pulling, archive, s_move), sent: 1);
        Assert.Equal(2_000, (await archive.StatAsync(StorePath.FromText("night/small"), default))!.Length);
        await RequireEmptyAsync(bucket);
    }

    private static async Task RequireDoneAsync(Task<TransferResult> run, int sent)
    {
        TransferResult result = await run;
        Assert.Equal((TransferOutcome.Success, (long)sent), (result.Outcome, result.Totals.Delivered));
    }

    private static async Task RequireEmptyAsync(MemoryStore bucket)
    {
        StorePage page = await bucket.FlatListing!.ListBelowAsync(StorePath.Root, null, default);
        Assert.Equal(
            [
                "done/night/empty!", "done/night/run!!/large!", "done/night/small!",
                "files/night/empty!", "files/night/run!!/large!", "files/night/small!", "godwit-relay.json",
            ],
            page.Entries.Select(entry => entry.Path.ToString()));
    }
}
