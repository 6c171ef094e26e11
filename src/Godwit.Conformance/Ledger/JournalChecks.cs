using System.Runtime.CompilerServices;
using System.Text.Json;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;

namespace Godwit.Conformance.Ledger;

/// <summary>What the journal of a service tells.</summary>
internal static class JournalChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("Events come back in order, after the one that was seen, of the transfers that are meant", ReadAsync),
        new("Steps, pauses, priorities and wishes to cancel write their events, once each", OwnEventsAsync),
        new("Whoever waits for the journal is told of what this process writes", ChangedAsync),
        new("The newest number is that of the last event", LastAsync),
        new("No event is written for what was not accepted", NoTransferAsync),
    ];

    private static async Task ReadAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync(Submission("t2") with { Owner = "bob", Project = "cta" }).ConfigureAwait(false);
        long before = (await EventsAsync(opened, new EventFilter(), 0).ConfigureAwait(false))[^1].Id;
        await opened.Journal.AppendAsync("t1", [new NewEvent(At(6), "{\"n\":1}"), new NewEvent(At(7), "{\"n\":2}")], default).ConfigureAwait(false);
        await opened.Journal.AppendAsync("t2", [new NewEvent(At(8), "{\"n\":3}")], default).ConfigureAwait(false);
        (EventFilter Filter, string[] Texts)[] questions =
        [
            (new EventFilter(), ["t1 6 {\"n\":1}", "t1 7 {\"n\":2}", "t2 8 {\"n\":3}"]),
            (new EventFilter { Submission = "t1" }, ["t1 6 {\"n\":1}", "t1 7 {\"n\":2}"]),
            (new EventFilter { Owner = "bob" }, ["t2 8 {\"n\":3}"]),
            (new EventFilter { Project = "atlas" }, ["t1 6 {\"n\":1}", "t1 7 {\"n\":2}"]),
            (new EventFilter { Submission = "t1", Owner = "bob" }, []),
        ];
        foreach ((EventFilter filter, string[] texts) in questions)
        {
            List<JournalEvent> found = await EventsAsync(opened, filter, before).ConfigureAwait(false);
            RequireSame(texts, found.Select(one => $"{one.Submission} {one.At.Nanoseconds / 1_000_000_000} {one.Text}"), $"{filter}");
        }
    }

    private static async Task LastAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await opened.Journal.AppendAsync("t1", [new NewEvent(At(6), "{\"n\":1}")], default).ConfigureAwait(false);
        long last = await opened.Journal.LastAsync(default).ConfigureAwait(false);
        Require(last == (await EventsAsync(opened, new EventFilter(), 0).ConfigureAwait(false))[^1].Id, $"it is {last}");
    }

    private static async Task OwnEventsAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        await all.PauseAsync("t1", null, default).ConfigureAwait(false);
        await all.PauseAsync("t1", new SubmissionPause(At(6), "bob", "m"), default).ConfigureAwait(false);
        await all.PauseAsync("t1", null, default).ConfigureAwait(false);
        await all.SetPriorityAsync("t1", 5, default).ConfigureAwait(false);
        await all.AskCancelAsync("t1", At(7), default).ConfigureAwait(false);
        await all.AskCancelAsync("t1", At(8), default).ConfigureAwait(false);
        await all.StepAsync("t1", TransferState.Staged, TransferState.Canceled, null, At(9), default).ConfigureAwait(false);
        await all.StepAsync("t1", TransferState.Submitted, TransferState.Canceled, "asked", At(9), default).ConfigureAwait(false);
        await all.PauseAsync("t1", null, default).ConfigureAwait(false);
        RequireSame(
            ["transfer.state SUBMITTED", "transfer.paused ", "transfer.resumed ", "transfer.priority ", "transfer.cancel-asked ", "transfer.state CANCELED"],
            (await EventsAsync(opened, new EventFilter { Submission = "t1" }, 0).ConfigureAwait(false)).Select(NameOf),
            "the events");
    }

    private static async Task ChangedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        Task accepted = opened.Journal.Changed;
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        Require(accepted.IsCompleted, "nobody was told of a step");
        Task appended = opened.Journal.Changed;
        Require(!appended.IsCompleted, "it is told before anything is written");
        await opened.Journal.AppendAsync("t1", [new NewEvent(At(6), "{}")], default).ConfigureAwait(false);
        Require(appended.IsCompleted, "nobody was told of an event");
    }

    private static async Task NoTransferAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.ReceiveAsync(Submission("t1"), default).ConfigureAwait(false);
        foreach (string id in (string[])["t1", "nothing"])
        {
            await RequireRefusedAsync(
                async () => await opened.Journal.AppendAsync(id, [new NewEvent(At(6), "{}")], default).ConfigureAwait(false), $"{id} has an event").ConfigureAwait(false);
        }
    }

    private static string NameOf(JournalEvent happened)
    {
        using var document = JsonDocument.Parse(happened.Text);
        JsonElement text = document.RootElement;
        Require(text.GetProperty("transfer").GetString() == happened.Submission, "an event names another transfer");
        return $"{text.GetProperty("event").GetString()} {(text.TryGetProperty("state", out JsonElement state) ? state.GetString() : "")}";
    }

    /// <summary>All events after a number, one by one.</summary>
    private static async Task<List<JournalEvent>> EventsAsync(OpenedSubmissions opened, EventFilter filter, long after)
    {
        var found = new List<JournalEvent>();
        while (await opened.Journal.ReadAsync(filter, found.Count == 0 ? after : found[^1].Id, 1, default).ConfigureAwait(false) is [{ } next])
        {
            Require(found.Count == 0 || next.Id > found[^1].Id, "numbers do not grow");
            found.Add(next);
        }

        return found;
    }
}
