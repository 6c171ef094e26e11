using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Notices;

/// <summary>Follows the journal, and writes down what has to be told of each transfer that ended. Up to where it came is written down with that, so that a kill
/// at any moment loses nothing and makes nothing twice.</summary>
/// <param name="parts">What it stands on.</param>
internal sealed class MakeNotices(NoticeParts parts)
{
    private const int Page = 500;

    // Pages in which nobody ended are not worth a transaction each; after a kill they are read once more.
    private const int PagesUnwritten = 20;

    private int _unwritten;

    /// <summary>Goes on from a place in the journal to its end.</summary>
    /// <param name="after">The place.</param>
    /// <param name="rules">Who is told of what.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>The place that it came to, and whether anything is to be told.</returns>
    public async Task<(long Place, bool IsNew)> FollowAsync(long after, IReadOnlyList<NoticeRule> rules, CancellationToken ct)
    {
        bool isNew = false;
        for (bool isMore = true; isMore;)
        {
            IReadOnlyList<JournalEvent> page = await parts.Journal.ReadAsync(new EventFilter(), after, Page, ct).ConfigureAwait(false);
            isMore = page.Count == Page;
            var made = new List<NewNotice>();
            foreach (JournalEvent happened in page)
            {
                made.AddRange(await OfAsync(happened, rules, ct).ConfigureAwait(false));
            }

            after = page.Count > 0 ? page[^1].Id : after;
            isNew |= made.Count > 0;
            if (made.Count > 0 || ++_unwritten >= PagesUnwritten)
            {
                await parts.Notices.FollowAsync(after, made, ct).ConfigureAwait(false);
                _unwritten = 0;
            }
        }

        return (after, isNew);
    }

    private async ValueTask<IEnumerable<NewNotice>> OfAsync(JournalEvent happened, IReadOnlyList<NoticeRule> rules, CancellationToken ct)
    {
        if (!happened.Text.Contains("\"transfer.state\"", StringComparison.Ordinal) || Read(happened.Text) is not { } end
            || await parts.Submissions.FindAsync(happened.Submission, ct).ConfigureAwait(false) is not { } transfer)
        {
            return [];
        }

        var now = Timestamp.From(parts.Time.GetUtcNow());
        return rules.Where(rule => rule.Wants(transfer, end.State)).SelectMany(rule => rule.Targets).Select(target => target.Name).Distinct()
            .Select(target => new NewNotice(TransferId.New(parts.Time), transfer.Id, end.Round, end.State, happened.At, end.Why, target, now));
    }

    /// <summary>The end that an event tells of; null where it tells of none.</summary>
    private static (TransferState State, int Round, string? Why)? Read(string text)
    {
        using var read = JsonDocument.Parse(text);
        JsonElement told = read.RootElement;
        return told.GetProperty("event").GetString() == "transfer.state" && TransferSteps.Find(told.GetProperty("state").GetString()!) is { } state && TransferSteps.IsEnd(state)
            ? (state, told.GetProperty("round").GetInt32(), told.TryGetProperty("why", out JsonElement why) ? why.GetString() : null)
            : null;
    }
}
