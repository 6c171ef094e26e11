using System.Text.Json;
using Godwit.Server.Engine;
using Godwit.Transfers;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>What is asked of a transfer after it was handed over. The step itself is for whoever is told to look.</summary>
internal static class ChangeTransfer
{
    private const int LongestMessage = 1000;

    public static async Task CancelAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        await call.SmallBodyAsync().ConfigureAwait(false);
        bool isTaken = await call.Parts.Submissions.AskCancelAsync(transfer.Id, call.Now, call.Aborted).ConfigureAwait(false);
        await AnswerAsync(call, isTaken, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    public static async Task PauseAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        JsonElement body = await call.SmallBodyAsync("message").ConfigureAwait(false);
        var faults = new FieldFaults(StatusCodes.Status400BadRequest);
        string message = JsonText.Text(body, "", "message", false, faults) ?? "";
        if (message.Length > LongestMessage)
        {
            faults.Add("message", $"It has more than {LongestMessage} characters.");
        }

        faults.ThrowIfAny();
        var pause = new SubmissionPause(call.Now, call.Caller.Subject, message);
        bool isTaken = await call.Parts.Submissions.PauseAsync(transfer.Id, pause, call.Aborted).ConfigureAwait(false);
        await RequireAsync(call, isTaken, "cannot be paused").ConfigureAwait(false);
        await AnswerAsync(call, isTaken, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    public static async Task ResumeAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        await call.SmallBodyAsync().ConfigureAwait(false);
        RequireHeld(call, TransferOrder.Of(transfer));
        bool isTaken = await call.Parts.Submissions.PauseAsync(transfer.Id, null, call.Aborted).ConfigureAwait(false);
        await RequireAsync(call, isTaken, "cannot be resumed").ConfigureAwait(false);
        await AnswerAsync(call, isTaken, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    public static async Task RetryAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        await call.SmallBodyAsync().ConfigureAwait(false);
        RequireHeld(call, TransferOrder.Of(transfer));
        bool isTaken = transfer.State is { } state && TransferSteps.Allows(state, TransferState.Submitted)
            && await call.Parts.Submissions.StepAsync(transfer.Id, state, TransferState.Submitted, null, call.Now, call.Aborted).ConfigureAwait(false);
        await RequireAsync(call, isTaken, "cannot be tried again: only one that is PARTIAL, ERROR or CANCELED can").ConfigureAwait(false);

        // A schedule may have begun it, and its window may be closed. Before whoever begins it is told to look.
        call.Parts.Timetable.Look();
        await AnswerAsync(call, isTaken, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    public static async Task PatchAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        JsonElement body = await call.SmallBodyAsync("priority").ConfigureAwait(false);
        var faults = new FieldFaults(StatusCodes.Status400BadRequest);
        int priority = OrderFields.Priority(body, faults)
            ?? throw ProblemException.Malformed("priority", "It is missing.");
        faults.ThrowIfAny();
        bool isTaken = await call.Parts.Submissions.SetPriorityAsync(transfer.Id, priority, call.Aborted).ConfigureAwait(false);
        await RequireAsync(call, isTaken, "gets no other priority").ConfigureAwait(false);
        await AnswerAsync(call, isTaken, StatusCodes.Status200OK).ConfigureAwait(false);
    }

    /// <summary>What an administrator handed over is held to no project's places, and what is there may be another thing by now.</summary>
    internal static void RequireHeld(Call call, TransferOrder order)
    {
        if (!order.IsBound && !call.Caller.Roles.HasFlag(TokenRoles.Administrator))
        {
            throw new ProblemException(new Problem(
                "/errors/forbidden", "The caller may not do this", StatusCodes.Status403Forbidden,
                "An administrator handed it over, held to no project's places: only an administrator lets it run again. Hand it over anew."));
        }
    }

    private static async Task RequireAsync(Call call, bool isTaken, string what)
    {
        if (!isTaken)
        {
            Submission now = await call.TransferAsync().ConfigureAwait(false);
            string state = TransferSteps.NameOf(now.State ?? TransferState.Submitted);
            throw ProblemException.Conflict($"The transfer is {state} and {what}.", state);
        }
    }

    /// <summary>The status where it was taken, and 200 where there was nothing left to do.</summary>
    private static async Task AnswerAsync(Call call, bool isTaken, int status)
    {
        Submission now = await call.TransferAsync().ConfigureAwait(false);
        if (isTaken)
        {
            call.Parts.Look(now.Id);
        }

        await ReadTransfers.AnswerAsync(call, isTaken ? status : StatusCodes.Status200OK, now).ConfigureAwait(false);
    }
}
