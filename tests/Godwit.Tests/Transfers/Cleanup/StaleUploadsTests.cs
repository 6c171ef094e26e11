using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Conformance.Planted;
using Godwit.Transfers.Cleanup;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers.Cleanup;

/// <summary>Which uploads are ours and stale, and that no other one is ever touched.</summary>
public sealed class StaleUploadsTests
{
    private readonly MemorySpace _space = new(TimeProvider.System);

    [Fact]
    public async Task A_stale_upload_is_told_with_what_it_holds_and_removed_when_asked()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore store = Bucket();
        await BeginAsync(trial, store, "d/large", parts: 2);
        FoundUpload found = Assert.Single(await FindAsync(trial, store));
        Assert.Equal(("d/large", UploadState.Stale, 2, 20L), (found.Path.ToString(), found.State, found.Parts, found.Bytes));
        Assert.Equal(1, store.UploadCount);
        Assert.Equal(UploadState.Removed, Assert.Single(await FindAsync(trial, store, remove: true)).State);
        Assert.Equal(0, store.UploadCount);
        Assert.Empty(await trial.Ledger.ListUnderWayAsync(store.Identity.Space, default, Holder(true), default));
        Assert.Empty(await FindAsync(trial, store, remove: true));
    }

    [Fact]
    public async Task What_the_ledger_does_not_know_is_told_and_never_touched()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using FlowTrial another = await FlowTrial.BeginAsync();
        await using MemoryStore store = Bucket();
        await BeginAsync(trial, store, "same");
        await BeginAsync(another, store, "same");
        await store.PartedWrite!.BeginAsync(StorePath.FromText("foreign"), "foreign", null, WriteOptions.Default, default);
        List<FoundUpload> found = await FindAsync(trial, store, remove: true);
        Assert.Equal(
            [("same", UploadState.Removed), ("foreign", UploadState.NotOurs), ("same", UploadState.NotOurs)],
            found.Select(upload => (upload.Path.ToString()!, upload.State)).OrderByDescending(upload => upload.State).ThenBy(upload => upload.Item1));
        Assert.Equal(2, store.UploadCount);
        var noLedger = new StaleUploads(store, null, Holder(true), TimeProvider.System);
        await foreach (FoundUpload upload in noLedger.FindAsync(TimeSpan.Zero, true, default))
        {
            Assert.Equal(UploadState.NotOurs, upload.State);
        }

        Assert.Equal(2, store.UploadCount);
    }

    [Fact]
    public async Task An_upload_of_a_run_at_work_is_not_touched()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore store = Bucket();
        await BeginAsync(trial, store, "busy");
        Assert.Equal(UploadState.Running, Assert.Single(await FindAsync(trial, store, remove: true, dead: false)).State);
        Assert.Equal(1, store.UploadCount);
    }

    [Fact]
    public async Task A_run_that_begins_between_finding_and_removing_keeps_its_upload()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore store = Bucket();
        await BeginAsync(trial, store, "d/large");
        var another = new TransferRecord(TransferId.New(TimeProvider.System), "copy", "", "", store.Identity.Space, StorePath.FromText("d"), default);
        await using var watched = new LayeredStore(store, new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb == StoreVerb.ListParts && moment == CallMoment.Before)
            {
                Assert.Null(await trial.Ledger.BeginTransferAsync(another, Holder(true) with { Name = "alive" }, default));
            }
        }));
        var asking = new RunHolder("asking", name => name != "alive", TimeSpan.FromMinutes(1));
        List<FoundUpload> found = await new StaleUploads(watched, trial.Ledger, asking, TimeProvider.System)
            .FindAsync(TimeSpan.Zero, true, default).ToListAsync();
        Assert.Equal(UploadState.Running, Assert.Single(found).State);
        Assert.Equal(1, store.UploadCount);
    }

    [Fact]
    public async Task Only_what_is_old_enough_is_removed()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore store = Bucket();
        await BeginAsync(trial, store, "young");
        Assert.Equal(UploadState.Young, Assert.Single(await FindAsync(trial, store, remove: true, olderThan: TimeSpan.FromHours(1))).State);
        Assert.Equal(1, store.UploadCount);
    }

    [Fact]
    public async Task What_cannot_be_removed_is_told_and_the_ledger_still_knows_it()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore store = Bucket();
        await BeginAsync(trial, store, "a");
        await BeginAsync(trial, store, "b");
        await using var refusing = new LayeredStore(store, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.AbortParts && call.Path == StorePath.FromText("a") && moment == CallMoment.Before
                ? throw new StoreException(StoreErrorKind.Forbidden, "not allowed") : ValueTask.CompletedTask));
        List<FoundUpload> found = await FindAsync(trial, refusing, remove: true);
        Assert.Equal([UploadState.Failed, UploadState.Removed], found.Select(upload => upload.State));
        Assert.Equal("not allowed", found[0].Failure!.Message);
        Assert.Equal(UploadState.Removed, Assert.Single(await FindAsync(trial, store, remove: true)).State);
    }

    [Fact]
    public async Task What_the_store_leaves_alone_is_told_as_kept_and_the_ledger_still_knows_it()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore store = new(_space, "bucket", new MemoryStoreOptions { MinPartBytes = 1, PosixManners = true, UnpublishedRead = true });
        await BeginAsync(trial, store, "published");
        var careful = new AlteredStore(store) { Abort = (_, _) => ValueTask.FromResult(false) };
        Assert.Equal(UploadState.Published, Assert.Single(await FindAsync(trial, careful, remove: true)).State);
        Assert.Equal(UploadState.Removed, Assert.Single(await FindAsync(trial, store, remove: true)).State);
    }

    [Fact]
    public async Task An_upload_that_cannot_be_looked_at_does_not_stop_the_others()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore store = Bucket();
        await BeginAsync(trial, store, "a");
        await BeginAsync(trial, store, "b");
        await using var refusing = new LayeredStore(store, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.ResumeParts && call.Path == StorePath.FromText("a") && moment == CallMoment.Before
                ? throw new StoreException(StoreErrorKind.Forbidden, "not allowed") : ValueTask.CompletedTask));
        List<FoundUpload> found = await FindAsync(trial, refusing, remove: true);
        Assert.Equal([UploadState.Failed, UploadState.Removed], found.Where(one => one.State != UploadState.NotOurs).Select(one => one.State));
    }

    private static RunHolder Holder(bool othersAreGone) => new("asking", _ => othersAreGone, TimeSpan.FromMinutes(1));

    private static async Task<List<FoundUpload>> FindAsync(
        FlowTrial trial, IStore store, bool remove = false, bool dead = true, TimeSpan olderThan = default) =>
        await new StaleUploads(store, trial.Ledger, Holder(dead), TimeProvider.System).FindAsync(olderThan, remove, default).ToListAsync();

    /// <summary>What a run leaves that is killed while it sends a large file.</summary>
    private static async Task BeginAsync(FlowTrial trial, MemoryStore store, string name, int parts = 0)
    {
        var path = StorePath.FromText(name);
        string id = TransferId.New(TimeProvider.System);
        var transfer = new TransferRecord(id, "copy", "", "", store.Identity.Space, path, new Timestamp(1));
        Assert.Null(await trial.Ledger.BeginTransferAsync(transfer, new RunHolder(id, _ => false, TimeSpan.FromMinutes(1)), default));
        var intent = new FileIntent("file://", path, "1", store.Identity.Space, path, 30, Guid.NewGuid().ToString("N"));
        long file = (await trial.Ledger.StartFilesAsync(id, [intent], default))[0];
        PartedUpload upload = await store.PartedWrite!.BeginAsync(path, intent.Tag, 30, WriteOptions.Default, default);
        await trial.Ledger.RecordUploadAsync(file, upload.Id, 10, default);
        for (int number = 1; number <= parts; number++)
        {
            await store.PartedWrite.WritePartAsync(upload, number, (number - 1) * 10, WriteSource.From(new byte[10]), null, default);
        }
    }

    private MemoryStore Bucket() => new(_space, "bucket", new MemoryStoreOptions { MinPartBytes = 1 });
}
