using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Godwit.Server.Engine;
using Godwit.Server.Notices;
using Godwit.Server.Schedules;
using Godwit.Server.Staging;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Takes the answer of whoever was asked to make a transfer ready. The step itself is for whoever is told to look.</summary>
internal static class CallBack
{
    private const int LongestCode = 200;
    private const int LongestMessage = 1000;

    public static async Task AnswerAsync(Call call)
    {
        Said said = await ReadAsync(call).ConfigureAwait(false);
        string id = call.Http.Request.RouteValues["call"] as string ?? "";
        CallOut? found = await call.Parts.Staging.Calls.FindAsync(id, call.Aborted).ConfigureAwait(false);
        if (found is not { CodeHash: { } hash } || !IsSame(hash, CallCode.HashOf(said.Code))
            || await call.Parts.Submissions.FindAsync(found.What.Submission, call.Aborted).ConfigureAwait(false) is not { } transfer)
        {
            throw Unknown();
        }

        call.Note.Target = transfer.Id;
        call.Note.Detail = $"{CallTurn.NameOf(found.What.Stage, found.What.Of)}: {(said.IsSuccess ? "ready" : "failed")}";
        (CallAnswer answer, string? refusal) = await AnswerOfAsync(call, said, found, transfer).ConfigureAwait(false);
        AnswerTaken taken = await call.Parts.Staging.Calls.AnswerAsync(id, hash, answer, call.Aborted).ConfigureAwait(false);
        RequireTaken(taken, transfer);

        // Whether the first answer was lost on the way back or the service was killed then: its transfer is to go on.
        call.Parts.Look(transfer.Id);
        if (refusal is not null)
        {
            throw ProblemException.Refused("source", refusal);
        }

        await call.AnswerAsync(StatusCodes.Status200OK, new CallbackAnswer(transfer.Id, answer.IsSuccess, taken == AnswerTaken.Repeated), ApiJson.Default.CallbackAnswer)
            .ConfigureAwait(false);
    }

    private static async ValueTask<Said> ReadAsync(Call call)
    {
        JsonElement body = await call.SmallBodyAsync("code", "success", "message", "source").ConfigureAwait(false);
        var faults = new FieldFaults(StatusCodes.Status400BadRequest);
        string code = JsonText.Text(body, "", "code", true, faults) ?? "";
        if (code.Length > LongestCode)
        {
            faults.Add("code", "It is the code that came with the request.");
        }

        bool? isSuccess = body.TryGetProperty("success", out JsonElement success) ? success.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        } : null;
        if (isSuccess is null)
        {
            faults.Add("success", "It is true or false: a JSON boolean, not a text, and it has to be there.");
        }

        string message = JsonText.Text(body, "", "message", false, faults) ?? "";
        string? source = JsonText.Text(body, "", "source", false, faults);
        if (source is { Length: 0 })
        {
            faults.Add("source", "It is empty. Leave it out where the source is what the transfer says.");
        }

        faults.ThrowIfAny();
        return new Said(code, isSuccess == true, NoticeText.Line(message, LongestMessage), source);
    }

    /// <summary>The answer as it is written down: a source that may not be used is a failure, because nothing better will come.</summary>
    private static async ValueTask<(CallAnswer Answer, string? Refusal)> AnswerOfAsync(Call call, Said said, CallOut found, Submission transfer)
    {
        var answer = new CallAnswer(call.Now, said.IsSuccess, said.Message);
        if (!said.IsSuccess || found.What.Stage != CallStage.Stage)
        {
            return said.Source is null || !said.IsSuccess
                ? (answer, null)
                : throw ProblemException.Refused("source", "Only a stager says where a source is. Leave it out.");
        }

        var order = TransferOrder.Of(transfer);
        if (said.Source is not { } source)
        {
            return order.IsSourceStaged ? Refused(answer, "It does not say where the source is, and the transfer does not say it either: a source is needed.") : (answer, null);
        }

        (CheckedOrder read, IReadOnlyList<OrderFault> faults) = await new CheckOrder(call.Parts.Engine, call.Parts.Projects, call.Parts.Staging.Stagers)
            .CheckPlacesAsync(order with { Source = source }, transfer.Project, call.Aborted).ConfigureAwait(false);
        if (faults.FirstOrDefault(fault => fault.Field == "source") is { } own)
        {
            return Refused(answer, $"Its source cannot be used: {own.Sentence}");
        }

        RequireKnown(call.Parts.Staging.Stagers, found, faults);
        return StagerPlaces.WhyNot(call.Parts.Staging.Stagers, found.What.Of, read.Source) is { } why
            ? Refused(answer, why)
            : (answer with { Source = source, Endpoint = read.Source.Endpoint }, null);
    }

    /// <summary>What the configuration lacks at present is no fault of whoever answers: he answers again when it is mended.</summary>
    private static void RequireKnown(StagerBook stagers, CallOut found, IReadOnlyList<OrderFault> faults)
    {
        string? lacks = stagers.Find(CallStage.Stage, found.What.Of) is null
            ? $"The service's configuration has no {CallTurn.NameOf(CallStage.Stage, found.What.Of)} at present, so that nobody knows which sources it may name."
            : faults is [{ } first, ..] ? first.Sentence : null;
        if (lacks is not null)
        {
            var problem = new Problem("/errors/not-ready", "The answer cannot be looked at now", StatusCodes.Status503ServiceUnavailable, $"{lacks} Answer again later.");
            throw new ProblemException(problem) { RetryAfter = 60 };
        }
    }

    private static (CallAnswer Answer, string? Refusal) Refused(CallAnswer answer, string why) =>
        (answer with { IsSuccess = false, Message = answer.Message.Length > 0 ? $"{why} It said: {answer.Message}" : why }, why);

    private static void RequireTaken(AnswerTaken taken, Submission transfer)
    {
        string? state = transfer.State is { } known ? Transfers.TransferSteps.NameOf(known) : null;
        switch (taken)
        {
            case AnswerTaken.Differs:
                throw ProblemException.Conflict("Another answer came before, and it counts.", state);
            case AnswerTaken.TooLate:
                throw ProblemException.Conflict("The transfer does not wait for it any more: it was cancelled, or its time was used up.", state);
            case AnswerTaken.Unknown:
                throw Unknown();
        }
    }

    private static bool IsSame(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(one), Encoding.ASCII.GetBytes(other));

    /// <summary>The same for an id that is none's and for a wrong code, so that nobody finds out ids.</summary>
    private static ProblemException Unknown() => new(new Problem(
        "/errors/forbidden", "The caller may not do this", StatusCodes.Status403Forbidden, "Nobody was asked under this id with this code. The code is in the request that asked."));

    private sealed record Said(string Code, bool IsSuccess, string Message, string? Source);
}
