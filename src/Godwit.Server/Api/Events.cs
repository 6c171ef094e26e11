using System.Text;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>What happened to transfers, and what happens.</summary>
internal static class Events
{
    private const int Page = 500;

    private static TimeSpan Heartbeat { get; } = TimeSpan.FromSeconds(15);

    // Within this time, whoever is not to read any more reads no more.
    private static TimeSpan AskAgain { get; } = TimeSpan.FromSeconds(5);

    public static async Task FollowOneAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        await FollowAsync(call, new EventFilter { Submission = transfer.Id }).ConfigureAwait(false);
    }

    public static async Task FollowAllAsync(Call call)
    {
        // What is listed for him is what he hears of.
        SubmissionFilter narrow = call.Caller.Narrow(new SubmissionFilter())!;
        await FollowAsync(call, new EventFilter { Owner = narrow.Owner, Project = narrow.Project }).ConfigureAwait(false);
    }

    public static async Task LogAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        long after = After(call.Http.Request);
        IReadOnlyList<JournalEvent> found = await call.Parts.Journal
            .ReadAsync(new EventFilter { Submission = transfer.Id }, after, Cursor.Limit(call.Http.Request), call.Aborted).ConfigureAwait(false);
        EventAnswer[] items = [.. found.Select(one => new EventAnswer(one.Id, JsonText.Parse(Encoding.UTF8.GetBytes(one.Text))))];
        await call.AnswerAsync(StatusCodes.Status200OK, new EventPage(items, items.LastOrDefault()?.Id ?? after), ApiJson.Default.EventPage).ConfigureAwait(false);
    }

    private static async Task FollowAsync(Call call, EventFilter filter)
    {
        // A ledger that was brought back from a copy gives the numbers after it again: whoever saw more hears of what is new from here on.
        long after = Math.Min(After(call.Http.Request), await call.Parts.Journal.LastAsync(call.Aborted).ConfigureAwait(false));
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, call.Stopping);
        call.Http.Response.ContentType = "text/event-stream";
        call.Http.Response.Headers.CacheControl = "no-cache";
        try
        {
            await call.Http.Response.Body.FlushAsync(ends.Token).ConfigureAwait(false);
            await PumpAsync(call, filter, after, ends.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The reader went, or the service ends: so does the stream.
        }
    }

    private static async Task PumpAsync(Call call, EventFilter filter, long after, CancellationToken ct)
    {
        long asked = call.Parts.Time.GetTimestamp();
        while (true)
        {
            if (call.Parts.Time.GetElapsedTime(asked) >= AskAgain)
            {
                if (!await StillCountsAsync(call).ConfigureAwait(false))
                {
                    return;
                }

                asked = call.Parts.Time.GetTimestamp();
            }

            // Before the page is read, so that nothing gets in between unnoticed.
            Task changed = call.Parts.Journal.Changed;
            IReadOnlyList<JournalEvent> page = await call.Parts.Journal.ReadAsync(filter, after, Page, ct).ConfigureAwait(false);
            var text = new StringBuilder();
            foreach (JournalEvent happened in page)
            {
                text.Append("id: ").Append(happened.Id).Append("\ndata: ").Append(happened.Text.ReplaceLineEndings(" ")).Append("\n\n");
                after = happened.Id;
            }

            if (page.Count == 0 && !await IsChangedAsync(changed, call.Parts.Time, ct).ConfigureAwait(false))
            {
                text.Append(":\n\n");
            }

            await call.Http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), ct).ConfigureAwait(false);
            await call.Http.Response.Body.FlushAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>A token may have been taken back or expired since the stream began. A ledger that does not answer says nothing of it.</summary>
    private static async ValueTask<bool> StillCountsAsync(Call call)
    {
        try
        {
            await call.AskAgainAsync().ConfigureAwait(false);
            return true;
        }
        catch (ProblemException)
        {
            return false;
        }
        catch (LedgerException)
        {
            return true;
        }
    }

    private static async ValueTask<bool> IsChangedAsync(Task changed, TimeProvider time, CancellationToken ct)
    {
        try
        {
            await changed.WaitAsync(Heartbeat, time, ct).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private static long After(HttpRequest request)
    {
        string? asked = request.Query["after"];
        string text = asked ?? request.Headers["Last-Event-ID"].ToString();
        return text.Length == 0 ? 0
            : long.TryParse(text, out long after) && after >= 0 ? after
            : throw ProblemException.Malformed(asked is null ? "Last-Event-ID" : "after", "It is the id of an event.");
    }
}
