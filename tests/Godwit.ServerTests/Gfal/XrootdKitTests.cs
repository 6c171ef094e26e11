namespace Godwit.ServerTests.Gfal;

/// <summary>The conformance kit on a real XRootD server.</summary>
public sealed class XrootdKitTests(GridStores shared) : IClassFixture<GridStores>
{
    public static TheoryData<string, string, string> SentencesOnStacks() => GridStores.SentencesOn(
        ("xrootd", ServerKit.Bare), ("xrootd", ServerKit.Layered), ("xrootd", ServerKit.Faulty), ("xrootd-tls", ServerKit.Bare));

    [Theory]
    [MemberData(nameof(SentencesOnStacks))]
    public async Task A_sentence_holds_or_does_not_apply(string server, string stack, string says) =>
        await ServerKit.RequireAsync(ServerKit.Stack(stack, shared.Of(server)), says);
}
