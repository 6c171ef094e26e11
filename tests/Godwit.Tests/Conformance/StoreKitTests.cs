using Godwit.Backends.Local;
using Godwit.Conformance;
using Godwit.Conformance.Memory;
using Godwit.Conformance.Stores;
using Godwit.Storage;
using Godwit.Tests.Conformance.Planted;

namespace Godwit.Tests.Conformance;

public sealed class StoreKitTests : IDisposable
{
    private static readonly StorePath s_at = StorePath.FromText("kit");

    private static readonly MemoryStoreOptions s_s3 = new() { MinPartBytes = 64 };

    private static readonly MemoryStoreOptions s_everything = s_s3 with
    {
        PosixManners = true,
        UnpublishedRead = true,
        UnpublishedChecksum = true,
        VersionedDelete = true,
    };

    // A pause that grows: callers that repeat at once can fall into step with the fault that comes once in three calls, for as long as they repeat.
    private static readonly StoreStackOptions s_patient = StoreStackOptions.Remote with
    {
        Retry = new RetryOptions { MaxRepeats = 40, FirstPause = TimeSpan.FromMicroseconds(50), LaterPause = TimeSpan.Zero, Seed = 1 },
    };

    private readonly Lazy<string> _directory = new(() => Directory.CreateTempSubdirectory("godwit-kit-").FullName);

    /// <summary>The stacks that every sentence is proved on. A new stack is one line.</summary>
    private static readonly Dictionary<string, Func<Lazy<string>, IStore>> s_stacks = new()
    {
        ["memory with S3's manners"] = _ => Memory(s_s3),
        ["memory with a file system's manners"] = _ => Memory(s_everything),
        ["memory that lists in an order of its own"] = _ => Memory(s_everything with { SortedListing = false, PageSize = 100, ListingKnowsModified = false }),
        ["memory below a root"] = _ => new MemoryStore(new MemorySpace(TimeProvider.System), "bucket", s_s3, StorePath.FromText("a/root")),
        ["memory with all layers"] = _ => StoreStack.Build(Memory(s_everything), s_patient, TimeProvider.System),
        ["memory with all layers where one call in three fails"] = _ => StoreStack.Build(
            new LayeredStore(Memory(s_everything), new FailingOneIn(3)), s_patient, TimeProvider.System),
        ["a directory of this machine"] = directory => LocalStore.In(directory.Value),
        ["a directory of this machine with all layers"] = directory =>
            StoreStack.Build(LocalStore.In(directory.Value), s_patient, TimeProvider.System),
        ["a directory of this machine with all layers where one call in three fails"] = directory => StoreStack.Build(
            new LayeredStore(LocalStore.In(directory.Value), new FailingOneIn(3)), s_patient, TimeProvider.System),
    };

    /// <summary>The stores that lose a capability at a time: between them they have all.</summary>
    private static readonly Dictionary<string, Func<Lazy<string>, IStore>> s_whole = new()
    {
        ["memory"] = _ => Memory(s_everything),
        ["a directory of this machine"] = directory => LocalStore.In(directory.Value),
    };

    public static TheoryData<string, string> SentencesOnStacks()
    {
        var data = new TheoryData<string, string>();
        foreach (string stack in s_stacks.Keys)
        {
            foreach (StoreCheck check in StoreKit.All)
            {
                data.Add(stack, check.Says);
            }
        }

        return data;
    }

    public static TheoryData<string> Sentences() => new(StoreKit.All.Select(check => check.Says));

