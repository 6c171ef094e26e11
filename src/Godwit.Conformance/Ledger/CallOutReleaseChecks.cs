using System.Runtime.CompilerServices;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.CallOutSamples;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;
using static Godwit.Transfers.TransferState;

namespace Godwit.Conformance.Ledger;

/// <summary>Who is told that what he made ready is needed no more.</summary>
internal static class CallOutReleaseChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("Whoever may have heard of a round is to be told when it is over, and nobody else", DueAsync),
        new("What is due for release is listed by when it is due, and no more than are asked for", OrderAsync),
        new("A release that failed is due again when it says so, until he is told or it is given up", TriedAsync),
    ];

    private static async Task DueAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ICallOuts all = opened.CallOuts;
        await all.BeginAsync(Wanted("c2", stage: CallStage.Prepare), default).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.Taken, Ready).ConfigureAwait(false);
        await opened.TakeAsync("t1", Staging, Staged, Transferring).ConfigureAwait(false);
        Require(await all.NextReleaseAsync(default).ConfigureAwait(false) is null, "a release is due before the round is over");
        await RequireDueAsync(all, 99).ConfigureAwait(false);
        Require(!await all.RecordReleaseAsync("c1", new ReleaseTry(At(60), null, null), default).ConfigureAwait(false), "it was released before the round is over");
        await opened.TakeAsync("t1", Transferring, Partial).ConfigureAwait(false);
        Require(await all.NextReleaseAsync(default).ConfigureAwait(false) is { } due && due <= At(51), "no release is due when the round is over");
        await RequireDueAsync(all, 51, "c1").ConfigureAwait(false);
        Require(!await all.RecordReleaseAsync("c2", new ReleaseTry(At(60), null, null), default).ConfigureAwait(false), "one was released who was never asked");
        await opened.TakeAsync("t1", Partial, Submitted, Staging).ConfigureAwait(false);
        await all.BeginAsync(Wanted("c3", round: 2), default).ConfigureAwait(false);
        await opened.AskAsync("c3").ConfigureAwait(false);
        await RequireDueAsync(all, 99, "c1").ConfigureAwait(false);
    }

    private static async Task OrderAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ICallOuts all = opened.CallOuts;
        await opened.TakeAsync("t2", Submitted, Staging).ConfigureAwait(false);
        await all.BeginAsync(Wanted("c2", "t2"), default).ConfigureAwait(false);
        await opened.AskAsync("c2").ConfigureAwait(false);
        await opened.TakeAsync("t1", Staging, Canceled).ConfigureAwait(false);
        await opened.TakeAsync("t2", Staging, Staged, Canceled).ConfigureAwait(false);
        await RequireDueAsync(all, 52, "c1", "c2").ConfigureAwait(false);
        await RequireDueAsync(all, 51, "c1").ConfigureAwait(false);
        Require((await all.ListToReleaseAsync(At(99), 1, default).ConfigureAwait(false)).Count == 1, "there are more than were asked for");
        await all.RecordReleaseAsync("c1", new ReleaseTry(At(60), "no answer", At(70)), default).ConfigureAwait(false);
        await RequireDueAsync(all, 99, "c2", "c1").ConfigureAwait(false);
    }

    private static async Task TriedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ICallOuts all = opened.CallOuts;
        await opened.TakeAsync("t2", Submitted, Staging).ConfigureAwait(false);
        await all.BeginAsync(Wanted("c2", "t2"), default).ConfigureAwait(false);
        await opened.AskAsync("c2").ConfigureAwait(false);
        await opened.TakeAsync("t1", Staging, Canceled).ConfigureAwait(false);
        await opened.TakeAsync("t2", Staging, Canceled).ConfigureAwait(false);
        foreach (int at in (int[])[60, 70])
        {
            Require(await all.RecordReleaseAsync("c1", new ReleaseTry(At(at), "no answer", At(at + 10)), default).ConfigureAwait(false), "no try is written down");
        }

        await all.RecordReleaseAsync("c2", new ReleaseTry(At(75), "gone", null), default).ConfigureAwait(false);
        Require(await opened.FoundAsync("c2").ConfigureAwait(false) is { Released: null, ReleaseFault: "gone" }, "what was given up is not told so");
        Require(await all.NextReleaseAsync(default).ConfigureAwait(false) == At(80), "the next release is due at another moment");
        await RequireDueAsync(all, 79).ConfigureAwait(false);
        await RequireDueAsync(all, 80, "c1").ConfigureAwait(false);
        await all.RecordReleaseAsync("c1", new ReleaseTry(At(81), null, At(999)), default).ConfigureAwait(false);
        CallOut told = await opened.FoundAsync("c1").ConfigureAwait(false);
        Require(told.Released == At(81) && told.ReleaseFault is null, $"he was told, and it is {told}");
        Require(await all.NextReleaseAsync(default).ConfigureAwait(false) is null, "one waits who was told");
        foreach (string id in (string[])["c1", "c2", "none"])
        {
            Require(!await all.RecordReleaseAsync(id, new ReleaseTry(At(90), "late", At(91)), default).ConfigureAwait(false), $"{id} waits for no release, and was told");
        }

        RequireSame(
            ["stage tape begun - -", "stage tape asked - -", "stage tape release-failed - no answer", "stage tape released - -"],
            await opened.ToldAsync().ConfigureAwait(false),
            "the journal");
    }

    private static async Task RequireDueAsync(ICallOuts all, long second, params string[] ids)
    {
        IReadOnlyList<CallOut> due = await all.ListToReleaseAsync(At(second), 9, default).ConfigureAwait(false);
        RequireSame(ids, due.Select(one => one.What.Id), $"what is due at {second}");
    }
}
