using System.Text.Json.Nodes;
using Godwit.Backends.DropBox;
using Godwit.Backends.DropBox.CtaIngest;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox.CtaIngest;

/// <summary>What the side that pulls finds in a box of CTA Ingest, and what it leaves there.</summary>
public sealed class CtaIngestReadingTests
{
    private static readonly byte[] s_content = BoxInMemory.Noise(300_000);

    private readonly IngestedBox _box = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_file_of_the_other_program_is_read_with_its_time(int parts)
    {
        await _box.PutOldAsync("run1.fits", s_content, parts);
        await _box.PutOldAsync("empty", []);
        Assert.Equal(["empty", "run1.fits"], await IngestedBox.NamesAsync(_box.Open(pushes: false)));
        Assert.Equal(s_content, await _box.ReadAsync());
        Assert.Empty(await _box.ReadAsync("empty"));
        StoreEntry told = (await _box.Open(pushes: false).StatAsync(IngestedBox.File, default))!;
        Assert.Equal(s_content.Length, told.Length);
        Assert.True(told.MayBeModified(IngestedBox.Time));
    }

    [Fact]
    public async Task A_file_that_is_partly_uploaded_does_not_wait_yet_and_is_under_way()
    {
        await _box.PutOldAsync("run1.fits", s_content, parts: 3, uploaded: 2);
        foreach (bool pushes in (bool[])[true, false])
        {
            Assert.Empty(await IngestedBox.NamesAsync(_box.Open(pushes)));
        }

        Assert.Equal(1, await new CtaIngestContents(_box.Inner).CountPayloadsAsync(default));
    }

    [Fact]
    public async Task A_file_that_the_source_no_longer_has_is_delivered_all_the_same()
    {
        await _box.PutOldAsync("run1.fits", s_content, parts: 2, origin: false);
        StoreEntry told = (await _box.Open(pushes: false).StatAsync(IngestedBox.File, default))!;
        Assert.Equal((s_content.Length, null), (told.Length, told.Modified));
        Assert.Equal(s_content, await _box.ReadAsync());
        await _box.DeliverAsync();
        Assert.Equal(s_content.Length, (int)(await _box.StateAsync("target.json"))["run1.fits"]!["size"]!);
    }

    public static TheoryData<string, string> Damages() => new()
    {
        { "flipped", "ab\"." }, { "cut", "middle of a frame" }, { "missing", "ab\" is not there" }, { "empty parts", "its parts are empty" },
        { "smaller size", "more than 299999" }, { "larger size", "instead of 300001" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Bytes_that_are_not_those_of_the_file_never_count_as_read(string damage, string why)
    {
        await _box.PutOldAsync("run1.fits", s_content, parts: 2);
        byte[] frame = IngestedBox.Packed(s_content);
        byte[] first = frame[..((frame.Length + 1) / 2)];
        byte[] second = frame[first.Length..];
        await (damage switch
        {
            "flipped" => _box.PutAsync("parts/work/run1.fits/ab", [.. second[..1000], (byte)~second[1000], .. second[1001..]]),
            "cut" => _box.PutAsync("parts/work/run1.fits/ab", second[..^1]),
            "missing" => _box.Inner.DeleteAsync(StorePath.FromText("parts/work/run1.fits/ab"), default).AsTask(),
            "empty parts" => Task.WhenAll(_box.PutAsync("parts/work/run1.fits/aa", []), _box.PutAsync("parts/work/run1.fits/ab", [])),
            _ => _box.PutStateAsync("origin.json", $"{{'run1.fits': {{'size': {(damage == "smaller size" ? 299_999 : 300_001)}, 'mtime': 1.0}}}}"),
        });
        long length = damage switch { "smaller size" => 299_999, "larger size" => 300_001, _ => 300_000 };
        long given = 0;
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await using StoreBody opened = await _box.Open(pushes: false).OpenReadAsync(IngestedBox.File, default);
            var room = new byte[10_000];
            for (int read; (read = await opened.Content.ReadAsync(room)) > 0;)
            {
                given += read;
            }
        });
        Assert.Equal((StoreErrorKind.Integrity, IngestedBox.File), (e.Kind, e.Path));
        Assert.Contains("run1.fits", e.Message, StringComparison.Ordinal);
        Assert.True(damage is not ("flipped" or "cut") || e.Message.Contains("cannot be unpacked", StringComparison.Ordinal), e.Message);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.True(given < length, $"{given} bytes were given");
    }

    [Fact]
    public async Task A_file_that_cannot_be_had_is_named_and_the_others_are_listed()
    {
        await _box.PutOldAsync("unread", s_content);
        await _box.PutOldAsync("odd", s_content);
        await _box.PutOldAsync("good", s_content);
        JsonObject packed = await _box.StateAsync("disassemble.json");
        packed["unread"] = new JsonArray();
        packed["odd"] = "x";
        await _box.PutAsync("disassemble.json", System.Text.Encoding.UTF8.GetBytes(packed.ToJsonString().Replace("\"good\"", "\"\\udcff\": [], \"good\"", StringComparison.Ordinal)));
        var unreadable = new List<StoreException>();
        Assert.Equal(["good"], await IngestedBox.NamesAsync(_box.Open(pushes: false), unreadable));
        Assert.Equal(3, unreadable.Count);
        Assert.Contains(unreadable, e => e.Message.Contains("\"unread\"", StringComparison.Ordinal) && e.Message.Contains("could not be read at its source", StringComparison.Ordinal));
        Assert.Contains(unreadable, e => e.Message.Contains("udcff", StringComparison.Ordinal));

        // The side that has the file sends it again.
        Assert.Equal(["good"], await IngestedBox.NamesAsync(_box.Open(pushes: true)));
        await _box.PutStateAsync("upload.json", "{'unread': []}");
        await _box.PushAsync(s_content, "unread");
        Assert.Equal(s_content, await _box.ReadAsync("unread"));
    }

