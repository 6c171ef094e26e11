using Godwit.Backends.DropBox;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>The conformance kit on a drop box in a bucket of a real gateway.</summary>
public sealed class BucketBoxTests(S3KitTests.Bucket shared) : IClassFixture<S3KitTests.Bucket>
{
    public static TheoryData<string> Sentences() => [.. ServerKit.Sentences(withThousands: false)];

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task A_sentence_holds_or_does_not_apply(string says)
    {
        var bucket = new S3Store(S3Server.Options(shared.Name) with { Prefix = StorePath.FromText("a/box") }, TimeProvider.System);
        await using var box = new DropBoxStore(ServerKit.Stack(ServerKit.Layered, bucket), DropBoxOptions.Default, TimeProvider.System);
        await ServerKit.RequireAsync(box, says);
    }
}
