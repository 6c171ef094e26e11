using Godwit.Backends.DropBox;
using Godwit.Backends.DropBox.CtaRelay;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox.CtaRelay;

/// <summary>What the side that pulls finds in a bucket of CTA Relay, and what it leaves there.</summary>
public sealed class CtaRelayReadingTests
{
    private static readonly byte[] s_content = BoxInMemory.Text(300_000);

    private readonly RelayedBucket _bucket = new();

    [Fact]
    public async Task One_frame_and_several_are_read_alike()
    {
        await _bucket.PutOldAsync("one", s_content);
        await _bucket.PutAsync("several", [.. RelayedBucket.Packed(s_content[..1000]), .. RelayedBucket.Packed(s_content[1000..])], RelayedBucket.PairsOf(s_content));
        await _bucket.PutOldAsync("empty", []);
        Assert.Equal(s_content, await _bucket.ReadAsync("one"));
        Assert.Equal(s_content, await _bucket.ReadAsync("several"));
        Assert.Empty(await _bucket.ReadAsync("empty"));
    }

    [Fact]
    public async Task What_was_delivered_is_told_to_the_side_that_pushes_alone()
    {
        await _bucket.PutOldAsync("waiting", s_content);
        await _bucket.PutAsync("delivered", [], RelayedBucket.PairsOf("two"u8.ToArray()));
        Assert.Equal(["waiting"], await NamesAsync(_bucket.Open(pushes: false)));
        Assert.Equal(["delivered", "waiting"], await NamesAsync(_bucket.Open(pushes: true)));
        Assert.Null(await _bucket.Open(pushes: false).StatAsync(StorePath.FromText("delivered"), default));
        StoreEntry delivered = (await _bucket.Open(pushes: true).StatAsync(StorePath.FromText("delivered"), default))!;
        Assert.Equal((3, RelayedBucket.Md5Of("two"u8.ToArray())), (delivered.Length, delivered.Checksums[0].Hex));
        foreach (bool pushes in (bool[])[true, false])
        {
            StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
                await _bucket.Open(pushes).OpenReadAsync(StorePath.FromText("delivered"), default));
            Assert.Equal(StoreErrorKind.NotFound, e.Kind);
        }
    }

    [Fact]
    public async Task Marking_as_delivered_empties_the_object_and_leaves_its_metadata_as_they_are()
    {
        (string, string)[] pairs = [.. RelayedBucket.PairsOf(s_content), ("of-its-own", "kept")];
        await _bucket.PutAsync("run1.fits", RelayedBucket.Packed(s_content), pairs);
        CtaRelayStore store = _bucket.Open(pushes: false);
        StoreEntry file = (await store.StatAsync(RelayedBucket.File, default))!;
        await store.VersionedDelete!.DeleteAsync(RelayedBucket.File, file.Version!, default);
        FileWithPairs left = await _bucket.ObjectAsync();
        Assert.Equal(0, left.Entry.Length);
        Assert.Equal(pairs.Order(), left.Pairs.Select(pair => (pair.Key, pair.Value)).Order());
        await store.VersionedDelete.DeleteAsync(RelayedBucket.File, file.Version!, default);
        await store.DeleteAsync(RelayedBucket.File, default);
        Assert.Equal(left.Entry.Version, (await _bucket.ObjectAsync()).Entry.Version);
        await _bucket.Open(pushes: true).DeleteAsync(RelayedBucket.File, default);
        Assert.Null(await _bucket.Inner.StatAsync(RelayedBucket.File, default));
    }

    [Theory]
    [InlineData(StoreVerb.GetPairs)]
    [InlineData(StoreVerb.Write)]
    public async Task A_newer_version_that_comes_before_an_older_one_is_marked_stays(StoreVerb moment)
    {
        await _bucket.PutOldAsync("run1.fits", s_content);
        StoreEntry older = (await _bucket.Open(pushes: false).StatAsync(RelayedBucket.File, default))!;
        bool came = false;
        var atMoment = new BoxInMemory.Calls
        {
            Before = async call =>
            {
                if (call.Verb == moment && !came)
                {
                    came = true;
                    await _bucket.PutOldAsync("run1.fits", "newer"u8.ToArray());
                }
            },
        };
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await _bucket.Open(pushes: false, atMoment).VersionedDelete!.DeleteAsync(RelayedBucket.File, older.Version!, default));
        Assert.True(came);
        Assert.Equal(StoreErrorKind.PreconditionFailed, e.Kind);
        Assert.Equal("newer"u8.ToArray(), await _bucket.ReadAsync());
    }

    [Fact]
    public async Task A_file_that_somebody_else_delivered_at_that_moment_is_delivered()
    {
        await _bucket.PutOldAsync("run1.fits", s_content);
        bool came = false;
        var atMoment = new BoxInMemory.Calls
        {
            Before = async call =>
            {
                if (call.Verb == StoreVerb.Write && !came)
                {
                    came = true;
                    await _bucket.Open(pushes: false).DeleteAsync(RelayedBucket.File, default);
                }
            },
        };
        await _bucket.Open(pushes: false, atMoment).DeleteAsync(RelayedBucket.File, default);
        Assert.True(came);
        Assert.Equal(0, (await _bucket.ObjectAsync()).Entry.Length);
    }

    public static TheoryData<string, string> Damages() => new()
    {
        { "flipped", "damaged" }, { "short", "middle of a frame" }, { "no zstd", "damaged" }, { "nothing of it", "instead of 300000" },
        { "other md5", "its metadata say" }, { "smaller size", "more than 299999" }, { "larger size", "instead of 300001" },
        { "another file", "its metadata say" }, { "and more", "more than 300000" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Bytes_that_are_not_those_of_the_file_never_count_as_read(string damage, string why)
    {
        byte[] body = RelayedBucket.Packed(s_content);
        string md5 = RelayedBucket.Md5Of(s_content);
        (byte[] put, string size, string sum) = damage switch
        {
            "flipped" => ([.. body[..100], (byte)~body[100], .. body[101..]], "300000", md5),
            "short" => (body[..^1], "300000", md5),
            "no zstd" => (s_content, "300000", md5),
            "nothing of it" => (RelayedBucket.Packed([]), "300000", md5),
            "other md5" => (body, "300000", new string('0', 32)),
            "smaller size" => (body, "299999", md5),
            "larger size" => (body, "300001", md5),
            "another file" => (RelayedBucket.Packed([.. s_content[..^1], 0]), "300000", md5),
            _ => ((byte[])[.. body, .. RelayedBucket.Packed([1])], "300000", md5),
        };
        await _bucket.PutAsync("run1.fits", put, ("size", size), ("md5", sum));
        await using StoreBody opened = await _bucket.Open(pushes: false).OpenReadAsync(RelayedBucket.File, default);
        long given = 0;
        var room = new byte[10_000];
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            for (int read; (read = await opened.Content.ReadAsync(room)) > 0;)
            {
                given += read;
            }
        });
        Assert.Equal(StoreErrorKind.Integrity, e.Kind);
        Assert.Equal(RelayedBucket.File, e.Path);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.True(given < opened.Entry.Length, $"{given} bytes were given");
        await Assert.ThrowsAsync<StoreException>(async () => await opened.Content.ReadExactlyAsync(room));
    }

    [Fact]
    public async Task An_object_that_does_not_say_what_it_is_is_named_and_the_others_are_listed()
    {
        (string, (string, string)[])[] wrong =
        [
            ("no size", [("md5", RelayedBucket.Md5Of(s_content))]), ("no md5", [("size", "300000")]), ("nothing", []),
            ("garbage size", [("size", "-1"), ("md5", RelayedBucket.Md5Of(s_content))]), ("garbage md5", [("size", "300000"), ("md5", "xyz")]),
        ];
        for (int i = 0; i < 25; i++)
        {
            await _bucket.PutOldAsync($"good{i:00}", s_content);
        }

        foreach ((string name, (string, string)[] pairs) in wrong)
        {
            await _bucket.PutAsync(name, RelayedBucket.Packed(s_content), pairs);
        }

        var unreadable = new List<StoreException>();
        Assert.Equal(25, (await NamesAsync(_bucket.Open(pushes: false), unreadable)).Length);
        Assert.Equal(wrong.Select(one => one.Item1).Order(), unreadable.Select(e => e.Path.ToString()!).Order());
        Assert.All(unreadable, e => Assert.Equal(StoreErrorKind.Integrity, e.Kind));
        Assert.All(unreadable, e => Assert.Contains(e.Path.ToString()!, e.Message, StringComparison.Ordinal));
        var told = new List<string>();
        await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await foreach (DropBoxFile file in BoxLayouts.ContentsOf(_bucket.Inner, BoxLayout.CtaRelay).WaitingAsync(StorePath.Root, default))
            {
                told.Add(file.Path.ToString());
            }
        });
        Assert.Equal(25, told.Count);
    }

    [Fact]
    public async Task An_object_that_is_replaced_while_it_is_opened_is_not_read_as_the_other_one()
    {
        await _bucket.PutOldAsync("run1.fits", s_content);
        var replacing = new BoxInMemory.Calls
        {
            Before = async call =>
            {
                if (call.Verb == StoreVerb.OpenRange)
                {
                    await _bucket.PutOldAsync("run1.fits", "newer"u8.ToArray());
                }
            },
        };
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
            await _bucket.Open(pushes: false, replacing).OpenReadAsync(RelayedBucket.File, default));
        Assert.Equal(StoreErrorKind.PreconditionFailed, e.Kind);
    }

    [Fact]
    public async Task A_store_without_metadata_cannot_have_the_layout()
    {
        await using IStore bare = _bucket.Inner.Without(nameof(IStore.UserMetadata));
        StoreException e = Assert.Throws<StoreException>(() => new CtaRelayStore(bare, DropBoxOptions.Default, TimeProvider.System));
        Assert.Equal(StoreErrorKind.Unsupported, e.Kind);
    }

    private static async Task<string[]> NamesAsync(CtaRelayStore store, List<StoreException>? unreadable = null)
    {
        var names = new List<string>();
        ListPosition? position = null;
        do
        {
            StorePage page = await store.ListAsync(StorePath.Root, position, default);
            names.AddRange(page.Entries.Select(entry => entry.Path.ToString()));
            unreadable?.AddRange(page.Unreadable ?? []);
            position = page.Next;
        }
        while (position is not null);
        return [.. names.Order(StringComparer.Ordinal)];
    }
}
