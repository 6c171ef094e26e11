using Godwit.Backends.DropBox;
using Godwit.Conformance.Memory;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox;

/// <summary>What is swept as left never was of a file that is told as put in, however long its upload rested.</summary>
public sealed class DropBoxSweepTests
{
    private static readonly Timestamp s_later = Timestamp.From(TimeProvider.System.GetUtcNow().AddDays(1));

    private readonly BoxInMemory _box = new();
    private int _uploads;
    private bool _isArmed;

    [Theory]
    [InlineData(StoreVerb.List, true)]
    [InlineData(StoreVerb.Write, true)]
    [InlineData(StoreVerb.Stat, true)]
    [InlineData(StoreVerb.List, false)]
    [InlineData(StoreVerb.Write, false)]
    [InlineData(StoreVerb.Stat, false)]
    public async Task A_sweep_at_any_moment_of_publishing_leaves_no_record_without_payload(StoreVerb at, bool isReplacing)
    {
        StoreEntry? before = isReplacing ? await _box.WriteAsync(BoxInMemory.Text(10)) : null;
        int most = 0;
        for (int nth = 1; nth <= 6; nth++)
        {
            int calls = 0;
            bool isSwept = false;
            var hooked = new BoxInMemory.Calls
            {
                Before = async call =>
                {
                    if (_isArmed && call.Verb == at && ++calls == nth)
                    {
                        isSwept = true;
                        await SweepAsync(_box.Inner);
                    }
                },
            };
            await RequireWholeAsync(hooked, before);
            most = isSwept ? nth : most;
        }

        Assert.InRange(most, 1, 5);
    }

    [Theory]
    [InlineData(StoreVerb.ListBelow)]
    [InlineData(StoreVerb.OpenRead)]
    [InlineData(StoreVerb.Write)]
    [InlineData(StoreVerb.Delete)]
    [InlineData(StoreVerb.BulkDelete)]
    public async Task Publishing_at_any_moment_of_a_sweep_leaves_no_record_without_payload(StoreVerb at)
    {
        // The other one's marker is read as well, so that there is something to read.
        await _box.PutAsync("pending/night/run!!/image.fits!tag0", "");
        await _box.PutAsync("data/tag0/00000001", "left");
        bool isPublished = false;
        (IPartedWrite parts, PartedUpload upload, StoredPart part) = await ResumedAsync(null);
        var hooked = new BoxInMemory.Calls
        {
            Before = async call =>
            {
                if (call.Verb == at && !isPublished)
                {
                    isPublished = true;
                    await TryPublishAsync(parts, upload, part);
                }
            },
        };
        await SweepAsync(new LayeredStore(_box.Inner, hooked));
        Assert.True(isPublished);
        await RequireReadableAsync(null);
    }

    [Fact]
    public async Task Where_a_listing_tells_no_times_old_leftovers_are_found_by_asking_each()
    {
        await using MemoryStore bucket = new(
            new MemorySpace(TimeProvider.System), "bucket", MemoryStoreOptions.Default with { ListingKnowsModified = false });
        await using var box = new DropBoxStore(bucket, DropBoxOptions.Default, TimeProvider.System);
        await box.WriteAsync(BoxInMemory.File, WriteSource.From(BoxInMemory.Text(10)), WriteOptions.Default, default);
        await bucket.WriteAsync(StorePath.FromText("data/left/00000001"), WriteSource.From(new byte[4]), WriteOptions.Default, default);
        var leftovers = new DropBoxLeftovers(bucket);
        Assert.Empty(await leftovers.FindAsync(default, default));
        Assert.Equal("left", Assert.Single(await leftovers.FindAsync(s_later, default)).Id);
    }

    [Fact]
    public async Task A_file_that_goes_in_at_once_costs_no_call_for_sweeps()
    {
        var calls = new BoxInMemory.Calls();
        await _box.Open(calls).WriteAsync(BoxInMemory.File, WriteSource.From(BoxInMemory.Text(10)), WriteOptions.Default, default);
        Assert.DoesNotContain(calls.Seen, call => call.Verb is StoreVerb.List or StoreVerb.Stat);
    }

    private async Task RequireWholeAsync(BoxInMemory.Calls hooked, StoreEntry? before)
    {
        (IPartedWrite parts, PartedUpload upload, StoredPart part) = await ResumedAsync(hooked);
        _isArmed = true;
        await TryPublishAsync(parts, upload, part);
        _isArmed = false;
        await RequireReadableAsync(before);
        if (before is null)
        {
            await _box.Open(countsDelivered: true).DeleteAsync(BoxInMemory.File, default);
        }

        await parts.AbortAsync(upload, default);
    }

    /// <summary>An upload that rested after its last part.</summary>
    private async Task<(IPartedWrite Parts, PartedUpload Upload, StoredPart Part)> ResumedAsync(BoxInMemory.Calls? hooked)
    {
        string tag = $"tag{++_uploads}";
        IPartedWrite before = _box.Open().PartedWrite!;
        PartedUpload begun = await before.BeginAsync(BoxInMemory.File, tag, 20, WriteOptions.Default, default);
        StoredPart part = await before.WritePartAsync(begun, 1, 0, WriteSource.From(BoxInMemory.Text(20)), null, default);
        IPartedWrite parts = _box.Open(hooked).PartedWrite!;
        return (parts, (await parts.ResumeAsync(BoxInMemory.File, tag, tag, 20, WriteOptions.Default, default))!, part);
    }

    private static async Task TryPublishAsync(IPartedWrite parts, PartedUpload upload, StoredPart part)
    {
        try
        {
            await parts.CompleteAsync(upload, [part], default);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.Integrity)
        {
            // It is told, and the file is sent again.
        }
    }

    private static async Task SweepAsync(IStore store)
    {
        var leftovers = new DropBoxLeftovers(store);
        foreach (DropBoxLeftover leftover in await leftovers.CondemnAsync(await leftovers.FindAsync(s_later, default), default))
        {
            await leftovers.RemoveAsync(leftover, default);
        }
    }

    /// <summary>Either what was there before is, or the newer one, or nothing.</summary>
    private async Task RequireReadableAsync(StoreEntry? before)
    {
        if (await _box.Open().StatAsync(BoxInMemory.File, default) is { } there)
        {
            Assert.Contains(there.Length, (long[])[10, 20]);
            Assert.Equal(BoxInMemory.Text((int)there.Length), await BoxInMemory.ReadAsync(_box.Open()));
        }
        else
        {
            Assert.Null(before);
        }
    }
}
