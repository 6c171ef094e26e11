using Godwit.Server.Engine;
using Godwit.Server.Staging;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Api;

/// <summary>Somebody who is asked before files are moved.</summary>
internal sealed record CallOrderAnswer(string By, string What)
{
    public static CallOrderAnswer? Of(CallOrder? order) => order is null ? null : new CallOrderAnswer(order.By, order.What);
}

/// <summary>What was taken of an answer.</summary>
internal sealed record CallbackAnswer(string Transfer, bool Success, bool Repeated);

/// <summary>Somebody who was asked, and how far that is.</summary>
internal sealed record CallOutAnswer(int Round, string Stage, string By, string Id, string Made, string Deadline, int Tries)
{
    public string? What { get; init; }

    public string? Acknowledged { get; init; }

    public string? Fault { get; init; }

    public string? Answered { get; init; }

    public bool? Success { get; init; }

    public string? Message { get; init; }

    public string? Source { get; init; }

    public string? Released { get; init; }

    public string? ReleaseFault { get; init; }

    public static CallOutAnswer Of(CallOut call, TransferOrder order)
    {
        bool isStage = call.What.Stage == CallStage.Stage;
        return new CallOutAnswer(
            call.What.Round, CallTurn.NameOf(call.What.Stage), call.What.Of, call.What.Id, call.What.Made.ToString(), call.What.Deadline.ToString(), call.Tries)
        {
            What = isStage ? order.Stage?.What : order.Prepare?.What,
            Acknowledged = call.Acknowledged?.ToString(),
            Fault = call.Fault,
            Answered = call.Answer?.At.ToString(),
            Success = call.Answer?.IsSuccess,
            Message = call.Answer?.Message,
            Source = call.Answer?.Source,
            Released = call.Released?.ToString(),
            ReleaseFault = call.ReleaseFault,
        };
    }
}
