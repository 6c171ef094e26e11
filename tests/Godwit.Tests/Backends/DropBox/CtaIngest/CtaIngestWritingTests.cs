using System.Text.Json.Nodes;
using Godwit.Backends.DropBox.CtaIngest;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox.CtaIngest;

/// <summary>What the side that pushes leaves in a box of CTA Ingest.</summary>
public sealed class CtaIngestWritingTests
{
    private readonly IngestedBox _box = new();

    [Theory]
    [InlineData(0, 1 << 30, 1)]
    [InlineData(1, 1 << 30, 1)]
    [InlineData(300_000, 100_000, 4)]
    [InlineData(40_000_000, 1 << 30, 1)]
    [InlineData(40_000_000, 32 << 20, 2)]
    [InlineData(70_000_000, 32 << 20, 3)]
    public async Task A_file_is_one_frame_cut_into_parts_that_sort_as_they_follow_each_other(int length, int partBytes, int parts)
    {
        byte[] content = BoxInMemory.Noise(length);
        CtaIngestStore store = _box.Open(pushes: true, partBytes: partBytes);
        StoreEntry told = await IngestedBox.PushAsync(store, content);
        Assert.Equal((length, IngestedBox.Time.Floor(1_000)), (told.Length, told.Modified!.Value.Floor(1_000)));
        string[] keys = await _box.PartsAsync();
        Assert.Equal(Enumerable.Range(0, parts).Select(CtaIngestLayout.SuffixOf), keys.Select(key => key[(key.LastIndexOf('/') + 1)..]));
        Assert.All(keys, key => Assert.Matches("^parts/godwit/[0-9a-f]{16}/run1.fits/a[a-z]$", key));
        Assert.Equal(keys, (await _box.StateAsync("upload.json"))["run1.fits"]!.AsArray().Select(key => (string)key!));
        Assert.Equal(keys, (await _box.StateAsync("disassemble.json"))["run1.fits"]!.AsArray().Select(path => "parts" + path));
        JsonObject origin = (await _box.StateAsync("origin.json"))["run1.fits"]!.AsObject();
        Assert.Equal(["path", "size", "mtime", "atime", "ts"], origin.Select(field => field.Key));
        Assert.Equal((length, IngestedBox.TimeInPython), ((int)origin["size"]!, origin["mtime"]!.ToJsonString()));
        Assert.Equal(0, _box.Inner.UploadCount);
        foreach (string key in keys)
        {
            Assert.Empty((await _box.Inner.GetAsync(StorePath.FromText(key), default))!.Pairs);
        }

        Assert.Equal(content, await _box.ReadAsync());
        Checksum? known = await store.GetAsync(IngestedBox.File, ChecksumKind.Crc64Nvme, default);
        Assert.NotNull(known);
        Assert.Equal(known, await _box.Open(pushes: true).GetAsync(IngestedBox.File, ChecksumKind.Crc64Nvme, default));
    }

    [Fact]
    public async Task No_beginning_of_the_parts_unpacks_wherever_they_are_cut()
    {
        byte[] content = BoxInMemory.Text(2_000);
        await _box.PushAsync(content, partBytes: 7);
        var whole = new MemoryStream();
        foreach (string key in await _box.PartsAsync())
        {
            await using StoreBody part = await _box.Inner.OpenReadAsync(StorePath.FromText(key), default);
            await part.Content.CopyToAsync(whole);
        }

        Assert.Equal(content, await IngestedBox.UnpackedAsync(whole.ToArray()));
        for (int length = 1; length < whole.Length; length++)
        {
            await Assert.ThrowsAsync<StoreException>(async () => await IngestedBox.UnpackedAsync(whole.ToArray()[..length]));
        }
    }

