using Godwit.Conformance;
using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.ServerTests;

/// <summary>The conformance kit as every server's store is put through it.</summary>
internal static class ServerKit
{
    public const string Bare = "bare";
    public const string Layered = "with all layers";
    public const string Faulty = "with all layers where one call in three fails";

    private static readonly StoreStackOptions s_patient = StoreStackOptions.Remote with
    {
        Retry = new RetryOptions { MaxRepeats = 40, FirstPause = TimeSpan.Zero, LaterPause = TimeSpan.Zero, Seed = 1 },
    };

    /// <summary>What stands around a store.</summary>
    public static IReadOnlyList<string> Stacks { get; } = [Bare, Layered, Faulty];

    /// <summary>The sentences, by what they say.</summary>
    /// <param name="withThousands">Those too that make thousands of files: listings in pages are the same on every stack, and once is enough.</param>
    public static IEnumerable<string> Sentences(bool withThousands) =>
        StoreKit.All.Where(check => withThousands || !check.IsLarge).Select(check => check.Says);

    /// <summary>Puts a stack around a store.</summary>
    public static IStore Stack(string stack, IStore store) => stack switch
    {
        Bare => store,
        Layered => StoreStack.Build(store, StoreStackOptions.Remote, TimeProvider.System),
        Faulty => StoreStack.Build(new LayeredStore(store, new FailingOneIn(3)), s_patient, TimeProvider.System),
        _ => throw new ArgumentOutOfRangeException(nameof(stack), stack, "There is no such stack."),
    };

    /// <summary>Requires that a sentence holds where it applies. It works below a directory of its own.</summary>
    public static async Task RequireAsync(IStore store, string says)
    {
        StoreCheck check = StoreKit.All.Single(check => check.Says == says);
        StoreCheckResult result = await StoreKit.RunOneAsync(check, store, StorePath.FromText("kit"), CancellationToken.None);
        Assert.True(result.Outcome != StoreCheckOutcome.Failed, result.Reason);
        Assert.Equal(check.Applies(store), result.Outcome == StoreCheckOutcome.Passed);
    }
}
