using System.Globalization;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>What was told of transfers that ended, and what did not arrive.</summary>
internal static class NoticeCalls
{
    public static async Task ListAsync(Call call)
    {
        NoticeStatus? status = call.Http.Request.Query["state"].ToString() switch
        {
            "" => null,
            "waiting" => NoticeStatus.Waiting,
            "delivered" => NoticeStatus.Delivered,
            "dead" => NoticeStatus.Dead,
            _ => throw ProblemException.Malformed("state", "It is one of waiting, delivered and dead."),
        };
        string question = $"notices\n{status}";
        int limit = Cursor.Limit(call.Http.Request);
        long? before = Cursor.Number(call.Http.Request, question);
        IReadOnlyList<Notice> found = await call.Parts.Notices.ListAsync(status, before, limit + 1, call.Aborted).ConfigureAwait(false);
        string? next = found.Count > limit ? Cursor.Write(question, found[limit - 1].Number.ToString(CultureInfo.InvariantCulture)) : null;
        await call.AnswerAsync(StatusCodes.Status200OK, new NoticePage([.. found.Take(limit).Select(AnswerOf)], next), ApiJson.Default.NoticePage).ConfigureAwait(false);
    }

    public static async Task RetryAsync(Call call)
    {
        string id = call.Http.Request.RouteValues["notice"] as string ?? "";
        Notice found = await call.Parts.Notices.FindAsync(id, CancellationToken.None).ConfigureAwait(false)
            ?? throw new ProblemException(Problem.OfStatus(StatusCodes.Status404NotFound) with { Detail = $"There is no notice {id}." });
        if (!call.Parts.NoticesGoTo(found.What.Target))
        {
            throw Conflict($"The configuration does not name {found.What.Target} below notices: any more.");
        }

        if (!await call.Parts.Notices.RetryAsync(id, call.Now, CancellationToken.None).ConfigureAwait(false))
        {
            throw Conflict($"The notice {id} has arrived; it is not told twice.");
        }

        call.Parts.LookAtNotices();
        found = (await call.Parts.Notices.FindAsync(id, CancellationToken.None).ConfigureAwait(false))!;
        await call.AnswerAsync(StatusCodes.Status202Accepted, AnswerOf(found), ApiJson.Default.NoticeAnswer).ConfigureAwait(false);
    }

    private static ProblemException Conflict(string sentence) => new(new Problem("/errors/conflict", "The notice stands in the way", StatusCodes.Status409Conflict, sentence));

    private static NoticeAnswer AnswerOf(Notice one) => new(
        one.What.Id, one.Status.ToString().ToLowerInvariant(), one.What.Target, one.What.Submission, one.What.Round, TransferSteps.NameOf(one.What.State),
        one.What.Ended.ToString(), one.What.Made.ToString(), one.Tries, one.Next?.ToString(), one.Fault, one.Delivered?.ToString(), one.Dead?.ToString());
}
