using System.Runtime.CompilerServices;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;
using static Godwit.Transfers.TransferState;

namespace Godwit.Conformance.Ledger;

/// <summary>What is forgotten of what is long over.</summary>
internal static class HousekeepingChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("What is old is removed, and what is newer stays", OldAsync),
        new("No more of a kind is removed at once than may be, and nothing in the end", LimitAsync),
        new("Nothing is removed of a transfer that has not ended, or is tried again, or ended lately", OpenAsync),
        new("An event that notices have not followed is never removed", FollowedAsync),
        new("Notices and releases that wait are never removed", WaitingAsync),
        new("A planned time whose note was removed does not fire again", PlannedAsync),
        new("Whoever reads on after an event that was removed goes on with what is left", ReadOnAsync),
    ];

    private static async Task OldAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.TakeAsync("t1", Staging, Canceled).ConfigureAwait(false);
        await opened.CallOuts.RecordReleaseAsync("c1", new ReleaseTry(At(60), null, null), default).ConfigureAwait(false);
        await opened.Submissions.StepAsync("t2", Submitted, Canceled, null, At(200), default).ConfigureAwait(false);
        await opened.Journal.AppendAsync("t1", [new NewEvent(At(200), "{}")], default).ConfigureAwait(false);
        await opened.Audit.AppendAsync([Entry(99), Entry(100)], default).ConfigureAwait(false);
        await opened.Notices.FollowAsync(99, [Notice("n1", 99), Notice("n2", 99), Notice("n3", 99)], default).ConfigureAwait(false);
        await opened.Notices.RecordAsync("n1", new NoticeTry(At(99), null, null), default).ConfigureAwait(false);
        await opened.Notices.RecordAsync("n2", new NoticeTry(At(99), "gone", null), default).ConfigureAwait(false);
        await opened.Notices.RecordAsync("n3", new NoticeTry(At(100), null, null), default).ConfigureAwait(false);
        await ScheduledAsync(opened, 98, 99, 100).ConfigureAwait(false);

        int removed = await opened.Housekeeping.PruneAsync(At(100), 99, default).ConfigureAwait(false);
        Require(removed == 6 + 1 + 1 + 2 + 2, $"{removed} were removed");
        RequireSame(["t2 5", "t2 200", "t1 200"], await EventsAsync(opened, 0).ConfigureAwait(false), "the events");
        Require(await opened.CallOuts.ListAsync("t1", default).ConfigureAwait(false) is [], "a call-out is left");
        Require((await opened.Audit.ListAsync(null, 9, default).ConfigureAwait(false)).Single().At == At(100), "the audit trail is another");
        Require(await opened.Notices.ListAsync(null, null, 9, default).ConfigureAwait(false) is [{ What.Id: "n3" }], "the notices are others");
        Require((await opened.Schedules.ListRunsAsync("s", null, 9, default).ConfigureAwait(false)).Single().Planned == At(100), "the runs are others");
        Require(await opened.Submissions.FindAsync("t1", default).ConfigureAwait(false) is { State: Canceled }, "a transfer was removed");
        Require(await opened.Housekeeping.PruneAsync(At(100), 99, default).ConfigureAwait(false) == 0, "something was left");
    }

    private static async Task LimitAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await opened.TakeAsync("t1", Submitted, Canceled).ConfigureAwait(false);
        await opened.Journal.AppendAsync("t1", [.. Enumerable.Range(0, 3).Select(at => new NewEvent(At(60 + at), "{}"))], default).ConfigureAwait(false);
        await opened.Audit.AppendAsync([Entry(1), Entry(2), Entry(3)], default).ConfigureAwait(false);
        await ScheduledAsync(opened, 10, 20, 30, 40).ConfigureAwait(false);
        foreach (int expected in (int[])[6, 4, 1, 0])
        {
            int removed = await opened.Housekeeping.PruneAsync(At(100), 2, default).ConfigureAwait(false);
            Require(removed == expected, $"{removed} were removed instead of {expected}");
        }

        Require(await EventsAsync(opened, 0).ConfigureAwait(false) is [], "events are left");
        Require((await opened.Schedules.ListRunsAsync("s", null, 9, default).ConfigureAwait(false)).Single().Planned == At(40), "the newest run was removed");
    }

    private static async Task OpenAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.TakeAsync("t2", Submitted, Canceled, Submitted).ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t3").ConfigureAwait(false);
        await opened.Submissions.StepAsync("t3", Submitted, Canceled, null, At(200), default).ConfigureAwait(false);
        Require(await opened.Housekeeping.PruneAsync(At(200), 99, default).ConfigureAwait(false) == 0, "something was removed");
        RequireSame(
            ["t1 5", "t2 5", "t1 51", "t1 10", "t1 11", "t2 51", "t2 52", "t3 5", "t3 200"], await EventsAsync(opened, 0).ConfigureAwait(false), "the events");
        Require(await opened.CallOuts.FindAsync("c1", default).ConfigureAwait(false) is not null, "a call-out was removed");
    }

    private static async Task FollowedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await opened.Notices.SkipAsync(default).ConfigureAwait(false);
        await opened.TakeAsync("t1", Submitted, Canceled).ConfigureAwait(false);
        Require(await opened.Housekeeping.PruneAsync(At(100), 99, default).ConfigureAwait(false) == 1, "not one was removed");
        RequireSame(["t1 51"], await EventsAsync(opened, 0).ConfigureAwait(false), "the events");
        await opened.Notices.SkipAsync(default).ConfigureAwait(false);
        Require(await opened.Housekeeping.PruneAsync(At(100), 99, default).ConfigureAwait(false) == 1, "the one that was followed stays");
    }

    private static async Task WaitingAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open.OpenAskedAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.TakeAsync("t1", Staging, Canceled).ConfigureAwait(false);
        await opened.Notices.FollowAsync(0, [Notice("n1", 52)], default).ConfigureAwait(false);
        await opened.Notices.RecordAsync("n1", new NoticeTry(At(53), "no answer", At(54)), default).ConfigureAwait(false);
        Require(await opened.Housekeeping.PruneAsync(At(999), 99, default).ConfigureAwait(false) == 0, "something was removed that waits");
        Require(await opened.Notices.NextAsync("one", default).ConfigureAwait(false) is not null, "a notice waits no more");
        Require((await opened.CallOuts.ListToReleaseAsync(At(999), 9, default).ConfigureAwait(false)).Count == 1, "a release waits no more");
    }

    private static async Task PlannedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await ScheduledAsync(opened, 20, 30, 40).ConfigureAwait(false);
        Require(await opened.Housekeeping.PruneAsync(At(100), 99, default).ConfigureAwait(false) == 2, "the notes of two planned times were not removed");
        foreach (int planned in (int[])[10, 20, 30, 40])
        {
            Require(await opened.Schedules.FireAsync(Run(planned), Submission($"x{planned}"), "hash", default).ConfigureAwait(false) is null, $"{planned} fired again");
        }

        Require(await opened.Schedules.FireAsync(Run(50), Submission("t1"), "hash", default).ConfigureAwait(false) is not null, "what is planned next does not fire");
        ScheduleRun byHand = Run(35) with { IsByHand = true };
        Require(await opened.Schedules.FireAsync(byHand, Submission("t2"), "hash", default).ConfigureAwait(false) is not null, "what is asked for does not fire");
    }

    private static async Task ReadOnAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await opened.TakeAsync("t1", Submitted, Canceled).ConfigureAwait(false);
        long last = (await opened.Journal.ReadAsync(new EventFilter(), 0, 9, default).ConfigureAwait(false))[^1].Id;
        Require(await opened.Housekeeping.PruneAsync(At(100), 99, default).ConfigureAwait(false) == 2, "the events were not removed");
        await opened.Submissions.AcceptedAsync("t2").ConfigureAwait(false);
        foreach (long after in (long[])[0, last - 1, last])
        {
            RequireSame(["t2 5"], await EventsAsync(opened, after).ConfigureAwait(false), $"what is left after {after}");
        }
    }

    private static NewNotice Notice(string id, long at) => new(id, "t1", 1, Canceled, At(9), null, id == "n1" ? "one" : id, At(at));

    private static AuditEntry Entry(long at) => new(At(at), "alice", "t", "::1", "create_transfer", "x", 200);

    private static ScheduleRun Run(long planned) => new("s", At(planned), At(planned), ScheduleEnd.Skipped);

    private static async Task ScheduledAsync(OpenedSubmissions opened, params long[] planned)
    {
        await opened.Schedules.AddAsync(new Schedule("s", "nightly", "alice", "", "copy", "a", "b", "", At(1)) { Cron = "@daily" }, default).ConfigureAwait(false);
        foreach (long moment in planned)
        {
            await opened.Schedules.RecordAsync(Run(moment), default).ConfigureAwait(false);
        }
    }

    private static async Task<List<string>> EventsAsync(OpenedSubmissions opened, long after)
    {
        IReadOnlyList<JournalEvent> events = await opened.Journal.ReadAsync(new EventFilter(), after, 99, default).ConfigureAwait(false);
        return [.. events.Select(one => $"{one.Submission} {one.At.Nanoseconds / 1_000_000_000}")];
    }
}
