using System.Runtime.CompilerServices;
using Godwit.Transfers.Record.Access;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;

namespace Godwit.Conformance.Ledger;

/// <summary>What is kept of tokens.</summary>
internal static class TokenChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("A token comes back as it was written down, and an id is taken once", ComesBackAsync),
        new("A token that is taken back says since when, and the first moment stays", RevokedAsync),
    ];

    private static async Task ComesBackAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        Token first = Sample("a") with { Expires = At(9) };
        Token second = Sample("b");
        await opened.Tokens.AddAsync(second, default).ConfigureAwait(false);
        await opened.Tokens.AddAsync(first, default).ConfigureAwait(false);
        Require(await opened.Tokens.FindAsync("a", default).ConfigureAwait(false) == first, "the first one is another");
        Require(await opened.Tokens.FindAsync("c", default).ConfigureAwait(false) is null, "there is one that nobody wrote down");
        Require(await opened.Tokens.ListAsync(null, 1, default).ConfigureAwait(false) is [{ Id: "a" }], "the list does not begin with the first");
        Require(await opened.Tokens.ListAsync("a", 9, default).ConfigureAwait(false) is [{ Id: "b" }], "the list does not go on with the second");
        await RequireRefusedAsync(async () => await opened.Tokens.AddAsync(Sample("a"), default).ConfigureAwait(false), "an id was taken twice").ConfigureAwait(false);
    }

    private static async Task RevokedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Tokens.AddAsync(Sample("a"), default).ConfigureAwait(false);
        Require(await opened.Tokens.RevokeAsync("a", At(6), default).ConfigureAwait(false), "it was not taken back");
        Require(await opened.Tokens.RevokeAsync("a", At(7), default).ConfigureAwait(false), "it was not taken back again");
        Require(!await opened.Tokens.RevokeAsync("b", At(6), default).ConfigureAwait(false), "one that is none was taken back");
        Require(await opened.Tokens.FindAsync("a", default).ConfigureAwait(false) == Sample("a") with { Revoked = At(6) }, "it says something else");
    }

    private static Token Sample(string id) => new(id, "00ff", "alice", "atlas", TokenRoles.Submitter | TokenRoles.Stager, At(5));
}
