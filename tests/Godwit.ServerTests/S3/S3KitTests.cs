using Godwit.Backends.S3;
using Godwit.Conformance;
using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>The conformance kit on a real gateway.</summary>
public sealed class S3KitTests(S3KitTests.Bucket shared) : IClassFixture<S3KitTests.Bucket>
{
    private static readonly StoreStackOptions s_patient = StoreStackOptions.Remote with
    {
        Retry = new RetryOptions { MaxRepeats = 40, FirstPause = TimeSpan.Zero, LaterPause = TimeSpan.Zero, Seed = 1 },
    };

    /// <summary>The stacks that every sentence is proved on.</summary>
    private static readonly Dictionary<string, Func<string, IStore>> s_stacks = new()
    {
        ["over http"] = bucket => new S3Store(S3Server.Options(bucket), TimeProvider.System),
        ["over https, below a prefix"] = bucket =>
            new S3Store(S3Server.TlsOptions(bucket) with { Prefix = StorePath.FromText("a/root") }, TimeProvider.System),
        ["over http with all layers where one call in three fails"] = bucket => StoreStack.Build(
            new LayeredStore(new S3Store(S3Server.Options(bucket), TimeProvider.System), new FailingOneIn(3)), s_patient, TimeProvider.System),
    };

    public static TheoryData<string, string> SentencesOnStacks()
    {
        var data = new TheoryData<string, string>();
        foreach (string stack in s_stacks.Keys)
        {
            // Thousands of objects are made once: listings in pages are the same on every stack.
            foreach (StoreCheck check in StoreKit.All.Where(check => stack == "over http" || !NeedsThousands(check)))
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
        await using IStore store = s_stacks[stack](shared.Name);
        StoreCheck check = StoreKit.All.Single(check => check.Says == says);
        StoreCheckResult result = await StoreKit.RunOneAsync(check, store, StorePath.FromText("kit"), CancellationToken.None);
        Assert.True(result.Outcome != StoreCheckOutcome.Failed, result.Reason);
        Assert.Equal(check.Applies(store), result.Outcome == StoreCheckOutcome.Passed);
    }

    private static bool NeedsThousands(StoreCheck check) =>
        check.Says.Contains("thousand", StringComparison.Ordinal) || check.Says.Contains("pages", StringComparison.Ordinal)
        || check.Says.Contains("same page again", StringComparison.Ordinal);

    /// <summary>One bucket for all sentences: each works below a directory of its own.</summary>
    public sealed class Bucket : IAsyncLifetime
    {
        private S3Bucket? _bucket;

        public string Name => _bucket!.Name;

        public async Task InitializeAsync() => _bucket = await S3Bucket.MakeAsync();

        public async Task DisposeAsync() => await _bucket!.DisposeAsync();
    }
}
