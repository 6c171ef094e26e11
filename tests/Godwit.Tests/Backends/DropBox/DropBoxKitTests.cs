using Godwit.Backends.DropBox;
using Godwit.Backends.Local;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.Tests.Backends.DropBox;

public sealed class DropBoxKitTests : IAsyncLifetime
{
    private const string Slow = "a directory with all layers where one call in three fails";

    /// <summary>Sentences about thousands of files, each of which is five here: proved in a directory, and in memory with failures, not in
    /// both.</summary>
    private static readonly string[] s_many = ["thousand", "its pages was cancelled", "The same position", "come and go"];

    private static readonly StorePath s_at = StorePath.FromText("kit");

    private static readonly MemoryStoreOptions s_posix = new() { PosixManners = true, SortedListing = false, PageSize = 100 };

    private static readonly StoreStackOptions s_patient = StoreStackOptions.Remote with
    {
        Retry = new RetryOptions { MaxRepeats = 40, FirstPause = TimeSpan.FromMicroseconds(50), LaterPause = TimeSpan.Zero, Seed = 1 },
    };

    private readonly Lazy<string> _directory = new(() => Directory.CreateTempSubdirectory("godwit-drop-box-").FullName);

    /// <summary>The stacks that every sentence is proved on. A new stack is one line.</summary>
    private static readonly Dictionary<string, Func<Lazy<string>, IStore>> s_stacks = new()
    {
        ["memory with S3's manners"] = _ => Box(Memory()),
        ["memory below a root with a file system's manners"] = _ => Box(Memory(s_posix, "a!/root")),
        ["memory, for the side that puts in"] = _ => Box(Memory(), countsDelivered: true),
        ["memory with all layers where one call in three fails"] = _ =>
            StoreStack.Build(new LayeredStore(Box(Memory()), new FailingOneIn(3)), s_patient, TimeProvider.System),
        ["memory whose answers are lost one call in three"] = _ =>
            Box(StoreStack.Build(new LayeredStore(Memory(), new FailingOneIn(3, afterEffect: true)), s_patient, TimeProvider.System)),
        ["a directory"] = directory => Box(LocalStore.In(directory.Value)),
        [Slow] = directory => StoreStack.Build(
            new LayeredStore(Box(LocalStore.In(directory.Value)), new FailingOneIn(3)), s_patient, TimeProvider.System),
    };

    public static TheoryData<string, string> SentencesOnStacks()
    {
        var data = new TheoryData<string, string>();
        foreach (string stack in s_stacks.Keys)
        {
            foreach (StoreCheck check in StoreKit.All.Where(check => stack != Slow || !s_many.Any(check.Says.Contains)))
            {
                data.Add(stack, check.Says);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SentencesOnStacks))]
    public async Task A_sentence_holds_or_does_not_apply(string stack, string says)
    {
        await using IStore store = s_stacks[stack](_directory);
        StoreCheck check = StoreKit.All.Single(check => check.Says == says);
        StoreCheckResult result = await StoreKit.RunOneAsync(check, store, s_at, CancellationToken.None);
        Assert.True(result.Outcome != StoreCheckOutcome.Failed, result.Reason);
        Assert.Equal(check.Applies(store), result.Outcome == StoreCheckOutcome.Passed);
    }

    [Fact]
    public async Task A_run_leaves_no_payload_and_no_marker_behind()
    {
        await using MemoryStore inner = Memory();
        var box = new DropBoxStore(inner, DropBoxOptions.Default, TimeProvider.System);
        await StoreKit.RunAsync(box, s_at, check => !check.Says.Contains("thousand", StringComparison.Ordinal), CancellationToken.None);
        ListPosition? position = null;
        do
        {
            StorePage page = await inner.FlatListing!.ListBelowAsync(StorePath.Root, position, default);
            Assert.DoesNotContain(page.Entries, entry => entry.Path.IsBelow(StorePath.FromText("data")));
            Assert.DoesNotContain(page.Entries, entry => entry.Path.IsBelow(StorePath.FromText("pending")));
            position = page.Next;
        }
        while (position is not null);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_directory.IsValueCreated)
        {
            // The framework's own way stumbles over records of names that are not UTF-8.
            await using var tree = LocalStore.In(_directory.Value);
            await RemoveAsync(tree, StorePath.Root);
            Directory.Delete(_directory.Value);
        }
    }

    private static async Task RemoveAsync(LocalStore tree, StorePath directory)
    {
        ListPosition? position = null;
        do
        {
            StorePage page = await tree.ListAsync(directory, position, default);
            foreach (StoreEntry entry in page.Entries)
            {
                if (entry.Kind == EntryKind.Directory)
                {
                    await RemoveAsync(tree, entry.Path);
                }

                await tree.DeleteAsync(entry.Path, default);
            }

            position = page.Next;
        }
        while (position is not null);
    }

    private static DropBoxStore Box(IStore inner, bool countsDelivered = false) =>
        new(inner, new DropBoxOptions { CountsDelivered = countsDelivered }, TimeProvider.System);

    private static MemoryStore Memory(MemoryStoreOptions? options = null, string root = "") =>
        new(new MemorySpace(TimeProvider.System), "bucket", options, StorePath.FromText(root));
}
