using System.Globalization;
using Godwit.Server.Engine;
using Godwit.Server.Schedules;
using Godwit.Storage;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Schedules, when they fire next, and what became of their planned times.</summary>
internal static class ScheduleCalls
{
    private const int NextTold = 5;

    public static async Task ListAsync(Call call)
    {
        IQueryCollection query = call.Http.Request.Query;
        var asked = new SubmissionFilter { Project = query["project"], Owner = query["owner"] };
        string? name = query["name"];
        string question = $"schedules\n{name}\n{asked.Project}\n{asked.Owner}\n{call.Caller.Subject}";
        string? after = Cursor.Read(call.Http.Request, question);
        int limit = Cursor.Limit(call.Http.Request);
        IReadOnlyList<Schedule> found = call.Caller.Narrow(asked) is { } whose
            ? await call.Parts.Schedules.ListAsync(new ScheduleFilter { Owner = whose.Owner, Project = whose.Project, Name = name }, after, limit + 1, call.Aborted).ConfigureAwait(false)
            : [];
        string? next = found.Count > limit ? Cursor.Write(question, found[limit - 1].Id) : null;
        var page = new SchedulePage([.. found.Take(limit).Select(one => AnswerOf(one, call))], next);
        await call.AnswerAsync(StatusCodes.Status200OK, page, ApiJson.Default.SchedulePage).ConfigureAwait(false);
    }

    public static async Task OneAsync(Call call) => await call.AnswerAsync(
        StatusCodes.Status200OK, AnswerOf(await FindAsync(call).ConfigureAwait(false), call), ApiJson.Default.ScheduleAnswer).ConfigureAwait(false);

    public static async Task RunsAsync(Call call)
    {
        Schedule schedule = await FindAsync(call).ConfigureAwait(false);
        string question = $"schedule runs\n{schedule.Id}";
        Timestamp? before = Cursor.Number(call.Http.Request, question) is { } number ? new Timestamp(number) : null;
        int limit = Cursor.Limit(call.Http.Request);
        IReadOnlyList<ScheduleRun> found = await call.Parts.Schedules.ListRunsAsync(schedule.Id, before, limit + 1, call.Aborted).ConfigureAwait(false);
        string? next = found.Count > limit ? Cursor.Write(question, found[limit - 1].Planned.Nanoseconds.ToString(CultureInfo.InvariantCulture)) : null;
        var page = new ScheduleRunPage([.. found.Take(limit).Select(AnswerOf)], next);
        await call.AnswerAsync(StatusCodes.Status200OK, page, ApiJson.Default.ScheduleRunPage).ConfigureAwait(false);
    }

    /// <summary>The schedule that the path names.</summary>
    /// <exception cref="ProblemException">There is none for the caller.</exception>
    public static async ValueTask<Schedule> FindAsync(Call call)
    {
        string id = call.Http.Request.RouteValues["schedule"] as string ?? "";
        Schedule? found = await call.Parts.Schedules.FindAsync(id, call.Aborted).ConfigureAwait(false);
        return found is not null && call.Caller.Sees(found)
            ? found
            : throw new ProblemException(Problem.OfStatus(StatusCodes.Status404NotFound) with { Detail = $"There is no schedule {id}." });
    }

    /// <summary>A schedule as it is told.</summary>
    public static ScheduleAnswer AnswerOf(Schedule one, Call call) => new(
        one.Id, one.Name, one.Owner, one.Project, one.Cron, one.Zone, one.Window, one.SkipsMissed ? "skip" : "run", one.IsEnabled, one.Verb, one.Source,
        one.Destination, one.Priority, one.Made.ToString())
    {
        Options = TransferOrder.Of(one).Options,
        Stage = CallOrderAnswer.Of(TransferOrder.Of(one).Stage),
        Prepare = CallOrderAnswer.Of(TransferOrder.Of(one).Prepare),
        Next = NextOf(one, call.Parts.Time.GetUtcNow()),
        LastTransfer = one.LastTransfer,
    };

    /// <summary>What became of a planned time, as it is told.</summary>
    public static ScheduleRunAnswer AnswerOf(ScheduleRun run) => new(run.Planned.ToString(), run.At.ToString(), run.End.ToString().ToLowerInvariant(), run.IsByHand)
    {
        Transfer = run.Transfer,
        Why = run.Why,
    };

    /// <summary>When it fires next; nothing where it does not, or where this machine does not know its time zone any more.</summary>
    private static IReadOnlyList<string> NextOf(Schedule one, DateTimeOffset now)
    {
        try
        {
            return one.IsEnabled ? [.. ScheduleTimes.Of(one).After(now).Take(NextTold).Select(moment => Timestamp.From(moment).ToString())] : [];
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
