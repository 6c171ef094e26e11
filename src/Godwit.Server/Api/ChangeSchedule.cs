using System.Text.Json;
using Godwit.Server.Engine;
using Godwit.Server.Schedules;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>What is asked of a schedule after it was made.</summary>
internal static class ChangeSchedule
{
    public static async Task PatchAsync(Call call)
    {
        Schedule schedule = await ToRunAsync(call).ConfigureAwait(false);
        JsonElement body = await call.SmallBodyAsync([.. ScheduleFields.OfTimes, "priority"]).ConfigureAwait(false);
        call.Note.Detail = body.GetRawText();
        Schedule? changed = await call.Parts.Timetable.ChangeAsync(schedule.Id, one => Changed(one, body, call), CancellationToken.None).ConfigureAwait(false);
        call.Parts.Timetable.Look();
        Schedule now = changed is not null ? await ScheduleCalls.FindAsync(call).ConfigureAwait(false) : throw Gone(schedule);
        await call.AnswerAsync(StatusCodes.Status200OK, ScheduleCalls.AnswerOf(now, call), ApiJson.Default.ScheduleAnswer).ConfigureAwait(false);
    }

    public static async Task RemoveAsync(Call call)
    {
        Schedule schedule = await ScheduleCalls.FindAsync(call).ConfigureAwait(false);
        call.Note.Detail = schedule.Name;
        if (!await call.Parts.Timetable.RemoveAsync(schedule.Id, CancellationToken.None).ConfigureAwait(false))
        {
            throw Gone(schedule);
        }

        await call.AnswerAsync(StatusCodes.Status200OK, ScheduleCalls.AnswerOf(schedule, call), ApiJson.Default.ScheduleAnswer).ConfigureAwait(false);
    }

    public static async Task RunAsync(Call call)
    {
        Schedule schedule = await ToRunAsync(call).ConfigureAwait(false);
        await call.SmallBodyAsync().ConfigureAwait(false);
        if (call.Parts.NotReady() is { } reason)
        {
            throw new ProblemException(new Problem("/errors/not-ready", "No transfer is taken now", StatusCodes.Status503ServiceUnavailable, reason)) { RetryAfter = 10 };
        }

        if (!ScheduleTimes.Of(schedule).IsOpen(call.Parts.Time.GetUtcNow()))
        {
            throw ProblemException.Conflict($"The window of the schedule, {schedule.Window}, {schedule.Zone}, is closed now: hand the transfer over without the schedule, or change the window.");
        }

        ScheduleRun run = await call.Parts.Timetable.RunNowAsync(schedule.Id, call.Aborted).ConfigureAwait(false) ?? throw Gone(schedule);
        call.Note.Detail = run.Transfer ?? run.Why;
        if (run.Transfer is null)
        {
            throw run.End == ScheduleEnd.Skipped ? ProblemException.Conflict(run.Why!) : ProblemException.Refused("", run.Why!);
        }

        await call.AnswerAsync(StatusCodes.Status202Accepted, ScheduleCalls.AnswerOf(run), ApiJson.Default.ScheduleRunAnswer).ConfigureAwait(false);
    }

    private static Schedule Changed(Schedule schedule, JsonElement body, Call call)
    {
        var malformed = new FieldFaults(StatusCodes.Status400BadRequest);
        var refused = new FieldFaults(StatusCodes.Status422UnprocessableEntity);
        int priority = OrderFields.Priority(body, malformed) ?? schedule.Priority;
        Schedule wish = ScheduleFields.Times(body, schedule with { Priority = priority }, malformed, refused);
        malformed.ThrowIfAny();
        refused.ThrowIfAny();

        // What it did not fire for while it fired at other times, or not at all, was not missed.
        bool isOther = wish.Cron != schedule.Cron || wish.Zone != schedule.Zone || !schedule.IsEnabled;
        return isOther ? wish with { Done = call.Now } : wish;
    }

    /// <summary>The schedule, where the caller could hand its transfer over himself.</summary>
    private static async ValueTask<Schedule> ToRunAsync(Call call)
    {
        Schedule schedule = await ScheduleCalls.FindAsync(call).ConfigureAwait(false);
        ChangeTransfer.RequireHeld(call, TransferOrder.Of(schedule));
        return call.Caller.MaySubmitFor(schedule.Project)
            ? schedule
            : throw new ProblemException(new Problem(
                "/errors/forbidden", "The caller may not do this", StatusCodes.Status403Forbidden, $"The schedule is of the project \"{schedule.Project}\", and the caller is of another one."));
    }

    private static ProblemException Gone(Schedule schedule) =>
        new(Problem.OfStatus(StatusCodes.Status404NotFound) with { Detail = $"There is no schedule {schedule.Id} any more." });
}
