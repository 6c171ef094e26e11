using System.Text;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Transfers.Check;

namespace Godwit.Tests.Transfers;

public sealed class CheckManifestTests : IAsyncDisposable
{
    private readonly MemoryStore _store = new(new MemorySpace(TimeProvider.System), "bucket");

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_store_computed_is_believed_unless_reading_is_asked_for(bool download)
    {
        Assert.NotNull(_store.StoredChecksum);
        ChecksumKind kind = _store.StoredChecksum.Kinds.First(one => one is ChecksumKind.Md5 or ChecksumKind.Sha256);
        await PutAsync("right");
        await PutAsync("wrong");
        StoreEntry[] manifest = [Named("right", kind, "right"), Named("wrong", kind, "other"), Named("gone", kind, "gone")];
        Dictionary<string, CheckLine> lines = await CheckAsync(manifest, download);
        CheckedBy by = download ? CheckedBy.Reading : CheckedBy.StoredChecksum;
        Assert.Equal((CheckVerdict.Match, by), (lines["right"].Verdict, lines["right"].By));
        Assert.Equal((CheckVerdict.Differs, by), (lines["wrong"].Verdict, lines["wrong"].By));
        Assert.Equal((CheckVerdict.MissingOnDestination, null), (lines["gone"].Verdict, lines["gone"].By));
    }

    [Fact]
    public async Task A_kind_that_the_store_does_not_tell_is_read()
    {
        await PutAsync("file");
        Assert.Equal(CheckedBy.Reading, (await CheckAsync([Named("file", ChecksumKind.Sha512, "file")], false))["file"].By);
    }

    [Theory]
    [InlineData(true, true, CheckVerdict.Match, CheckedBy.Reading)]
    [InlineData(true, false, CheckVerdict.Differs, CheckedBy.Reading)]
    [InlineData(false, true, CheckVerdict.Differs, CheckedBy.StoredChecksum)]
    public async Task Every_kind_that_is_named_is_held_against_the_file(bool told, bool untold, CheckVerdict verdict, CheckedBy by)
    {
        ChecksumKind kind = _store.StoredChecksum!.Kinds.First(one => one is ChecksumKind.Md5 or ChecksumKind.Sha256);
        Assert.DoesNotContain(ChecksumKind.Sha512, _store.StoredChecksum.Kinds);
        await PutAsync("file");
        StoreEntry[] manifest =
        [
            Named("file", kind, told ? "file" : "other"),
            Named("file", ChecksumKind.Sha512, untold ? "file" : "other"),
        ];
        CheckLine line = (await CheckAsync(manifest, false))["file"];
        Assert.Equal((verdict, by), (line.Verdict, line.By));
    }

    [Fact]
    public async Task What_is_named_without_a_checksum_is_never_the_same()
    {
        await PutAsync("file");
        StoreEntry[] manifest = [new() { Path = StorePath.FromText("file"), Kind = EntryKind.File }];
        Assert.All(
            [await CheckAsync(manifest, false), await CheckAsync(manifest, true)],
            lines => Assert.Equal(CheckVerdict.Differs, lines["file"].Verdict));
    }

    [Fact]
    public async Task A_manifest_in_any_order_and_longer_than_a_chunk_meets_its_files()
    {
        string[] names = [.. Enumerable.Range(0, 1500).Select(i => $"d{i % 7}/f{i}")];
        foreach (string name in names)
        {
            await PutAsync(name);
        }

        var random = new Random(1);
        StoreEntry[] manifest = [.. names.OrderBy(_ => random.Next()).Select(name => Named(name, ChecksumKind.Sha256, name))];
        Dictionary<string, CheckLine> lines = await CheckAsync(manifest, false);
        Assert.Equal(1500, lines.Count);
        Assert.All(lines.Values, line => Assert.Equal(CheckVerdict.Match, line.Verdict));
    }

    private async Task PutAsync(string name) =>
        await _store.WriteAsync(StorePath.FromText(name), WriteSource.From(Encoding.UTF8.GetBytes(name)), WriteOptions.Default, default);

    private static StoreEntry Named(string name, ChecksumKind kind, string content)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        using var running = RunningChecksum.Start(kind);
        running.Append(bytes);
        return new StoreEntry { Path = StorePath.FromText(name), Kind = EntryKind.File, Checksums = [running.Finish()] };
    }

    private async Task<Dictionary<string, CheckLine>> CheckAsync(StoreEntry[] manifest, bool download)
    {
        var check = new CheckManifest(_store, new CheckManifestOptions { Download = download }, () => new MemoryStream());
        var lines = new Dictionary<string, CheckLine>();
        await foreach (CheckLine line in check.ReadAsync(manifest.ToAsyncEnumerable(), default))
        {
            lines.Add(line.Path.ToString(), line);
        }

        return lines;
    }
}
