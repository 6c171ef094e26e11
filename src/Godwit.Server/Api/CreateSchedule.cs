using System.Text.Json;
using Godwit.Server.Engine;
using Godwit.Server.Schedules;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Makes a schedule: its order is read, and held to what its project may use, as if it were handed over now.</summary>
internal static class CreateSchedule
{
    private const int MostOfOne = 1000;

    public static async Task AnswerAsync(Call call)
    {
        JsonElement body = await call.SmallBodyAsync(["name", .. ScheduleFields.OfTimes, .. OrderFields.OfOrder]).ConfigureAwait(false);
        var malformed = new FieldFaults(StatusCodes.Status400BadRequest);
        var refused = new FieldFaults(StatusCodes.Status422UnprocessableEntity);
        (TransferOrder order, int priority, string? asked) = OrderFields.ReadKnown(body, malformed, refused);
        string project = asked ?? call.Caller.Project;
        string name = ScheduleFields.Name(body, malformed) ?? "";
        var empty = new Schedule(TransferId.New(call.Parts.Time), name, call.Caller.Subject, project, order.Verb, "", "", "", call.Now) { Cron = "", Priority = priority };
        Schedule wish = ScheduleFields.Times(body, empty, malformed, refused);
        malformed.ThrowIfAny();
        if (!call.Caller.MaySubmitFor(project))
        {
            refused.Add("project", "The token is for another project.");
        }

        Schedule made = await CheckedAsync(call, wish, order, refused).ConfigureAwait(false);
        call.Note.Target = made.Id;
        call.Note.Detail = $"{made.Name}: {made.Source} -> {made.Destination} at {made.Cron} {made.Zone}";
        if ((await call.Parts.Schedules.ListAsync(new ScheduleFilter { Owner = made.Owner }, null, MostOfOne, call.Aborted).ConfigureAwait(false)).Count >= MostOfOne)
        {
            throw ProblemException.Refused("", $"{made.Owner} has {MostOfOne} schedules, and nobody may have more. Remove some, or let one copy more at a time.");
        }

        if (!await call.Parts.Schedules.AddAsync(made, CancellationToken.None).ConfigureAwait(false))
        {
            throw new ProblemException(new Problem(
                "/errors/name-taken", "A schedule has this name", StatusCodes.Status409Conflict, $"{made.Owner} has a schedule \"{made.Name}\" already. Take another name, or remove that one."));
        }

        call.Parts.Timetable.Look();
        call.Http.Response.Headers.Location = $"/api/v1/schedules/{made.Id}";
        await call.AnswerAsync(StatusCodes.Status201Created, ScheduleCalls.AnswerOf(made, call), ApiJson.Default.ScheduleAnswer).ConfigureAwait(false);
    }

    private static async ValueTask<Schedule> CheckedAsync(Call call, Schedule wish, TransferOrder order, FieldFaults refused)
    {
        bool isBound = !call.Caller.Roles.HasFlag(TokenRoles.Administrator);
        (TransferOrder kept, CheckedOrder read, IReadOnlyList<OrderFault> faults) = await new CheckOrder(call.Parts.Engine, call.Parts.Projects, call.Parts.Staging.Stagers)
            .CheckAsync(order with { IsBound = isBound }, wish.Project, call.Aborted).ConfigureAwait(false);
        foreach (OrderFault fault in faults)
        {
            refused.Add(fault.Field, fault.Sentence);
        }

        refused.ThrowIfAny();
        return wish with { Source = read.Source.Text, Destination = read.Destination.Text, Details = kept.ToDetails() };
    }
}
