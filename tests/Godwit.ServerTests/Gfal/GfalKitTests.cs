using System.Collections.Concurrent;
using Godwit.Backends.Gfal;
using Godwit.Conformance;
using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.ServerTests.Gfal;

/// <summary>The conformance kit on real servers of the grid.</summary>
public sealed class GfalKitTests(GfalKitTests.Stores shared) : IClassFixture<GfalKitTests.Stores>
{
    private static readonly StoreStackOptions s_patient = StoreStackOptions.Remote with
    {
        Retry = new RetryOptions { MaxRepeats = 40, FirstPause = TimeSpan.Zero, LaterPause = TimeSpan.Zero, Seed = 1 },
    };

    /// <summary>What stands around a store.</summary>
    private static readonly Dictionary<string, Func<IStore, IStore>> s_stacks = new()
    {
        ["bare"] = store => store,
        ["with all layers"] = store => StoreStack.Build(store, StoreStackOptions.Remote, TimeProvider.System),
        ["with all layers where one call in three fails"] = store =>
            StoreStack.Build(new LayeredStore(store, new FailingOneIn(3)), s_patient, TimeProvider.System),
    };

    public static TheoryData<string, string, string> SentencesOnStacks()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string server in (string[])["gridftp", "xrootd", "xrootd-tls"])
        {
            foreach (string stack in s_stacks.Keys.Where(stack => server != "xrootd-tls" || stack == "bare"))
            {
                foreach (StoreCheck check in StoreKit.All.Where(check => (server != "xrootd-tls" && stack == "bare") || !NeedsThousands(check)))
                {
                    data.Add(server, stack, check.Says);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SentencesOnStacks))]
    public async Task A_sentence_holds_or_does_not_apply(string server, string stack, string says)
    {
        IStore store = s_stacks[stack](shared.Of(server));
        StoreCheck check = StoreKit.All.Single(check => check.Says == says);
        StoreCheckResult result = await StoreKit.RunOneAsync(check, store, StorePath.FromText("kit"), CancellationToken.None);
        Assert.True(result.Outcome != StoreCheckOutcome.Failed, result.Reason);
        Assert.Equal(check.Applies(store), result.Outcome == StoreCheckOutcome.Passed);
    }

    private static bool NeedsThousands(StoreCheck check) =>
        check.Says.Contains("thousand", StringComparison.Ordinal) || check.Says.Contains("pages", StringComparison.Ordinal)
        || check.Says.Contains("same page again", StringComparison.Ordinal);

    /// <summary>One store for each server: each sentence works below a directory of its own.</summary>
    public sealed class Stores : IAsyncLifetime
    {
        private readonly ConcurrentDictionary<string, Lazy<(GfalWorkers Workers, GfalStore Store)>> _stores = new();

        public GfalStore Of(string server) => _stores.GetOrAdd(server, name => new(() =>
        {
            GfalWorkers workers = GridServer.Connect(name);
            return (workers, GridServer.Open(workers, name));
        })).Value.Store;

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            foreach (Lazy<(GfalWorkers Workers, GfalStore Store)> one in _stores.Values)
            {
                await one.Value.Workers.DisposeAsync();
            }
        }
    }
}
