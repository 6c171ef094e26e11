using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;

namespace Godwit.Tests.Transfers;

/// <summary>By what a check of contents found two files the same is said, and never more than was looked at.</summary>
public sealed class CheckedByTests
{
    [Theory]
    [InlineData(true, true, false, CheckedBy.StoredChecksum)]
    [InlineData(true, false, false, CheckedBy.ReadingOne)]
    [InlineData(false, true, false, CheckedBy.ReadingOne)]
    [InlineData(false, false, false, CheckedBy.Reading)]
    [InlineData(true, true, true, CheckedBy.Reading)]
    public async Task Checksums_that_were_told_and_bytes_that_were_read_are_told_apart(bool hereTells, bool thereTells, bool download, CheckedBy by)
    {
        await using IStore here = await WithFileAsync("here", hereTells);
        await using IStore there = await WithFileAsync("there", thereTells);
        var options = new CheckOptions { Compare = CompareBy.Checksum, Download = download };
        using var check = new CheckTrees(here, there, options, () => new MemoryStream(), TimeProvider.System);
        CheckLine line = Assert.Single(await check.ReadAsync(default).ToListAsync());
        Assert.Equal((CheckVerdict.Match, by), (line.Verdict, line.By));
    }

    private static async Task<IStore> WithFileAsync(string name, bool tellsChecksums)
    {
        var store = new MemoryStore(new MemorySpace(TimeProvider.System), name);
        await store.WriteAsync(StorePath.FromText("file"), WriteSource.From("content"u8.ToArray()), WriteOptions.Default, default);
        return tellsChecksums ? store : store.Without(nameof(IStore.StoredChecksum));
    }
}
