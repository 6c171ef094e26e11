using System.Runtime.CompilerServices;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Runs;

/// <summary>The files that a transfer names, read from the ledger in pages whenever a plan wants them: a million of them is never in memory.</summary>
/// <param name="submissions">Where they are kept.</param>
/// <param name="id">Which transfer's.</param>
internal sealed class SubmittedFiles(ISubmissions submissions, string id) : IFileList
{
    private const int Page = 2000;

    /// <summary>The list of a transfer; null where it names no files and means a whole tree.</summary>
    public static IFileList? Of(ISubmissions submissions, Submission submission) => submission.Files == 0 ? null : new SubmittedFiles(submissions, submission.Id);

    /// <inheritdoc/>
    public ValueTask<bool> HasChecksumsAsync(CancellationToken ct) => BySourceAsync(ct).AnyAsync(file => file.Expected is not null, ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ListedFile> BySourceAsync([EnumeratorCancellation] CancellationToken ct)
    {
        ListedFile? last = null;
        do
        {
            IReadOnlyList<ListedFile> page = await submissions.ListFilesAsync(id, last, Page, ct).ConfigureAwait(false);
            foreach (ListedFile file in page)
            {
                yield return file;
            }

            last = page.Count < Page ? null : page[^1];
        }
        while (last is not null);
    }
}
