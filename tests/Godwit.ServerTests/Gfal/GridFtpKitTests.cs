namespace Godwit.ServerTests.Gfal;

/// <summary>The conformance kit on a real GridFTP server.</summary>
public sealed class GridFtpKitTests(GridStores shared) : IClassFixture<GridStores>
{
    public static TheoryData<string, string, string> SentencesOnStacks() => GridStores.SentencesOn(
        ("gridftp", ServerKit.Bare), ("gridftp", ServerKit.Layered), ("gridftp", ServerKit.Faulty));

    [Theory]
    [MemberData(nameof(SentencesOnStacks))]
    public async Task A_sentence_holds_or_does_not_apply(string server, string stack, string says) =>
        await ServerKit.RequireAsync(ServerKit.Stack(stack, shared.Of(server)), says);
}
