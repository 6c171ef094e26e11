using System.Collections.Concurrent;
using Godwit.Backends.Sftp;
using Godwit.Conformance;
using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>The conformance kit on real servers, over accounts of every kind.</summary>
public sealed class SftpKitTests(SftpKitTests.Stores shared) : IClassFixture<SftpKitTests.Stores>
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
        foreach (string account in SftpTestServer.Accounts.Keys)
        {
            foreach (string stack in s_stacks.Keys.Where(stack => account is "shell" or "chroot" || stack == "bare"))
            {
                foreach (StoreCheck check in StoreKit.All.Where(check => (account, stack) == ("shell", "bare") || !NeedsThousands(check)))
                {
                    data.Add(account, stack, check.Says);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SentencesOnStacks))]
    public async Task A_sentence_holds_or_does_not_apply(string account, string stack, string says)
    {
        IStore store = s_stacks[stack](await shared.OfAsync(account));
        StoreCheck check = StoreKit.All.Single(check => check.Says == says);
        StoreCheckResult result = await StoreKit.RunOneAsync(check, store, StorePath.FromText("kit"), CancellationToken.None);
        Assert.True(result.Outcome != StoreCheckOutcome.Failed, result.Reason);
        Assert.Equal(check.Applies(store), result.Outcome == StoreCheckOutcome.Passed);
    }

    private static bool NeedsThousands(StoreCheck check) =>
        check.Says.Contains("thousand", StringComparison.Ordinal) || check.Says.Contains("pages", StringComparison.Ordinal)
        || check.Says.Contains("same page again", StringComparison.Ordinal);

    /// <summary>One store for each account: each sentence works below a directory of its own.</summary>
    public sealed class Stores : IAsyncLifetime
    {
        private readonly ConcurrentDictionary<string, SftpConnections> _connections = new();
        private readonly ConcurrentDictionary<string, Task<SftpStore>> _stores = new();

        public Task<SftpStore> OfAsync(string account) => _stores.GetOrAdd(
            account, name => SftpTestServer.OpenAsync(_connections.GetOrAdd(name, SftpTestServer.Connect(name))));

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            foreach (Task<SftpStore> store in _stores.Values)
            {
                await SftpTestServer.CleanAsync(await store);
            }

            foreach (SftpConnections connections in _connections.Values)
            {
                await connections.DisposeAsync();
            }
        }
    }
}