    [Fact]
    public void Parts_are_called_as_split_calls_them()
    {
        (int, string)[] known = [(0, "aa"), (25, "az"), (26, "ba"), (649, "yz"), (650, "zaaa"), (651, "zaab"), (17_549, "zyzz"), (17_550, "zzaaaa")];
        Assert.All(known, one => Assert.Equal(one.Item2, CtaIngestLayout.SuffixOf(one.Item1)));
        string[] all = [.. Enumerable.Range(0, 20_000).Select(CtaIngestLayout.SuffixOf)];
        Assert.Equal(all, all.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_is_told_of_only_when_all_its_parts_are_there_and_last_where_the_other_side_looks()
    {
        var calls = new BoxInMemory.Calls();
        await _box.PushAsync(BoxInMemory.Noise(300_000), layer: calls, partBytes: 100_000);
        string[] written = [.. calls.Seen.Where(call => call.Verb == StoreVerb.Write).Select(call => call.Path.ToString())];
        Assert.Equal(["origin.json", "disassemble.json", "upload.json"], written[^3..]);
        Assert.All(written[..^3], path => Assert.StartsWith("parts/", path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-1, "bytes were promised")]
    [InlineData(1, "more came")]
    public async Task A_file_of_another_length_than_promised_is_not_told_of_and_leaves_nothing(int more, string why)
    {
        byte[] content = BoxInMemory.Noise(300_000);
        var source = new WriteSource(content.Length - more, _ => ValueTask.FromResult<Stream>(new MemoryStream(content)));
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await _box.Open(pushes: true, partBytes: 100_000).WriteAsync(IngestedBox.File, source, WriteOptions.Default, default));
        Assert.Equal(StoreErrorKind.Integrity, e.Kind);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.Empty(await _box.PartsAsync());
        Assert.Empty(await _box.StateAsync("upload.json"));
    }

    [Theory]
    [InlineData(StoreVerb.Write, 300_000, 100_000)]
    [InlineData(StoreVerb.WritePart, 40_000_000, 1 << 30)]
    [InlineData(StoreVerb.CompleteParts, 40_000_000, 1 << 30)]
    public async Task A_part_that_cannot_be_written_leaves_nothing_and_is_told_of_to_nobody(StoreVerb verb, int length, int partBytes)
    {
        int seen = 0;
        var failing = new BoxInMemory.Calls
        {
            Before = call => call.Verb == verb && (verb == StoreVerb.CompleteParts || ++seen == 2) ? throw new StoreException(StoreErrorKind.Forbidden, "no") : Task.CompletedTask,
        };
        await Assert.ThrowsAsync<StoreException>(async () => await _box.PushAsync(BoxInMemory.Noise(length), layer: failing, partBytes: partBytes));
        Assert.Equal(0, _box.Inner.UploadCount);
        Assert.Empty(await _box.PartsAsync());
        Assert.Empty(await _box.StateAsync("upload.json"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_byte_that_flips_on_its_way_to_the_box_is_noticed(bool refusesByChecksum)
    {
        var flipping = new BoxInMemory.Calls { Flips = call => call.Verb == StoreVerb.Write && call.Path.ToString().StartsWith("parts/", StringComparison.Ordinal) };
        IStore inner = refusesByChecksum ? _box.Inner : _box.Inner.Without(nameof(IStore.ArrivalChecksum));
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await IngestedBox.PushAsync(_box.Open(pushes: true, flipping, inner: inner), "one"u8.ToArray()));
        Assert.Equal(StoreErrorKind.Integrity, e.Kind);
        Assert.Empty(await _box.StateAsync("upload.json"));
    }

    [Fact]
    public async Task What_was_delivered_is_never_sent_under_its_name_again()
    {
        await _box.PushAsync("one"u8.ToArray());
        await _box.DeliverAsync();
        foreach (bool createOnly in (bool[])[true, false])
        {
            StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
                await IngestedBox.PushAsync(_box.Open(pushes: true), "other"u8.ToArray(), createOnly: createOnly));
            Assert.Equal((StoreErrorKind.InvalidRequest, NextStep.GiveUp), (e.Kind, e.Next));
            Assert.Contains("give it another name", e.Message, StringComparison.Ordinal);
        }

        StoreException same = await Assert.ThrowsAsync<StoreException>(async () => await _box.PushAsync("one"u8.ToArray()));
        Assert.Equal(StoreErrorKind.AlreadyExists, same.Kind);
        Assert.Empty(await _box.PartsAsync());
    }

    [Fact]
    public async Task A_newer_version_waits_for_the_next_run_so_that_the_two_are_never_put_together()
    {
        await _box.PushAsync("one"u8.ToArray());
        CtaIngestStore run = _box.Open(pushes: true);
        for (int attempt = 0; attempt < 3; attempt++)
        {
            StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await IngestedBox.PushAsync(run, "newer"u8.ToArray(), createOnly: false));
            Assert.Contains("the next push sends this one", e.Message, StringComparison.Ordinal);
            Assert.NotEqual(NextStep.GiveUp, e.Next);
        }

        // What the other program calls one that the source no longer has: it lets go of what it has fetched.
        foreach (string file in (string[])["origin.json", "disassemble.json", "upload.json"])
        {
            Assert.Empty(await _box.StateAsync(file));
        }

        Assert.Empty(await _box.PartsAsync());
        await _box.PutStateAsync("download.json", "{'run1.fits': ['/w/run1.fits/aa']}");
        StoreException fetched = await Assert.ThrowsAsync<StoreException>(async () => await _box.PushAsync("newer"u8.ToArray()));
        Assert.Contains("has fetched some of it", fetched.Message, StringComparison.Ordinal);
        await _box.PutStateAsync("download.json", "{}");
        await _box.PushAsync("newer"u8.ToArray());
        Assert.Equal("newer"u8.ToArray(), await _box.ReadAsync());
    }

    [Fact]
    public async Task Cleaning_frees_what_was_delivered_and_nothing_else()
    {
        await _box.PutOldAsync("waits", "two"u8.ToArray(), origin: false);
        await _box.PutOldAsync("delivered", BoxInMemory.Text(100), parts: 3);
        await _box.PushAsync("one"u8.ToArray());
        await _box.PutStateAsync("target.json", "{'delivered': {'size': 100, 'mtime': 1.0}, 'long ago': {}}");
        Assert.Equal(1, await _box.Open(pushes: true).CleanAsync(default));
        Assert.Equal(0, await _box.Open(pushes: true).CleanAsync(default));
        Assert.Equal(["parts/work/waits/aa"], (await _box.PartsAsync()).Where(key => !key.Contains("godwit", StringComparison.Ordinal)));
        foreach (string file in (string[])["disassemble.json", "upload.json"])
        {
            Assert.Equal(["run1.fits", "waits"], (await _box.StateAsync(file)).Select(one => one.Key).Order());
        }

        Assert.Equal(["run1.fits"], (await _box.StateAsync("origin.json")).Select(one => one.Key));
        Assert.Equal("one"u8.ToArray(), await _box.ReadAsync());
        Assert.Equal("two"u8.ToArray(), await _box.ReadAsync("waits"));
    }

    [Theory]
    [InlineData("a/b", "no directories")]
    [InlineData(".*old", "passes over names")]
    public async Task A_name_that_the_other_side_cannot_have_is_refused(string name, string why)
    {
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await _box.PushAsync("one"u8.ToArray(), name));
        Assert.Equal(StoreErrorKind.InvalidRequest, e.Kind);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.NotNull(_box.Open(pushes: true).Limits.Refuses(_box.Inner.Identity.Absolute(StorePath.FromBytes([0xff]))));
    }
}
