using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>The conformance kit on a real gateway.</summary>
public sealed class S3KitTests(S3KitTests.Bucket shared) : IClassFixture<S3KitTests.Bucket>
{
    private const string Plain = "over http";
    private const string Below = "over https, below a prefix";

    public static TheoryData<string, string, string> SentencesOnStacks()
    {
        var data = new TheoryData<string, string, string>();
        foreach ((string way, string stack) in ((string, string)[])[(Plain, ServerKit.Bare), (Below, ServerKit.Bare), (Plain, ServerKit.Faulty)])
        {
            foreach (string says in ServerKit.Sentences(withThousands: (way, stack) == (Plain, ServerKit.Bare)))
            {
                data.Add(way, stack, says);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(SentencesOnStacks))]
    public async Task A_sentence_holds_or_does_not_apply(string way, string stack, string says)
    {
        S3Options options = way == Plain ? S3Server.Options(shared.Name) : S3Server.TlsOptions(shared.Name) with { Prefix = StorePath.FromText("a/root") };
        await using IStore store = ServerKit.Stack(stack, new S3Store(options, TimeProvider.System));
        await ServerKit.RequireAsync(store, says);
    }

    /// <summary>One bucket for all sentences: each works below a directory of its own.</summary>
    public sealed class Bucket : IAsyncLifetime
    {
        private S3Bucket? _bucket;

        public string Name => _bucket!.Name;

        public async Task InitializeAsync() => _bucket = await S3Bucket.MakeAsync();

        public async Task DisposeAsync() => await _bucket!.DisposeAsync();
    }
}