    [Fact]
    public async Task A_delivery_is_written_down_before_anything_is_freed()
    {
        await _box.PutOldAsync("run1.fits", s_content, parts: 2);
        await _box.PutStateAsync("download.json", "{'run1.fits': ['/w/aa'], 'other': []}");
        string uploaded = await _box.TextAsync("upload.json");
        var calls = new BoxInMemory.Calls();
        CtaIngestStore store = _box.Open(pushes: false, calls);
        StoreEntry file = (await store.StatAsync(IngestedBox.File, default))!;
        await store.VersionedDelete!.DeleteAsync(IngestedBox.File, file.Version!, default);
        JsonObject target = (await _box.StateAsync("target.json"))["run1.fits"]!.AsObject();
        Assert.Equal("/archive/run1.fits", (string)target["path"]!);
        Assert.Equal((300_000, IngestedBox.TimeInPython, "1.5"), ((int)target["size"]!, target["mtime"]!.ToJsonString(), target["atime"]!.ToJsonString()));
        StoreCall[] seen = [.. calls.Seen];
        int told = Array.FindIndex(seen, call => call.Verb == StoreVerb.Write && call.Path == CtaIngestLayout.Target);
        int freed = Array.FindIndex(seen, call => call.Verb is StoreVerb.Delete or StoreVerb.BulkDelete);
        Assert.InRange(told, 0, freed - 1);
        Assert.Empty(await _box.PartsAsync());
        Assert.Equal(["other"], (await _box.StateAsync("download.json")).Select(one => one.Key));
        Assert.Equal(uploaded, await _box.TextAsync("upload.json"));
        Assert.Empty(await IngestedBox.NamesAsync(_box.Open(pushes: false)));
        await store.VersionedDelete.DeleteAsync(IngestedBox.File, file.Version!, default);
    }

    [Fact]
    public async Task A_delivery_that_cannot_be_written_down_frees_nothing()
    {
        await _box.PutOldAsync("run1.fits", s_content, parts: 2);
        var failing = new BoxInMemory.Calls { Before = call => call.Verb == StoreVerb.Write ? throw new StoreException(StoreErrorKind.Forbidden, "no") : Task.CompletedTask };
        await Assert.ThrowsAsync<StoreException>(async () => await _box.Open(pushes: false, failing).DeleteAsync(IngestedBox.File, default));
        Assert.Equal(s_content, await _box.ReadAsync());
    }

    [Fact]
    public async Task What_another_host_delivered_meanwhile_is_gone_and_no_fault()
    {
        await _box.PutOldAsync("run1.fits", s_content);
        CtaIngestStore store = _box.Open(pushes: false);
        Assert.NotNull(await store.StatAsync(IngestedBox.File, default));
        await _box.DeliverAsync();
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await store.OpenReadAsync(IngestedBox.File, default));
        Assert.Equal(StoreErrorKind.NotFound, e.Kind);
        Assert.Null(await store.StatAsync(IngestedBox.File, default));
    }

    [Fact]
    public async Task Parts_that_nothing_tells_of_are_found_and_freed_and_no_others()
    {
        await _box.PutOldAsync("half", s_content, parts: 3, uploaded: 2);
        await _box.PutAsync("parts/work/half/aa", "put in, not told yet"u8.ToArray());
        await _box.PushAsync(s_content);
        await _box.PutAsync("parts/godwit/0123456789abcdef/gone/aa", "12"u8.ToArray());
        await _box.PutAsync("parts/godwit/0123456789abcdef/gone/ab", "345"u8.ToArray());
        int before = (await _box.PartsAsync()).Length;
        var leftovers = new CtaIngestLeftovers(_box.Inner);
        Assert.Empty(await leftovers.FindAsync(new Timestamp(0), default));
        IReadOnlyList<CtaIngestLeftover> left = await leftovers.FindAsync(Timestamp.From(DateTimeOffset.MaxValue), default);
        Assert.True(await leftovers.RemoveAsync(Assert.Single(left, one => one.Bytes == 5), default));
        Assert.Equal(before - 2, (await _box.PartsAsync()).Length);
        Assert.Equal(s_content, await _box.ReadAsync());
    }

    [Fact]
    public async Task Boxes_of_other_layouts_are_refused_and_this_one_by_them()
    {
        await _box.PutStateAsync("target.json", "{}");
        Assert.Equal(BoxLayout.CtaIngest, await BoxLayouts.SeenAsync(_box.Inner, default));
        await using var ours = new DropBoxStore(_box.Inner, new DropBoxOptions { CountsDelivered = true }, TimeProvider.System);
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await ours.WriteAsync(StorePath.FromText("a"), WriteSource.From("one"u8.ToArray()), WriteOptions.Default, default));
        Assert.Contains("--layout cta-ingest", e.Message, StringComparison.Ordinal);
        var relayed = new CtaRelay.RelayedBucket();
        await relayed.PutOldAsync("origin.json", s_content);
        Assert.Equal(BoxLayout.CtaRelay, await BoxLayouts.SeenAsync(relayed.Inner, default));
        await using var theirs = new CtaIngestStore(relayed.Inner, DropBoxOptions.Default, TimeProvider.System);
        StoreException other = await Assert.ThrowsAsync<StoreException>(async () => await theirs.ListAsync(StorePath.Root, null, default));
        Assert.Contains("CTA Relay", other.Message, StringComparison.Ordinal);
    }
}
