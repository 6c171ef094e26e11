using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Conformance.Ledger;

/// <summary>What the checks of submissions write.</summary>
internal static class SubmissionSamples
{
    public static Submission Submission(string id, string? key = null) =>
        new(id, "alice", "atlas", "copy", "disk:data", "tape:data", "{\"filter\":[\"- *.tmp\"]}", new Timestamp(1_000_000_001)) { RequestKey = key };

    public static ListedFile File(string source, string? destination = null, Checksum? expected = null) =>
        new(StorePath.FromText(source), StorePath.FromText(destination ?? source), expected);

    public static Timestamp At(long second) => new(second * 1_000_000_000);

    /// <summary>An accepted transfer.</summary>
    public static async Task<Submission> AcceptedAsync(this ISubmissions submissions, Submission submission, params IReadOnlyList<ListedFile> files)
    {
        Samples.Require(await submissions.ReceiveAsync(submission, default).ConfigureAwait(false) is null, "it was not received");
        if (files.Count > 0)
        {
            Samples.Require(await submissions.AddFilesAsync(submission.Id, files, default).ConfigureAwait(false) is null, "a file was refused");
        }

        return await submissions.SubmitAsync(submission.Id, "hash of " + submission.Id, At(5), default).ConfigureAwait(false);
    }

    public static Task<Submission> AcceptedAsync(this ISubmissions submissions, string id) => submissions.AcceptedAsync(Submission(id));

    /// <summary>All files that a transfer names, in pages of two.</summary>
    public static async Task<List<ListedFile>> FilesAsync(this ISubmissions submissions, string id)
    {
        var files = new List<ListedFile>();
        while (await submissions.ListFilesAsync(id, files.LastOrDefault(), 2, default).ConfigureAwait(false) is { Count: > 0 } page)
        {
            files.AddRange(page);
            Samples.Require(page.Count <= 2 && files.Count < 1000, "pages are longer than asked for, or do not end");
        }

        return files;
    }
}
