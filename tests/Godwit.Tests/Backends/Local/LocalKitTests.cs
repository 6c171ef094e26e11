using Godwit.Backends.Local;
using Godwit.Conformance.Stores;
using Godwit.Storage;

namespace Godwit.Tests.Backends.Local;

public sealed class LocalKitTests
{
    private static readonly Dictionary<string, LocalOptions> s_ways = new()
    {
        ["as it is"] = new(),
        ["step by step, without open files or holes, every file given its space, listed in small pages"] =
            new() { StepByStep = true, OpenUploads = 0, Sparse = false, PreallocateFrom = 1, PageEntries = 10 },
        ["following links"] = new() { Links = LinkPolicy.Follow },
    };

    public static TheoryData<string, string> SentencesInWays()
    {
        var data = new TheoryData<string, string>();
        foreach (string way in s_ways.Keys)
        {
            foreach (StoreCheck check in StoreKit.All)
            {
                // A store that follows links does not show them as links.
                if (way != "following links" || check.Needs?.Contains(nameof(IStore.Links), StringComparison.Ordinal) != true)
                {
                    data.Add(way, check.Says);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SentencesInWays))]
    public async Task A_sentence_of_the_kit_holds(string way, string says)
    {
        await using var folder = new LocalFolder(s_ways[way]);
        StoreCheck check = StoreKit.All.Single(check => check.Says == says);
        StoreCheckResult result = await StoreKit.RunOneAsync(check, folder.Store, LocalFolder.At("kit"), CancellationToken.None);
        Assert.True(result.Outcome != StoreCheckOutcome.Failed, result.Reason);
        Assert.Equal(check.Applies(folder.Store), result.Outcome == StoreCheckOutcome.Passed);
        Assert.DoesNotContain(folder.Names(), name => name != "kit");
    }
}
