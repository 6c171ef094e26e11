using System.Runtime.CompilerServices;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;
using static Godwit.Transfers.TransferState;

namespace Godwit.Conformance.Ledger;

/// <summary>Where transfers stand that were handed to a service.</summary>
internal static class SubmissionStateChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("A step is taken from the state that it names and from no other", StepAsync),
        new("Of two that take a step at once, one takes it", OneStepsAsync),
        new("A step that is not in the table is an error, whatever the state is", NoSuchStepAsync),
        new("Each state is stamped once, in order, and a retry begins another round", StampsAsync),
        new("A retry forgets that somebody wanted to cancel", RetryForgetsAsync),
        new("Transfers are listed newest first, page by page, by owner, project and state", ListAsync),
        new("What has not ended is listed in the order in which it came, paused or not", OpenOnesAsync),
        new("A pause, a priority and a wish to cancel are kept", KeptAsync),
        new("What is resumed waits since then, until it enters another state", WaitingAsync),
        new("What has ended cannot be paused or cancelled, and is paused no more", EndedAsync),
        new("Runs belong to one transfer and to the round in which they began", RunsAsync),
    ];

    private static async Task StepAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        Require(!await all.StepAsync("t1", Staging, Staged, null, At(6), default).ConfigureAwait(false), "it went on from another state");
        Require(!await all.StepAsync("t2", Submitted, Staging, null, At(6), default).ConfigureAwait(false), "one that is none went on");
        Require(await all.StepAsync("t1", Submitted, Transferring, "its turn", At(6), default).ConfigureAwait(false), "it did not go on");
        Submission? now = await all.FindAsync("t1", default).ConfigureAwait(false);
        Require(now is { State: Transferring, Why: "its turn", Round: 1 }, $"it is {now}");
    }

    private static async Task OneStepsAsync(OpenSubmissions open)
    {
        OpenedSubmissions first = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable firstClosing = first.ConfigureAwait(false);
        OpenedSubmissions second = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable secondClosing = second.ConfigureAwait(false);
        for (int round = 0; round < 20; round++)
        {
            string id = $"t{round}";
            await first.Submissions.AcceptedAsync(id).ConfigureAwait(false);
            bool[] taken = await Task.WhenAll(
                Task.Run(() => first.Submissions.StepAsync(id, Submitted, Transferring, "a", At(6), default).AsTask()),
                Task.Run(() => second.Submissions.StepAsync(id, Submitted, Canceled, "b", At(6), default).AsTask())).ConfigureAwait(false);
            Require(taken.Count(one => one) == 1, "not exactly one step was taken");
        }
    }

    private static async Task NoSuchStepAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        foreach ((TransferState from, TransferState to) in new[] { (Submitted, Success), (Submitted, Staged), (Success, Submitted), (Submitted, Submitted) })
        {
            try
            {
                await opened.Submissions.StepAsync("t1", from, to, null, At(6), default).ConfigureAwait(false);
            }
            catch (ArgumentException)
            {
                continue;
            }

            throw new LedgerCheckException($"from {from} to {to} is no error");
        }

        Require(await opened.Submissions.FindAsync("t1", default).ConfigureAwait(false) is { State: Submitted }, "it is in another state");
    }

    private static async Task StampsAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        (TransferState From, TransferState To)[] way =
            [(Submitted, Staging), (Staging, Staged), (Staged, Transferring), (Transferring, Partial), (Partial, Submitted), (Submitted, Transferring), (Transferring, Success)];
        foreach (((TransferState from, TransferState to), int at) in way.Select((step, at) => (step, at)))
        {
            Require(await all.StepAsync("t1", from, to, null, At(10 + at), default).ConfigureAwait(false), $"{from} to {to} was not taken");
        }

        RequireSame(
            ["1 Submitted 5", "1 Staging 10", "1 Staged 11", "1 Transferring 12", "1 Partial 13", "2 Submitted 14", "2 Transferring 15", "2 Success 16"],
            (await all.ListStepsAsync("t1", default).ConfigureAwait(false)).Select(step => $"{step.Round} {step.State} {step.Entered.Nanoseconds / 1_000_000_000}"),
            "the steps");
        Require(await all.FindAsync("t1", default).ConfigureAwait(false) is { State: Success, Round: 2 }, "it is not in its second round");
    }

    private static async Task RetryForgetsAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        await all.AskCancelAsync("t1", At(6), default).ConfigureAwait(false);
        await all.StepAsync("t1", Submitted, Canceled, null, At(7), default).ConfigureAwait(false);
        Require(await all.FindAsync("t1", default).ConfigureAwait(false) is { CancelAsked: not null }, "it is forgotten too early");
        await all.StepAsync("t1", Canceled, Submitted, null, At(8), default).ConfigureAwait(false);
        Require(await all.FindAsync("t1", default).ConfigureAwait(false) is { CancelAsked: null, Round: 2 }, "the next round is cancelled, too");
    }

    private static async Task ListAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        await all.AcceptedAsync(Submission("t2") with { Owner = "bob" }).ConfigureAwait(false);
        await all.AcceptedAsync(Submission("t3") with { Project = "cta" }).ConfigureAwait(false);
        await all.AcceptedAsync(Submission("t4") with { Owner = "bob", Project = "cta" }).ConfigureAwait(false);
        await all.StepAsync("t4", Submitted, Canceled, null, At(6), default).ConfigureAwait(false);
        (SubmissionFilter Filter, string[] Ids)[] questions =
        [
            (new SubmissionFilter(), ["t4", "t3", "t2", "t1"]),
            (new SubmissionFilter { Owner = "bob" }, ["t4", "t2"]),
            (new SubmissionFilter { Project = "cta" }, ["t4", "t3"]),
            (new SubmissionFilter { State = Submitted }, ["t3", "t2", "t1"]),
            (new SubmissionFilter { Owner = "bob", Project = "cta", State = Canceled }, ["t4"]),
            (new SubmissionFilter { Owner = "eve" }, []),
        ];
        foreach ((SubmissionFilter filter, string[] ids) in questions)
        {
            var found = new List<string>();
            while (await all.ListAsync(filter, found.LastOrDefault(), 1, default).ConfigureAwait(false) is [{ } next] && found.Count < 9)
            {
                found.Add(next.Id);
            }

            RequireSame(ids, found, $"{filter}");
        }
    }

    private static async Task OpenOnesAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        foreach (string id in (string[])["t1", "t2", "t3", "t4"])
        {
            await all.AcceptedAsync(id).ConfigureAwait(false);
        }

        await all.StepAsync("t2", Submitted, Error, null, At(6), default).ConfigureAwait(false);
        await all.StepAsync("t3", Submitted, Transferring, null, At(6), default).ConfigureAwait(false);
        await all.PauseAsync("t4", new SubmissionPause(At(6), "bob", ""), default).ConfigureAwait(false);
        var found = new List<string>();
        while (await all.ListOpenAsync(found.LastOrDefault(), 1, default).ConfigureAwait(false) is [{ } next] && found.Count < 9)
        {
            found.Add(next.Id);
        }

        RequireSame(["t1", "t3", "t4"], found, "what has not ended");
    }

    private static async Task KeptAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        Submission accepted = await all.AcceptedAsync("t1").ConfigureAwait(false);
        var pause = new SubmissionPause(At(6), "bob", "tape is down");
        Require(await all.PauseAsync("t1", pause, default).ConfigureAwait(false), "not paused");
        Require(await all.SetPriorityAsync("t1", 5, default).ConfigureAwait(false), "no other priority");
        Require(await all.AskCancelAsync("t1", At(7), default).ConfigureAwait(false), "not cancelled");
        Require(await all.AskCancelAsync("t1", At(8), default).ConfigureAwait(false), "not cancelled again");
        Submission? found = await all.FindAsync("t1", default).ConfigureAwait(false);
        Require(found == accepted with { Pause = pause, Priority = 5, CancelAsked = At(7) }, $"found: {found}");
        Require(await all.PauseAsync("t1", null, default).ConfigureAwait(false), "not resumed");
        Require(await all.FindAsync("t1", default).ConfigureAwait(false) is { Pause: null }, "it is paused still");
    }

    private static async Task WaitingAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        await all.PauseAsync("t1", null, default).ConfigureAwait(false);
        Require(await all.FindAsync("t1", default).ConfigureAwait(false) is { WaitingSince: null }, "it was resumed and never paused");
        await all.PauseAsync("t1", new SubmissionPause(At(6), "bob", ""), default).ConfigureAwait(false);
        Require(await all.FindAsync("t1", default).ConfigureAwait(false) is { WaitingSince: null }, "it is paused and waits");
        await all.PauseAsync("t1", null, default).ConfigureAwait(false);
        JournalEvent resumed = (await opened.Journal.ReadAsync(new EventFilter(), 0, 9, default).ConfigureAwait(false))[^1];
        Require((await all.FindAsync("t1", default).ConfigureAwait(false))?.WaitingSince == resumed.At, "it does not wait since it was resumed");
        Require((await all.ListOpenAsync(null, 9, default).ConfigureAwait(false))[0].WaitingSince == resumed.At, "it is listed otherwise than it is found");
        await all.PauseAsync("t1", null, default).ConfigureAwait(false);
        Require((await all.FindAsync("t1", default).ConfigureAwait(false))?.WaitingSince == resumed.At, "it was resumed twice");
        await all.StepAsync("t1", Submitted, Staging, null, At(7), default).ConfigureAwait(false);
        Require(await all.FindAsync("t1", default).ConfigureAwait(false) is { WaitingSince: null }, "it waits since before it entered its state");
    }

    private static async Task EndedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        var pause = new SubmissionPause(At(6), "bob", "");
        await all.PauseAsync("t1", pause, default).ConfigureAwait(false);
        await all.StepAsync("t1", Submitted, Canceled, null, At(6), default).ConfigureAwait(false);
        foreach (string id in (string[])["t1", "nothing"])
        {
            Require(!await all.PauseAsync(id, pause, default).ConfigureAwait(false), $"{id} was paused");
            Require(!await all.SetPriorityAsync(id, 1, default).ConfigureAwait(false), $"{id} got another priority");
            Require(!await all.AskCancelAsync(id, At(8), default).ConfigureAwait(false), $"{id} was cancelled");
        }

        Require(await all.FindAsync("t1", default).ConfigureAwait(false) is { Pause: null, CancelAsked: null }, "it is paused, or to be cancelled");
    }

    private static async Task RunsAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        await all.AcceptedAsync("t2").ConfigureAwait(false);
        await all.RecordRunAsync("t1", "run1", default).ConfigureAwait(false);
        await all.RecordRunAsync("t1", "run2", default).ConfigureAwait(false);
        await all.StepAsync("t1", Submitted, Error, null, At(6), default).ConfigureAwait(false);
        await all.StepAsync("t1", Error, Submitted, null, At(7), default).ConfigureAwait(false);
        await all.RecordRunAsync("t1", "run3", default).ConfigureAwait(false);
        await RequireRefusedAsync(async () => await all.RecordRunAsync("t2", "run1", default).ConfigureAwait(false), "a run has two transfers").ConfigureAwait(false);
        await RequireRefusedAsync(async () => await all.RecordRunAsync("t9", "run9", default).ConfigureAwait(false), "a run has none").ConfigureAwait(false);
        RequireSame(
            ["1 run1", "1 run2", "2 run3"], (await all.ListRunsAsync("t1", default).ConfigureAwait(false)).Select(run => $"{run.Round} {run.RunId}"), "the runs");
        Require((await all.ListRunsAsync("t2", default).ConfigureAwait(false)).Count == 0, "a refused run is there");
    }
}
