using System.Runtime.CompilerServices;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;

namespace Godwit.Conformance.Ledger;

/// <summary>What is kept of schedules.</summary>
internal static class ScheduleChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("A schedule comes back as it was written down, and an owner has a name once", ComesBackAsync),
        new("A schedule that is changed keeps its order, and never takes back what was dealt with", ChangedAsync),
        new("A planned time fires once, whoever asks again, and its transfer is accepted with it", FiresOnceAsync),
        new("What became of planned times is told newest first, and each is dealt with once", RunsAsync),
        new("A run that somebody asked for deals with no planned time", ByHandAsync),
        new("The transfers of a schedule that have not ended are found, the one that was tried again, too, and no others", OpenAsync),
        new("Of a schedule that is removed nothing is left but its transfers", RemovedAsync),
    ];

    private static async Task ComesBackAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        Schedule full = Sample("a", "nightly") with { Window = "22:00-06:00", Zone = "Europe/Zurich", SkipsMissed = true, IsEnabled = false, Priority = 5 };
        Require(await opened.Schedules.AddAsync(full, default).ConfigureAwait(false), "it was not added");
        Require(!await opened.Schedules.AddAsync(Sample("b", "nightly"), default).ConfigureAwait(false), "an owner has a name twice");
        Require(await opened.Schedules.AddAsync(Sample("c", "nightly") with { Owner = "bob", Project = "cta" }, default).ConfigureAwait(false), "another owner's name is taken");
        Require(await opened.Schedules.FindAsync("a", default).ConfigureAwait(false) == full, "it is another");
        Require(await opened.Schedules.FindAsync("b", default).ConfigureAwait(false) is null, "there is one that was refused");
        await RequireListedAsync(opened, new ScheduleFilter(), "a", "c").ConfigureAwait(false);
        await RequireListedAsync(opened, new ScheduleFilter { Owner = "bob" }, "c").ConfigureAwait(false);
        await RequireListedAsync(opened, new ScheduleFilter { Project = "atlas", Name = "nightly" }, "a").ConfigureAwait(false);
        await RequireListedAsync(opened, new ScheduleFilter { Name = "daily" }).ConfigureAwait(false);
        Require(await opened.Schedules.ListAsync(new ScheduleFilter(), "a", 9, default).ConfigureAwait(false) is [{ Id: "c" }], "the list does not go on after the first");
        await RequireRefusedAsync(async () => await opened.Schedules.AddAsync(Sample("a", "other"), default).ConfigureAwait(false), "an id was taken twice").ConfigureAwait(false);
    }

    private static async Task ChangedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        Schedule first = Sample("a", "nightly");
        await opened.Schedules.AddAsync(first, default).ConfigureAwait(false);
        Schedule wish = first with { Cron = "5 4 * * *", Zone = "Asia/Tokyo", Window = "01:00-05:00", SkipsMissed = true, IsEnabled = false, Priority = 1, Done = At(9) };
        Require(await opened.Schedules.ChangeAsync(wish with { Name = "other", Source = "other" }, default).ConfigureAwait(false), "it was not changed");
        Require(await opened.Schedules.FindAsync("a", default).ConfigureAwait(false) == wish, "it is not as it was changed");
        await opened.Schedules.ChangeAsync(wish with { Done = At(3) }, default).ConfigureAwait(false);
        Require((await opened.Schedules.FindAsync("a", default).ConfigureAwait(false))!.Done == At(9), "what was dealt with was taken back");
        Require(!await opened.Schedules.ChangeAsync(wish with { Id = "none" }, default).ConfigureAwait(false), "one that is none was changed");
    }

    private static async Task FiresOnceAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Schedules.AddAsync(Sample("a", "nightly"), default).ConfigureAwait(false);
        Submission? accepted = await opened.Schedules.FireAsync(Run(20) with { At = At(21) }, Submission("t1", "k1"), "hash", default).ConfigureAwait(false);
        Require(accepted is { Id: "t1", State: TransferState.Submitted, RequestHash: "hash" }, $"it was handed over as {accepted}");
        Require(await opened.Submissions.FindAsync("t1", default).ConfigureAwait(false) == accepted, "its transfer is another");
        Require(await opened.Schedules.FireAsync(Run(20) with { At = At(22) }, Submission("t2", "k2"), "hash", default).ConfigureAwait(false) is null, "it fired twice");
        Require(await opened.Submissions.FindAsync("t2", default).ConfigureAwait(false) is null, "a second transfer was accepted");
        Schedule after = (await opened.Schedules.FindAsync("a", default).ConfigureAwait(false))!;
        Require(after.Done == At(20) && after.LastTransfer == "t1", $"it stands at {after.Done} with {after.LastTransfer}");
        Submission? same = await opened.Schedules.FireAsync(Run(30), Submission("t3", "k1"), "hash", default).ConfigureAwait(false);
        Require(same?.Id == "t1" && await opened.Submissions.FindAsync("t3", default).ConfigureAwait(false) is null, "a request key made two transfers");
        Require(
            await opened.Schedules.FireAsync(Run(20) with { Schedule = "none" }, Submission("t4"), "hash", default).ConfigureAwait(false) is null
                && await opened.Submissions.FindAsync("t4", default).ConfigureAwait(false) is null,
            "a schedule that is none fired");
        Require(
            (await opened.Journal.ReadAsync(new EventFilter { Submission = "t1" }, 0, 9, default).ConfigureAwait(false)).Count == 1, "the journal does not tell of it once");
    }

    private static async Task RunsAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Schedules.AddAsync(Sample("a", "nightly"), default).ConfigureAwait(false);
        await opened.Schedules.AddAsync(Sample("b", "daily"), default).ConfigureAwait(false);
        ScheduleRun[] runs =
        [
            Run(30) with { End = ScheduleEnd.Skipped, Transfer = null, Why = "ä" }, Run(20) with { End = ScheduleEnd.Missed }, Run(10) with { End = ScheduleEnd.Refused, Why = "no" },
        ];
        foreach (ScheduleRun run in runs.Reverse())
        {
            Require(await opened.Schedules.RecordAsync(run, default).ConfigureAwait(false), $"{run} was not written down");
            Require(!await opened.Schedules.RecordAsync(run, default).ConfigureAwait(false), $"{run} was written down twice");
        }

        Require(await opened.Schedules.FireAsync(Run(20), Submission("t1"), "hash", default).ConfigureAwait(false) is null, "what was missed fired");
        IReadOnlyList<ScheduleRun> first = await opened.Schedules.ListRunsAsync("a", null, 2, default).ConfigureAwait(false);
        IReadOnlyList<ScheduleRun> rest = await opened.Schedules.ListRunsAsync("a", first[^1].Planned, 9, default).ConfigureAwait(false);
        Require(first.Concat(rest).SequenceEqual(runs), $"they are {string.Join(", ", first.Concat(rest))}");
        Require((await opened.Schedules.ListRunsAsync("b", null, 9, default).ConfigureAwait(false)).Count == 0, "another schedule's are told");
        Require(!await opened.Schedules.RecordAsync(Run(40) with { Schedule = "none" }, default).ConfigureAwait(false), "one of none was written down");
    }

    private static async Task ByHandAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Schedules.AddAsync(Sample("a", "nightly"), default).ConfigureAwait(false);
        await opened.Schedules.RecordAsync(Run(40) with { IsByHand = true, End = ScheduleEnd.Refused }, default).ConfigureAwait(false);
        Schedule after = (await opened.Schedules.FindAsync("a", default).ConfigureAwait(false))!;
        Require(after.Done == At(2), $"planned times are dealt with up to {after.Done}");
        await opened.Schedules.FireAsync(Run(50) with { IsByHand = true }, Submission("t1"), "hash", default).ConfigureAwait(false);
        after = (await opened.Schedules.FindAsync("a", default).ConfigureAwait(false))!;
        Require(after.Done == At(2) && after.LastTransfer == "t1", $"it stands at {after.Done} with {after.LastTransfer}");
    }

    private static async Task OpenAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        Schedule schedule = Sample("a", "nightly");
        await opened.Schedules.AddAsync(schedule, default).ConfigureAwait(false);
        foreach (long planned in (long[])[20, 30, 40])
        {
            await opened.Schedules.FireAsync(Run(planned), Submission($"t{planned}", schedule.KeyOf(At(planned))), "hash", default).ConfigureAwait(false);
        }

        // Of a longer name, of no schedule, of another owner.
        await opened.Submissions.AcceptedAsync(Submission("x1", (schedule with { Id = "aa" }).KeyOf(At(20)))).ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync(Submission("x2", "schedule/b")).ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("x3").ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync(Submission("x4", schedule.KeyOf(At(50))) with { Owner = "bob" }).ConfigureAwait(false);
        await EndAsync(opened, "t20").ConfigureAwait(false);
        await EndAsync(opened, "t30").ConfigureAwait(false);
        await RequireOpenAsync(opened, schedule, "t40").ConfigureAwait(false);
        await opened.Submissions.StepAsync("t20", TransferState.Canceled, TransferState.Submitted, null, At(60), default).ConfigureAwait(false);
        await opened.Submissions.PauseAsync("t20", new SubmissionPause(At(61), "olga", "wait"), default).ConfigureAwait(false);
        await RequireOpenAsync(opened, schedule, "t20", "t40").ConfigureAwait(false);
        Submission first = (await opened.Schedules.ListOpenAsync(schedule, null, 1, default).ConfigureAwait(false)).Single();
        Require(first == await opened.Submissions.FindAsync("t20", default).ConfigureAwait(false), $"it is found as {first}");
        IReadOnlyList<Submission> rest = await opened.Schedules.ListOpenAsync(schedule, first.RequestKey, 9, default).ConfigureAwait(false);
        Require(rest is [{ Id: "t40" }], $"the list does not go on after the first: {string.Join(", ", rest)}");

        // A run that was forgotten, or a schedule, takes no transfer with it.
        await opened.Schedules.RemoveAsync("a", default).ConfigureAwait(false);
        await RequireOpenAsync(opened, schedule, "t20", "t40").ConfigureAwait(false);
    }

    private static async Task RemovedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Schedules.AddAsync(Sample("a", "nightly"), default).ConfigureAwait(false);
        await opened.Schedules.FireAsync(Run(20), Submission("t1"), "hash", default).ConfigureAwait(false);
        Require(await opened.Schedules.RemoveAsync("a", default).ConfigureAwait(false), "it was not removed");
        Require(await opened.Schedules.FindAsync("a", default).ConfigureAwait(false) is null, "it is there");
        Require(!await opened.Schedules.RemoveAsync("a", default).ConfigureAwait(false), "it was removed twice");
        Require(await opened.Submissions.FindAsync("t1", default).ConfigureAwait(false) is not null, "its transfer is gone");
        Require(await opened.Schedules.AddAsync(Sample("a", "nightly"), default).ConfigureAwait(false), "its name is not free");
        Require((await opened.Schedules.ListRunsAsync("a", null, 9, default).ConfigureAwait(false)).Count == 0, "its runs are there");
    }

    private static async Task EndAsync(OpenedSubmissions opened, string id) => Require(
        await opened.Submissions.StepAsync(id, TransferState.Submitted, TransferState.Canceled, null, At(55), default).ConfigureAwait(false), $"{id} did not end");

    private static async Task RequireOpenAsync(OpenedSubmissions opened, Schedule schedule, params string[] ids)
    {
        IReadOnlyList<Submission> found = await opened.Schedules.ListOpenAsync(schedule, null, 9, default).ConfigureAwait(false);
        Require(found.Select(one => one.Id).SequenceEqual(ids), $"open are {string.Join(", ", found)}");
    }

    private static async Task RequireListedAsync(OpenedSubmissions opened, ScheduleFilter filter, params string[] ids)
    {
        IReadOnlyList<Schedule> found = await opened.Schedules.ListAsync(filter, null, 9, default).ConfigureAwait(false);
        Require(found.Select(one => one.Id).SequenceEqual(ids), $"{filter} lists {string.Join(", ", found)}");
    }

    private static Schedule Sample(string id, string name) => new(id, name, "alice", "atlas", "copy", "disk:a", "tape:b", "{}", At(2)) { Cron = "0 2 * * *" };

    private static ScheduleRun Run(long planned) => new("a", At(planned), At(planned + 1), ScheduleEnd.Started);
}
