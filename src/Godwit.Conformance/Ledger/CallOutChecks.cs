using System.Runtime.CompilerServices;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.CallOutSamples;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;
using static Godwit.Transfers.TransferState;

namespace Godwit.Conformance.Ledger;

/// <summary>Whom a service asked to make transfers ready, and what he answered.</summary>
internal static class CallOutChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("A call-out begins once for each stage of a round, and the first one stays", BegunAsync),
        new("An id of two call-outs, and a call-out of no transfer, are refused", RefusedAsync),
        new("Whoever is asked again answers with the newest code", AskedAsync),
        new("A try to ask is acknowledged or told with its fault, and the journal tells each fault once", RecordedAsync),
        new("Nobody is asked any more who answered, or whose round is over", NotAskedAsync),
        new("An answer is taken once, and comes back as it was given", AnsweredAsync),
        new("The same answer again changes nothing, and another one is told apart", RepeatedAsync),
        new("An answer of a transfer that left its stage is too late", LateByStateAsync),
        new("An answer of a round that is over is too late", LateByRoundAsync),
        new("An answer at the deadline or after it is too late", LateByTimeAsync),
        new("Where nobody could answer, answers count for a while longer", AllowedAsync),
        new("A wrong code and a call-out that is none are the same", WrongCodeAsync),
        new("A call-out is as it was when the ledger is opened again", ReopenedAsync),
        new("The call-outs of a transfer are listed by round, and stage before prepare", ListedAsync),
    ];

    private static async Task BegunAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        CallOut first = await opened.CallOuts.BeginAsync(Wanted("c1"), default).ConfigureAwait(false);
        Require(first == new CallOut(Wanted("c1")), $"it is {first}");
        CallOut again = await opened.CallOuts.BeginAsync(Wanted("c2") with { Deadline = At(200) }, default).ConfigureAwait(false);
        Require(again == first && await opened.FoundAsync("c1").ConfigureAwait(false) == first, $"it became {again}");
        Require((await opened.CallOuts.BeginAsync(Wanted("c3", stage: CallStage.Prepare), default).ConfigureAwait(false)).What.Id == "c3", "another stage has none");
        Require((await opened.CallOuts.BeginAsync(Wanted("c4", round: 2), default).ConfigureAwait(false)).What.Id == "c4", "another round has none");
        RequireSame(["stage tape begun - -", "prepare tape begun - -", "stage tape begun - -"], await opened.ToldAsync().ConfigureAwait(false), "the journal");
    }

    private static async Task RefusedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.ReceiveAsync(Submission("t3"), default).ConfigureAwait(false);
        foreach (NewCallOut wanted in (NewCallOut[])[Wanted("c1", "t2"), Wanted("c2", "none"), Wanted("c3", "t3")])
        {
            await RequireRefusedAsync(async () => await opened.CallOuts.BeginAsync(wanted, default).ConfigureAwait(false), $"{wanted} began").ConfigureAwait(false);
        }

        Require(await opened.CallOuts.ListAsync("t2", default).ConfigureAwait(false) is [], "another transfer has the call-out");
    }

    private static async Task AskedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.AskAsync("c1", "new").ConfigureAwait(false);
        CallOut asked = await opened.FoundAsync("c1").ConfigureAwait(false);
        Require(asked == new CallOut(Wanted("c1")) { Tries = 2, CodeHash = "new" }, $"it is {asked}");
        RequireSame(["stage tape begun - -", "stage tape asked - -"], await opened.ToldAsync().ConfigureAwait(false), "the journal");
        await opened.RequireTakenAsync(AnswerTaken.Unknown, Ready).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.Taken, Ready, hash: "new").ConfigureAwait(false);
    }

    private static async Task RecordedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        foreach ((string? fault, int at) in ((string?[])["no answer", "no answer", "busy\0", "busy\0", null, null]).Select((fault, at) => (fault, at)))
        {
            Require(await opened.CallOuts.RecordAskedAsync("c1", fault, At(12 + at), default).ConfigureAwait(false), $"{fault} is not written down");
            CallOut found = await opened.FoundAsync("c1").ConfigureAwait(false);
            Require(found.Fault == fault?.Replace('\0', '\uFFFD') && found.Acknowledged == (fault is null ? At(16) : null), $"after {fault} it is {found}");
        }

        RequireSame(
            ["stage tape begun - -", "stage tape asked - -", "stage tape fault - no answer", "stage tape fault - busy\uFFFD", "stage tape acknowledged - -"],
            await opened.ToldAsync().ConfigureAwait(false),
            "the journal");
        Require(!await opened.CallOuts.RecordAskedAsync("none", null, At(20), default).ConfigureAwait(false), "none was asked");
    }

    private static async Task NotAskedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c2", stage: CallStage.Prepare), default).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.Taken, Ready).ConfigureAwait(false);
        CallOut before = await opened.FoundAsync("c1").ConfigureAwait(false);
        Require(!await opened.CallOuts.RecordAskedAsync("c1", "late", At(31), default).ConfigureAwait(false), "a try was written down after the answer");
        await opened.TakeAsync("t1", Staging, Canceled).ConfigureAwait(false);
        foreach (string id in (string[])["c1", "c2", "none"])
        {
            Require(!await opened.CallOuts.AskAsync(id, "late", At(60), default).ConfigureAwait(false), $"{id} was asked");
        }

        Require(await opened.FoundAsync("c1").ConfigureAwait(false) == before, "it was changed");
        Require(await opened.FoundAsync("c2").ConfigureAwait(false) is { Tries: 0 }, "a call-out of a round that is over was tried");
    }

    private static async Task AnsweredAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.Taken, Ready).ConfigureAwait(false);
        Require((await opened.FoundAsync("c1").ConfigureAwait(false)).Answer == Ready, "its answer is another");
        await opened.TakeAsync("t1", Staging, Staged, Preparing).ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c2", stage: CallStage.Prepare), default).ConfigureAwait(false);
        await opened.AskAsync("c2").ConfigureAwait(false);
        var failed = new CallAnswer(At(60), false, "");
        await opened.RequireTakenAsync(AnswerTaken.Taken, failed, "c2").ConfigureAwait(false);
        Require((await opened.FoundAsync("c2").ConfigureAwait(false)).Answer == failed, "its answer is no failure");
        RequireSame(
            [
                "stage tape begun - -", "stage tape asked - -", "stage tape answered True ä",
                "prepare tape begun - -", "prepare tape asked - -", "prepare tape answered False -",
            ],
            await opened.ToldAsync().ConfigureAwait(false),
            "the journal");
    }

    private static async Task RepeatedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.Taken, Ready).ConfigureAwait(false);
        foreach (TransferState state in (TransferState[])[Staging, Canceled])
        {
            await opened.RequireTakenAsync(AnswerTaken.Repeated, Ready with { At = At(200), Message = "again" }).ConfigureAwait(false);
            await opened.RequireTakenAsync(AnswerTaken.Differs, Ready with { IsSuccess = false }).ConfigureAwait(false);
            await opened.RequireTakenAsync(AnswerTaken.Differs, Ready with { Source = "disk:other" }).ConfigureAwait(false);
            await opened.RequireTakenAsync(AnswerTaken.Differs, Ready with { Source = null, Endpoint = null }).ConfigureAwait(false);
            await opened.RequireTakenAsync(AnswerTaken.Unknown, Ready, hash: "other").ConfigureAwait(false);
            if (state == Staging)
            {
                await opened.TakeAsync("t1", Staging, Canceled).ConfigureAwait(false);
            }
        }

        Require((await opened.FoundAsync("c1").ConfigureAwait(false)).Answer == Ready, "the first answer was lost");
        Require((await opened.ToldAsync().ConfigureAwait(false)).Count(text => text.Contains("answered", StringComparison.Ordinal)) == 1, "it is told twice");
    }

    private static async Task LateByStateAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c2", stage: CallStage.Prepare), default).ConfigureAwait(false);
        await opened.AskAsync("c2").ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.TooLate, Ready, "c2").ConfigureAwait(false);
        await opened.TakeAsync("t1", Staging, Staged, Preparing).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.TooLate, Ready).ConfigureAwait(false);
        await opened.TakeAsync("t1", Preparing, Error).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.TooLate, Ready, "c2").ConfigureAwait(false);
        Require((await opened.FoundAsync("c2").ConfigureAwait(false)).Answer is null, "it was written down");
    }

    private static async Task LateByRoundAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.TakeAsync("t1", Staging, Error, Submitted, Staging).ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c2", round: 2), default).ConfigureAwait(false);
        await opened.AskAsync("c2", "h2").ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.TooLate, Ready).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.Taken, Ready, "c2", "h2").ConfigureAwait(false);
    }

    private static async Task LateByTimeAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.TooLate, Ready with { At = At(101) }).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.TooLate, Ready with { At = At(100) }).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.Taken, Ready with { At = At(99) }).ConfigureAwait(false);
    }

    private static async Task AllowedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c2", "t2"), default).ConfigureAwait(false);
        await opened.CallOuts.AllowUntilAsync(At(90), default).ConfigureAwait(false);
        Require((await opened.FoundAsync("c1").ConfigureAwait(false)).What.Deadline == At(100), "a deadline comes earlier");
        await opened.CallOuts.AllowUntilAsync(At(150), default).ConfigureAwait(false);
        Require((await opened.FoundAsync("c2").ConfigureAwait(false)).What.Deadline == At(100), "a call-out counts longer whose transfer does not wait for it");
        await opened.RequireTakenAsync(AnswerTaken.TooLate, Ready with { At = At(150) }).ConfigureAwait(false);
        await opened.RequireTakenAsync(AnswerTaken.Taken, Ready with { At = At(149) }).ConfigureAwait(false);
        await opened.CallOuts.AllowUntilAsync(At(200), default).ConfigureAwait(false);
        Require((await opened.FoundAsync("c1").ConfigureAwait(false)).What.Deadline == At(150), "one that was answered counts longer");
    }

    private static async Task WrongCodeAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.TakeAsync("t2", Submitted, Staging).ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c2", "t2"), default).ConfigureAwait(false);
        foreach ((string id, string hash) in new[] { ("c1", "H"), ("c1", ""), ("none", "h"), ("c2", "h"), ("c2", "") })
        {
            await opened.RequireTakenAsync(AnswerTaken.Unknown, Ready, id, hash).ConfigureAwait(false);
        }

        Require((await opened.FoundAsync("c1").ConfigureAwait(false)).Answer is null, "it was written down");
        Require(await opened.CallOuts.FindAsync("none", default).ConfigureAwait(false) is null, "there is one that is none");
    }

    private static async Task ReopenedAsync(OpenSubmissions open)
    {
        CallOut before;
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using (opened.ConfigureAwait(false))
        {
            await opened.CallOuts.RecordAskedAsync("c1", null, At(12), default).ConfigureAwait(false);
            await opened.RequireTakenAsync(AnswerTaken.Taken, Ready).ConfigureAwait(false);
            before = await opened.FoundAsync("c1").ConfigureAwait(false);
        }

        OpenedSubmissions again = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = again.ConfigureAwait(false);
        CallOut found = await again.FoundAsync("c1").ConfigureAwait(false);
        Require(found == before && found is { Tries: 1, CodeHash: "h", Acknowledged: not null, Answer: not null }, $"it was {before} and is {found}");
        await again.RequireTakenAsync(AnswerTaken.Repeated, Ready).ConfigureAwait(false);
    }

    private static async Task ListedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c4", round: 2, stage: CallStage.Prepare), default).ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c3", round: 2), default).ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c2", stage: CallStage.Prepare), default).ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("other", "t2"), default).ConfigureAwait(false);
        IReadOnlyList<CallOut> all = await opened.CallOuts.ListAsync("t1", default).ConfigureAwait(false);
        RequireSame(["c1", "c2", "c3", "c4"], all.Select(one => one.What.Id), "the call-outs");
        Require(all[0] == await opened.FoundAsync("c1").ConfigureAwait(false), "it is listed as another than it is found");
        Require(await opened.CallOuts.ListAsync("none", default).ConfigureAwait(false) is [], "none has some");
    }
}
