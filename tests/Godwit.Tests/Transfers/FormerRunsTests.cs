using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Conformance.Planted;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>What a run may believe of what another run, or another file of its own, left at the destination.</summary>
public sealed class FormerRunsTests
{
    private static readonly StorePath s_name = StorePath.FromText("file");
    private static readonly TransferPolicy s_byParts = new() { PartSize = 4 << 20, Parts = 1, Attempts = 1 };

    [Theory]
    [InlineData(VerifyBy.Size)]
    [InlineData(VerifyBy.ReadBack)]
    public async Task Parts_that_were_sent_without_a_proof_do_not_count_as_proved_on_arrival(VerifyBy first)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        byte[] bytes = Bytes(11 << 20);
        await using MemoryStore source = await WithAsync(bytes);
        MemoryStore there = Bucket("there");
        using var stop = new CancellationTokenSource();
        var damaging = new LayeredStore(new LayeredStore(there, new Flipping()), new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.WritePart && moment == CallMoment.After ? new ValueTask(stop.CancelAsync()) : ValueTask.CompletedTask));
        await trial.RunAsync(source, damaging, s_byParts with { Verify = first }, stop.Token);
        Assert.Equal(1, there.UploadCount);
        TransferResult result = await trial.RunAsync(source, there, s_byParts);
        Assert.Equal((TransferOutcome.Success, 1), (result.Outcome, result.Totals.Delivered));
        Assert.Equal(bytes, await ReadAsync(there, s_name));
    }

    [Fact]
    public async Task A_part_that_the_store_tells_otherwise_by_now_is_sent_again()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        byte[] bytes = Bytes(11 << 20);
        await using MemoryStore source = await WithAsync(bytes);
        MemoryStore there = Bucket("there");
        using var stop = new CancellationTokenSource();
        var stopped = new LayeredStore(there, new AtEachCall((call, moment, _) =>
            call.Verb == StoreVerb.WritePart && moment == CallMoment.After ? new ValueTask(stop.CancelAsync()) : ValueTask.CompletedTask));
        await trial.RunAsync(source, stopped, s_byParts, stop.Token);
        UnfinishedFile left = Assert.Single(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, default, default));
        PartedUpload upload = (await there.PartedWrite!.ResumeAsync(s_name, left.Intent.Tag, left.UploadId, bytes.Length, WriteOptions.Default, default))!;
        await there.PartedWrite.WritePartAsync(upload, 1, 0, WriteSource.From(new byte[4 << 20]), null, default);
        TransferResult result = await trial.RunAsync(source, there, s_byParts);
        Assert.Equal((1, bytes.Length), (result.Totals.Delivered, result.Totals.SentBytes));
        Assert.Equal(bytes, await ReadAsync(there, s_name));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(9 << 20)]
    public async Task Of_two_names_that_the_destination_takes_for_one_only_one_is_delivered(int length)
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = Bucket("here");
        foreach (string name in (string[])["Run.dat", "run.dat"])
        {
            await source.WriteAsync(StorePath.FromText(name), WriteSource.From(Bytes(length, name[0])), Dated, default);
        }

        MemoryStore there = Bucket("there");
        await using IStore folding = Folding(there);
        TransferResult result = await trial.RunAsync(
            FlowTrial.Request(source, folding, new TransferPolicy { RemoveSource = true }) with { Verb = "move" });
        Assert.Equal((1L, 1L), (result.Totals.Delivered, result.Totals.Failed));
        Assert.Equal("already-exists", Assert.Single(trial.Heard<FileFailed>()).Failure.Kind);
        StoreEntry left = Assert.Single((await source.ListAsync(StorePath.Root, null, default)).Entries);
        Assert.Equal(Bytes(length, left.Path.ToString() == "Run.dat" ? 'r' : 'R'), await ReadAsync(there, StorePath.FromText("run.dat")));
    }

    [Fact]
    public async Task By_the_ledger_too_only_one_of_two_such_names_is_delivered()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        await using MemoryStore source = Bucket("here");
        foreach (string name in (string[])["Run.dat", "run.dat"])
        {
            await source.WriteAsync(StorePath.FromText(name), WriteSource.From(Bytes(100, name[0])), Dated, default);
        }

        await using IStore folding = Folding(Bucket("there"));
        TransferResult result = await trial.RunAsync(source, folding, new TransferPolicy { Compare = CompareBy.Ledger });
        Assert.Equal((1L, 1L), (result.Totals.Delivered, result.Totals.Failed));
    }

    [Fact]
    public async Task What_an_earlier_run_was_completing_is_not_thrown_away_and_not_forgotten()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        byte[] bytes = Bytes(11 << 20);
        await using MemoryStore source = await WithAsync(bytes);
        MemoryStore there = Bucket("there");
        IStore dying = new AlteredStore(there)
        {
            PartLimits = limits => limits with { CompletionMayLag = true },
            Complete = (_, _, _) => throw new StoreException(StoreErrorKind.Forbidden, "stopped here"),
            Abort = (_, _) => throw new StoreException(StoreErrorKind.Forbidden, "stopped here"),
        };
        await trial.RunAsync(source, dying, s_byParts);
        UnfinishedFile left = Assert.Single(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, default, default));
        Assert.NotNull(left.Completing);

        // Filtered out, and then of another version: neither run takes the upload away.
        var lagging = new AlteredStore(there) { PartLimits = limits => limits with { CompletionMayLag = true } };
        await trial.RunAsync(FlowTrial.Request(source, lagging, s_byParts) with { Filter = new Godwit.Transfers.Plan.EntryFilter(_ => false, _ => true) });
        Assert.Equal(1, there.UploadCount);
        await source.WriteAsync(s_name, WriteSource.From(Bytes(10 << 20, 5)), Dated, default);
        TransferResult blocked = await trial.RunAsync(source, lagging, s_byParts);
        Assert.Equal((1L, 1L), (blocked.Totals.Failed, blocked.Totals.FailedRetryable));
        Assert.Equal(1, there.UploadCount);
        Assert.Single(await trial.Ledger.FindUnfinishedAsync(there.Identity.Space, default, default));

        // The very version: it is gone on with.
        await source.WriteAsync(s_name, WriteSource.From(bytes), Dated, default);
        Assert.Equal(1, (await trial.RunAsync(source, lagging, s_byParts)).Totals.Delivered);
        Assert.Equal(bytes, await ReadAsync(there, s_name));
    }

    [Fact]
    public async Task A_file_whose_assembly_is_in_doubt_is_read()
    {
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        byte[] bytes = Bytes(11 << 20);
        await using MemoryStore source = await WithAsync(bytes);
        MemoryStore there = Bucket("there");
        int completed = 0;
        var doubtful = new AlteredStore(there)
        {
            Begin = async (path, tag, length, options, ct) => new Doubtful(await there.PartedWrite!.BeginAsync(path, tag, length, options, ct)),
            Complete = async (upload, parts, ct) =>
            {
                StoreEntry entry = await there.PartedWrite!.CompleteAsync(upload, parts, ct);
                return Interlocked.Increment(ref completed) > 1 ? entry
                    : await there.WriteAsync(upload.Path, WriteSource.From(new byte[bytes.Length]), Dated, ct);
            },
        };
        TransferResult result = await trial.RunAsync(source, doubtful, s_byParts with { Attempts = 2 });
        Assert.Equal((1L, 1L), (result.Totals.Delivered, result.Totals.Retries));
        Assert.Equal(Verdict.ReadBack, trial.Heard<FileDelivered>().Single().Receipt.Verdict);
        Assert.Equal(bytes, await ReadAsync(there, s_name));
    }

    private static WriteOptions Dated { get; } =
        new() { Metadata = new WriteMetadata { Modified = new Timestamp(1_700_000_000_000_000_000) } };

    private static MemoryStore Bucket(string name) => new(
        new MemorySpace(TimeProvider.System), name, new MemoryStoreOptions { PosixManners = true, UnpublishedRead = true, MinPartBytes = 1 });

    private static async Task<MemoryStore> WithAsync(byte[] bytes)
    {
        MemoryStore source = Bucket("here");
        await source.WriteAsync(s_name, WriteSource.From(bytes), Dated, default);
        return source;
    }

    private static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(IStore store, StorePath path)
    {
        await using StoreBody body = await store.OpenReadAsync(path, default);
        using var all = new MemoryStream();
        await body.Content.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>A store that takes names which differ in case for one, and keeps the small letters.</summary>
    private static AlteredStore Folding(MemoryStore inner) => new(inner)
    {
        Stat = async (path, ct) => await inner.StatAsync(Small(path), ct) is { } entry ? entry with { Path = path } : null,
        OpenRead = (path, ct) => inner.OpenReadAsync(Small(path), ct),
        Write = (path, content, options, ct) => inner.WriteAsync(Small(path), content, options, ct),
        OpenRange = (path, version, offset, length, ct) => inner.RangedRead!.OpenRangeAsync(Small(path), version, offset, length, ct),
        GetChecksum = (path, kind, ct) => inner.StoredChecksum!.GetAsync(Small(path), kind, ct),
        SyncPublished = (paths, ct) => inner.Durability!.SyncPublishedAsync([.. paths.Select(Small)], ct),
        Delete = (path, ct) => inner.DeleteAsync(Small(path), ct),
        Begin = (path, tag, length, options, ct) => inner.PartedWrite!.BeginAsync(Small(path), tag, length, options, ct),
        Resume = (path, tag, id, length, options, ct) => inner.PartedWrite!.ResumeAsync(Small(path), tag, id, length, options, ct),
    };

    private static StorePath Small(StorePath path) => StorePath.FromText(path.ToString().ToLowerInvariant());

    private sealed class Doubtful : PartedUpload
    {
        public Doubtful(PartedUpload real)
            : base(real.Path, real.Tag, real.Id) => AssemblyIsInDoubt = true;
    }

    /// <summary>Flips a byte of whatever is sent.</summary>
    private sealed class Flipping : IStoreLayer
    {
        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) => next(ct);

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source)
        {
            byte[] bytes = source.InMemory!.Value.ToArray();
            bytes[0] ^= 1;
            return WriteSource.From(bytes);
        }
    }
}
