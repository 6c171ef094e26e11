using System.Reflection;
using System.Text;
using Godwit.Storage;

namespace Godwit.Tests.Storage.Layers;

public sealed class LayeredStoreTests
{
    private static readonly StorePath Path = StorePath.FromText("a/b");

    [Fact]
    public async Task A_capability_is_there_exactly_when_the_inner_store_has_it()
    {
        await using var inner = new SmallStore();
        await using var store = new LayeredStore(inner, new Recording("x", []));
        foreach (PropertyInfo property in typeof(IStore).GetProperties())
        {
            Assert.True(property.GetValue(inner) is null == property.GetValue(store) is null, property.Name);
        }
    }

    [Fact]
    public async Task A_withheld_capability_is_null_and_the_others_stay()
    {
        await using var store = new LayeredStore(
            new SmallStore(), new Recording("x", []), new HashSet<string> { nameof(IStore.Rename) });
        Assert.Null(store.Rename);
        Assert.NotNull(store.RangedRead);
    }

    [Fact]
    public async Task Every_call_passes_its_layer_with_verb_path_and_bytes()
    {
        List<string> seen = [];
        await using var store = new LayeredStore(new SmallStore(), new Recording("x", seen));
        await store.WriteAsync(Path, WriteSource.From(new byte[7]), WriteOptions.Default, default);
        await store.StatAsync(Path, default);
        await store.ListAsync(StorePath.Root, null, default);
        await (await store.OpenReadAsync(Path, default)).DisposeAsync();
        await (await store.RangedRead!.OpenRangeAsync(Path, null, 1, 2, default)).DisposeAsync();
        await store.Rename!.RenameAsync(Path, StorePath.FromText("c"), false, default);
        await store.DeleteAsync(StorePath.FromText("c"), default);
        Assert.Equal(
            [
                "x Write a/b 7", "x source", "x Stat a/b 0", "x List  0", "x OpenRead a/b 0", "x body",
                "x OpenRange a/b 0", "x body", "x Rename a/b 0", "x Delete c 0",
            ],
            seen);
    }

    [Fact]
    public async Task The_outer_layer_sees_a_call_first()
    {
        List<string> seen = [];
        await using var store = new LayeredStore(
            new LayeredStore(new SmallStore(), new Recording("inner", seen)), new Recording("outer", seen));
        await store.StatAsync(Path, default);
        Assert.Equal(["outer Stat a/b 0", "inner Stat a/b 0"], seen);
    }

    [Fact]
    public async Task Bytes_in_memory_stay_in_memory_when_no_layer_touches_them()
    {
        var inner = new SmallStore();
        await using IStore store = StoreStack.Build(inner, StoreStackOptions.Remote, TimeProvider.System);
        var source = WriteSource.From("abc"u8.ToArray());
        await store.WriteAsync(Path, source, WriteOptions.Default, default);
        Assert.Same(source, inner.LastSource);
    }

    [Fact]
    public async Task What_goes_through_the_whole_stack_comes_back()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10_000)));
        StoreStackOptions options = StoreStackOptions.Remote with
        {
            Bandwidths = [new LimitBandwidth(long.MaxValue / 4, TimeProvider.System)],
            Concurrency = new LimitConcurrency(1),
            Attempts = new Journal(),
            Calls = new Journal(),
        };
        await using IStore store = StoreStack.Build(new SmallStore(), options, TimeProvider.System);
        var source = new WriteSource(bytes.Length, _ => ValueTask.FromResult<Stream>(new MemoryStream(bytes)));
        await store.WriteAsync(Path, source, WriteOptions.Default, default);
        await using StoreBody body = await store.OpenReadAsync(Path, default);
        using var copy = new MemoryStream();
        await body.Content.CopyToAsync(copy);
        Assert.Equal(bytes, copy.ToArray());
    }

    private sealed class Recording(string name, List<string> seen) : IStoreLayer
    {
        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
        {
            seen.Add($"{name} {call.Verb} {call.Path} {call.Bytes}");
            return next(ct);
        }

        public Stream AroundBody(StoreCall call, Stream body)
        {
            seen.Add($"{name} body");
            return body;
        }

        public WriteSource AroundSource(StoreCall call, WriteSource source)
        {
            seen.Add($"{name} source");
            return source;
        }
    }
}