    [Theory]
    [MemberData(nameof(SentencesOnStacks))]
    public async Task A_sentence_holds_or_does_not_apply(string stack, string says)
    {
        await using IStore store = s_stacks[stack](_directory);
        StoreCheckResult result = await StoreKit.RunOneAsync(Check(says), store, s_at, CancellationToken.None);
        Assert.True(result.Outcome != StoreCheckOutcome.Failed, result.Reason);
        Assert.Equal(Check(says).Applies(store), result.Outcome == StoreCheckOutcome.Passed);
    }

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task A_sentence_fails_on_a_store_with_the_fault_planted_for_it(string says)
    {
        PlantedFault fault = Assert.Single(PlantedFaults.All, fault => fault.Noticed == says);
        await using IStore store = fault.Plant(Memory(s_everything));
        StoreCheckResult result = await StoreKit.RunOneAsync(Check(says), store, s_at, CancellationToken.None);
        Assert.Equal(StoreCheckOutcome.Failed, result.Outcome);
        Assert.DoesNotContain("instead of a store's error", result.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be taken away", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_planted_fault_belongs_to_a_sentence() => Assert.Equal(
        StoreKit.All.Select(check => check.Says).Order(), PlantedFaults.All.Select(fault => fault.Noticed).Order());

    [Fact]
    public async Task A_run_leaves_nothing_behind()
    {
        await using MemoryStore store = Memory(s_everything);
        await StoreKit.RunAsync(store, s_at, check => !check.IsLarge, CancellationToken.None);
        StorePage left = await store.ListAsync(s_at, null, CancellationToken.None);
        Assert.Empty(left.Entries);
        Assert.Equal(0, store.UploadCount);
    }

    [Fact]
    public async Task A_report_tells_each_sentence_and_why_it_failed_or_does_not_apply()
    {
        await using IStore store = PlantedFaults.All[0].Plant(Memory(s_everything));
        StoreKitReport report = await StoreKit.RunAsync(
            store, s_at, check => check.Says.StartsWith("A file ", StringComparison.Ordinal), CancellationToken.None);
        await using MemoryStore plain = Memory(s_s3);
        StoreKitReport lacking = await StoreKit.RunAsync(plain, s_at, check => check.Needs == nameof(IStore.Rename), CancellationToken.None);
        Assert.False(report.Conforms);
        Assert.Contains("FAILED  A file reads back as it was written: ", report.ToString(), StringComparison.Ordinal);
        Assert.True(lacking.Conforms);
        Assert.Contains("the store has no Rename", lacking.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" not applicable\n", lacking.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_capability_is_the_subject_of_a_sentence()
    {
        foreach (string capability in CapabilityByName.Names)
        {
            Assert.Contains(StoreKit.All, check => check.Needs?.Contains(capability, StringComparison.Ordinal) == true);
        }
    }

    public static TheoryData<string, string> Capabilities()
    {
        var data = new TheoryData<string, string>();
        foreach (string store in s_whole.Keys)
        {
            IStore whole = s_whole[store](new Lazy<string>(Path.GetTempPath));
            foreach (string capability in StoreCapabilities.All.Where(capability => Has(whole, capability)))
            {
                data.Add(store, capability);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Capabilities))]
    public async Task With_a_capability_switched_off_its_sentences_do_not_apply_and_the_others_hold(string name, string capability)
    {
        await using IStore store = s_whole[name](_directory).Without(capability);
        StoreKitReport report = await StoreKit.RunAsync(store, s_at, null, CancellationToken.None);
        Assert.True(report.Conforms, report.ToString());
        Assert.Equal(
            StoreKit.All.Where(check => IsAbout(check, capability) || !check.Applies(store)),
            report.Results.Where(result => result.Outcome == StoreCheckOutcome.NotApplicable).Select(result => result.Check));
        Assert.Equal(capability != nameof(IStore.Diagnosis), StoreKit.All.Any(check => IsAbout(check, capability)));
    }

    [Fact]
    public void Memory_and_a_directory_have_between_them_every_capability_to_switch_off() => Assert.Equal(
        StoreCapabilities.All.Order(), Capabilities().Select(row => (string)row[1]).Distinct().Order());

    public void Dispose()
    {
        if (_directory.IsValueCreated)
        {
            Directory.Delete(_directory.Value, recursive: true);
        }
    }

    /// <summary>Whether the sentence needs the capability, alone or among others.</summary>
    private static bool IsAbout(StoreCheck check, string capability) =>
        check.Needs?.Split(' ').Any(word => word == capability || word == $"I{capability}") == true;

    private static bool Has(IStore store, string capability) =>
        (typeof(IStore).GetProperty(capability)?.GetValue(store)
            ?? (store.PartedWrite is { } parts ? typeof(IPartedWrite).GetProperty(capability)?.GetValue(parts) : null)) is not null;

    private static StoreCheck Check(string says) => StoreKit.All.Single(check => check.Says == says);

    private static MemoryStore Memory(MemoryStoreOptions options) => new(new MemorySpace(TimeProvider.System), "bucket", options);
}
