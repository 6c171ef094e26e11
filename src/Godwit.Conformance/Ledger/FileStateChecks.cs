using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;

namespace Godwit.Conformance.Ledger;

/// <summary>What is told of the single files of a transfer that was handed to a service.</summary>
internal static class FileStateChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("A file that is named is found by its destination, received or accepted", FindFileAsync),
        new("A file and another one that needs it as a directory are told, and neighbours are not", InTheWayAsync),
        new("Queued is what is named and of which no run tells anything", QueuedAsync),
        new("What a run has under way is listed page by page", UnderWayAsync),
        new("Every attempt at a file comes back, final or not, page by page", AttemptsAsync),
    ];

    private static async Task FindFileAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync(Submission("t1"), File("a", "x")).ConfigureAwait(false);
        await all.ReceiveAsync(Submission("t2"), default).ConfigureAwait(false);
        await all.AddFilesAsync("t2", [File("b", "x")], default).ConfigureAwait(false);
        Require(await all.FindFileAsync("t1", Path("x"), default).ConfigureAwait(false) == File("a", "x"), "it is not found");
        Require(await all.FindFileAsync("t2", Path("x"), default).ConfigureAwait(false) == File("b", "x"), "it is not found while it is received");
        Require(await all.FindFileAsync("t1", Path("a"), default).ConfigureAwait(false) is null, "it is found by its source");
    }

    private static async Task InTheWayAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        var raw = StorePath.FromBytes([0xff]);
        ListedFile below = new(raw, raw.Child("f"u8));
        await all.ReceiveAsync(Submission("t1"), default).ConfigureAwait(false);
        await all.AddFilesAsync("t1", [File("a"), File("a-b/c"), File("a b"), File("b/a"), below], default).ConfigureAwait(false);
        Require(await all.FindInTheWayAsync("t1", default).ConfigureAwait(false) is null, "neighbours are in the way");
        await all.AddFilesAsync("t1", [File("d", "a/b/c")], default).ConfigureAwait(false);
        FilesInTheWay? found = await all.FindInTheWayAsync("t1", default).ConfigureAwait(false);
        Require(found == new FilesInTheWay(File("a"), File("d", "a/b/c")), $"found: {found}");
        await all.ReceiveAsync(Submission("t2"), default).ConfigureAwait(false);
        await all.AddFilesAsync("t2", [new(raw, raw), below], default).ConfigureAwait(false);
        Require(await all.FindInTheWayAsync("t2", default).ConfigureAwait(false) is not null, "one that is not Unicode is not in the way");
    }

    private static async Task QueuedAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync(Submission("t1"), File("a"), File("b"), File("c"), File("d"), File("e")).ConfigureAwait(false);
        await RunAsync(opened, "base").ConfigureAwait(false);
        long number = (await opened.Ledger.StartFilesAsync("run", [Intent("base/a"), Intent("base/b")], default).ConfigureAwait(false))[0];
        await opened.Ledger.RecordDeliveredAsync("run", [Receipt(number, Intent("base/a"))], default).ConfigureAwait(false);
        await opened.Ledger.RecordAttemptsAsync("run", [Attempt("base/c", 1, true)], default).ConfigureAwait(false);
        var found = new List<ListedFile>();
        while (await all.ListQueuedAsync("t1", found.LastOrDefault(), 1, default).ConfigureAwait(false) is [{ } next] && found.Count < 9)
        {
            found.Add(next);
        }

        RequireSame(["d", "e"], found.Select(file => $"{file.Source}"), "queued");
    }

    private static async Task UnderWayAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await RunAsync(opened, "").ConfigureAwait(false);
        await opened.Ledger.StartFilesAsync("run", [Intent("b"), Intent("a")], default).ConfigureAwait(false);
        IReadOnlyList<FileIntent> first = await opened.Submissions.ListUnderWayAsync("run", null, 1, default).ConfigureAwait(false);
        Require(first is [{ } a] && a == Intent("a"), "the first page is another");
        IReadOnlyList<FileIntent> second = await opened.Submissions.ListUnderWayAsync("run", Path("a"), 9, default).ConfigureAwait(false);
        Require(second is [{ } b] && b == Intent("b"), "the second page is another");
        Require((await opened.Submissions.ListUnderWayAsync("nothing", null, 9, default).ConfigureAwait(false)).Count == 0, "a run that is none has files");
    }

    private static async Task AttemptsAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await RunAsync(opened, "").ConfigureAwait(false);
        FileAttempt[] attempts = [Attempt("a", 1, false), Attempt("a", 2, false), Attempt("a", 3, true)];
        await opened.Ledger.RecordAttemptsAsync("run", [.. attempts, Attempt("b", 1, true)], default).ConfigureAwait(false);
        var found = new List<FileAttempt>();
        while (await opened.Submissions.ListAttemptsAsync("run", Path("a"), found.LastOrDefault()?.Number ?? 0, 2, default).ConfigureAwait(false) is { Count: > 0 } page)
        {
            found.AddRange(page);
        }

        RequireSame(attempts.Select(one => one.ToString()), found.Select(one => one.ToString()), "the attempts");
    }

    private static async Task RunAsync(OpenedSubmissions opened, string path)
    {
        await opened.Submissions.RecordRunAsync("t1", "run", default).ConfigureAwait(false);
        await opened.Ledger.BeginTransferAsync(Transfer("run", path), Holder(), default).ConfigureAwait(false);
    }
}
