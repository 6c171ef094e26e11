using Godwit.Server.Api;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Notices;

/// <summary>Tells one target what waits for him, one notice at a time, so that a slow one holds up nobody but himself.</summary>
/// <param name="parts">What it stands on.</param>
internal sealed class SendNotices(NoticeParts parts)
{
    // A target that asked to be left alone is left alone with all that waits for him.
    private Timestamp _notBefore;

    /// <summary>Somebody wants it to be tried now, whatever the target asked for.</summary>
    public void Forget() => _notBefore = default;

    /// <summary>Tries what is due first.</summary>
    /// <param name="target">Whom.</param>
    /// <param name="ended">Ends a try that is under way.</param>
    /// <param name="ct">Stops before a try.</param>
    /// <returns>How long there is nothing to do; zero to look again, null until something is new.</returns>
    public async Task<TimeSpan?> OneAsync(INoticeTarget target, CancellationToken ended, CancellationToken ct)
    {
        if (await parts.Notices.NextAsync(target.Name, ct).ConfigureAwait(false) is not { Next: { } due } notice)
        {
            return null;
        }

        Timestamp when = due < _notBefore ? _notBefore : due;
        if (when > Now)
        {
            return TimeSpan.FromMicroseconds(Math.Ceiling((when.Nanoseconds - Now.Nanoseconds) / 1000.0));
        }

        NoticeReply answer = await TellAsync(target, notice, ended).ConfigureAwait(false);
        TimeSpan? wait = answer.Fault is null ? null : parts.Schedule.WaitAfter(notice.Tries + 1, answer);
        Timestamp? next = wait is { } time ? Timestamp.From(parts.Time.GetUtcNow() + time) : null;
        if (answer.RetryAfter is not null && next is { } later)
        {
            _notBefore = later;
        }

        // What is known is written down, whoever stops.
        bool isWritten = await parts.Notices.RecordAsync(notice.What.Id, new NoticeTry(Now, answer.Fault, next), CancellationToken.None).ConfigureAwait(false);
        if (isWritten && answer.Fault is { } fault && next is null)
        {
            parts.Warn($"The notice {notice.What.Id} of transfer {notice.What.Submission} to {target.Name} is given up after {notice.Tries + 1} tries: {fault} "
                + $"To try it again: godwit notices retry {notice.What.Id}.");
        }

        return TimeSpan.Zero;
    }

    private Timestamp Now => Timestamp.From(parts.Time.GetUtcNow());

    private async Task<NoticeReply> TellAsync(INoticeTarget target, Notice notice, CancellationToken ct)
    {
        NewNotice what = notice.What;
        if (await parts.Submissions.FindAsync(what.Submission, ct).ConfigureAwait(false) is not { } transfer)
        {
            return new NoticeReply("The ledger does not know the transfer any more.") { IsGone = true };
        }

        var totals = new List<TransferTotals>();
        foreach (SubmissionRun run in await parts.Submissions.ListRunsAsync(what.Submission, ct).ConfigureAwait(false))
        {
            if (run.Round <= what.Round && await parts.Ledger.FindTransfersAsync(run.RunId, ct).ConfigureAwait(false) is [{ Totals: { } one }])
            {
                totals.Add(one);
            }
        }

        try
        {
            return await target.TellAsync(new EndedTransfer(what, transfer, ReadTransfers.Sum(totals), Now), ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A fault that nobody thought of must not be met for ever.
            return new NoticeReply($"It cannot be told: {NoticeText.Line(e.Message, 300)}");
        }
    }
}
