using System.Runtime.CompilerServices;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;

namespace Godwit.Conformance.Ledger;

/// <summary>What is kept of what is told of transfers that ended.</summary>
internal static class NoticeChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("A notice is made once for each transfer, round and target, and with it up to where the journal was followed", MadeOnceAsync),
        new("Notices begin with what happens from now on, and a target that is told nothing any more has no place in the journal", SkipAsync),
        new("The next notice of a target is its own, and the one whose try comes first", NextAsync),
        new("A try that failed is told with its fault and waits for the next one, until one arrives or the last one is given up", TriedAsync),
        new("What was given up is tried again when somebody asks, and what arrived never", RetryAsync),
        new("What waits for a target that is no more is given up, and nothing else", GivenUpAsync),
        new("Notices are listed newest first, page by page, by what became of them", ListedAsync),
    ];

    private static NewNotice Made(string id, string target = "one", string transfer = "t1", int round = 1, long at = 10) =>
        new(id, transfer, round, TransferState.Partial, At(9), "\"ä\"", target, At(at));

    private static async Task<OpenedSubmissions> OpenAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t2").ConfigureAwait(false);
        return opened;
    }

    private static async Task MadeOnceAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await OpenAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        INotices all = opened.Notices;
        await all.FollowAsync(3, [Made("n1"), Made("n2", "two")], default).ConfigureAwait(false);
        await all.FollowAsync(7, [Made("n3"), Made("n4", "two"), Made("n5", round: 2), Made("n6", transfer: "t2")], default).ConfigureAwait(false);
        RequireSame(["n6", "n5", "n2", "n1"], await IdsAsync(all, null).ConfigureAwait(false), "the notices");
        Require((await all.FindAsync("n1", default).ConfigureAwait(false))?.What == Made("n1"), "it is another than was made");
        await RequireRefusedAsync(async () => await all.FollowAsync(9, [Made("n7", "three"), Made("n8", transfer: "none")], default).ConfigureAwait(false), "a notice is of no transfer")
            .ConfigureAwait(false);
        Require(await all.FindAsync("n7", default).ConfigureAwait(false) is null, "a part of a call was written");
        Require(await all.FollowedAsync(default).ConfigureAwait(false) == 7, "the place in the journal is another");
    }

    private static async Task SkipAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        INotices all = opened.Notices;
        Require(await all.FollowedAsync(default).ConfigureAwait(false) is null, "a place is known at first");
        Require(await all.SkipAsync(default).ConfigureAwait(false) == 0, "an empty journal has events");
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        IReadOnlyList<JournalEvent> events = await opened.Journal.ReadAsync(new EventFilter(), 0, 99, default).ConfigureAwait(false);
        long last = await all.SkipAsync(default).ConfigureAwait(false);
        Require(last == events[^1].Id && await all.FollowedAsync(default).ConfigureAwait(false) == last, $"it is {last}, and not that of the newest event");
        await all.StopFollowingAsync(default).ConfigureAwait(false);
        Require(await all.FollowedAsync(default).ConfigureAwait(false) is null, "the place is known still");
    }

    private static async Task NextAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await OpenAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        INotices all = opened.Notices;
        await all.FollowAsync(1, [Made("other", "two", at: 1), Made("late", at: 30), Made("early", transfer: "t2", at: 20)], default).ConfigureAwait(false);
        Require(await all.NextAsync("one", default).ConfigureAwait(false) is { What.Id: "early" } next && next.Next == At(20), "it is another");
        Require(await all.NextAsync("three", default).ConfigureAwait(false) is null, "there is one for nobody");
        await all.RecordAsync("early", new NoticeTry(At(21), "no answer", At(40)), default).ConfigureAwait(false);
        Require(await all.NextAsync("one", default).ConfigureAwait(false) is { What.Id: "late" }, "the one that has to wait is first");
    }

    private static async Task TriedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await OpenAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        INotices all = opened.Notices;
        await all.FollowAsync(1, [Made("n1"), Made("n2", "two")], default).ConfigureAwait(false);
        Require(await all.RecordAsync("n1", new NoticeTry(At(11), "no answer", At(12)), default).ConfigureAwait(false), "no try is written down");
        Notice? found = await all.FindAsync("n1", default).ConfigureAwait(false);
        Require(found is { Tries: 1, Fault: "no answer", Status: NoticeStatus.Waiting } && found.Next == At(12), $"it is {found}");
        await all.RecordAsync("n1", new NoticeTry(At(12), null, null), default).ConfigureAwait(false);
        found = await all.FindAsync("n1", default).ConfigureAwait(false);
        Require(found is { Tries: 2, Fault: null, Next: null, Status: NoticeStatus.Delivered } && found.Delivered == At(12), $"it arrived, and is {found}");
        await all.RecordAsync("n2", new NoticeTry(At(13), "gone", null), default).ConfigureAwait(false);
        found = await all.FindAsync("n2", default).ConfigureAwait(false);
        Require(found is { Tries: 1, Fault: "gone", Next: null, Status: NoticeStatus.Dead } && found.Dead == At(13), $"it was given up, and is {found}");
        foreach (string id in (string[])["n1", "n2", "none"])
        {
            Require(!await all.RecordAsync(id, new NoticeTry(At(14), "late", At(15)), default).ConfigureAwait(false), $"{id} does not wait, and was tried");
        }
    }

    private static async Task RetryAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await OpenAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        INotices all = opened.Notices;
        await all.FollowAsync(1, [Made("n1"), Made("n2", "two")], default).ConfigureAwait(false);
        await all.RecordAsync("n1", new NoticeTry(At(11), "gone", null), default).ConfigureAwait(false);
        await all.RecordAsync("n2", new NoticeTry(At(11), null, null), default).ConfigureAwait(false);
        Require(await all.RetryAsync("n1", At(50), default).ConfigureAwait(false), "it is not tried again");
        Notice? next = await all.NextAsync("one", default).ConfigureAwait(false);
        Require(next is { Tries: 0, Dead: null, Status: NoticeStatus.Waiting } && next.Next == At(50), $"the next one is {next}");
        Require(!await all.RetryAsync("n2", At(50), default).ConfigureAwait(false), "what arrived is told again");
        Require(await all.NextAsync("two", default).ConfigureAwait(false) is null, "what arrived waits");
        Require(!await all.RetryAsync("none", At(50), default).ConfigureAwait(false), "none is tried again");
    }

    private static async Task GivenUpAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await OpenAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        INotices all = opened.Notices;
        await all.FollowAsync(1, [Made("n1"), Made("n2", "two"), Made("n3", "three"), Made("n4", "three", "t2")], default).ConfigureAwait(false);
        await all.RecordAsync("n4", new NoticeTry(At(11), null, null), default).ConfigureAwait(false);
        Require(await all.GiveUpOthersAsync(["one"], "nobody knows it", At(20), default).ConfigureAwait(false) == 2, "not two were given up");
        RequireSame(["n3", "n2"], await IdsAsync(all, NoticeStatus.Dead).ConfigureAwait(false), "what was given up");
        Notice? found = await all.FindAsync("n2", default).ConfigureAwait(false);
        Require(found is { Fault: "nobody knows it", Next: null } && found.Dead == At(20), $"it is {found}");
        Require(await all.NextAsync("one", default).ConfigureAwait(false) is { What.Id: "n1" }, "what is told still waits no more");
    }

    private static async Task ListedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await OpenAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        INotices all = opened.Notices;
        await all.FollowAsync(1, [.. Enumerable.Range(1, 6).Select(at => Made($"n{at}", $"target {at}"))], default).ConfigureAwait(false);
        await all.RecordAsync("n1", new NoticeTry(At(11), null, null), default).ConfigureAwait(false);
        await all.RecordAsync("n3", new NoticeTry(At(11), "gone", null), default).ConfigureAwait(false);
        await all.RecordAsync("n5", new NoticeTry(At(11), "gone", null), default).ConfigureAwait(false);
        RequireSame(["n6", "n5", "n4", "n3", "n2", "n1"], await IdsAsync(all, null).ConfigureAwait(false), "all");
        RequireSame(["n1"], await IdsAsync(all, NoticeStatus.Delivered).ConfigureAwait(false), "what arrived");
        RequireSame(["n5", "n3"], await IdsAsync(all, NoticeStatus.Dead).ConfigureAwait(false), "what was given up");
        RequireSame(["n6", "n4", "n2"], await IdsAsync(all, NoticeStatus.Waiting).ConfigureAwait(false), "what waits");
    }

    /// <summary>The ids of a list, in pages of two.</summary>
    private static async Task<List<string>> IdsAsync(INotices all, NoticeStatus? status)
    {
        var found = new List<Notice>();
        while (await all.ListAsync(status, found.LastOrDefault()?.Number, 2, default).ConfigureAwait(false) is { Count: > 0 } page && found.Count < 50)
        {
            found.AddRange(page);
        }

        return [.. found.Select(one => one.What.Id)];
    }
}
