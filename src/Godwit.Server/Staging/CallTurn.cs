using Godwit.Server.Engine;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>A call-out that a transfer needs next, or waits for.</summary>
/// <param name="Stage">For what.</param>
/// <param name="Asked">Who, and what he is asked.</param>
/// <param name="During">The state of the transfer while he is busy.</param>
/// <param name="After">The state when he is done.</param>
internal sealed record CallTurn(CallStage Stage, CallOrder Asked, TransferState During, TransferState After)
{
    /// <summary>The call-out that a transfer in a state needs next, or waits for; null where nobody is to be asked before it goes on.</summary>
    public static CallTurn? Of(TransferOrder order, TransferState state) => state switch
    {
        TransferState.Submitted => Staging(order) ?? Preparing(order),
        TransferState.Staging => Staging(order),
        TransferState.Staged or TransferState.Preparing => Preparing(order),
        _ => null,
    };

    /// <summary>What whoever is asked is called in sentences.</summary>
    public string Who => NameOf(Stage, Asked.By);

    /// <summary>The stage's word in the API, in events and in metrics.</summary>
    public static string NameOf(CallStage stage) => stage == CallStage.Stage ? "stage" : "prepare";

    /// <summary>What somebody who is asked is called in sentences.</summary>
    public static string NameOf(CallStage stage, string name) => $"{(stage == CallStage.Stage ? "stager" : "preparer")} \"{name}\"";

    private static CallTurn? Staging(TransferOrder order) =>
        order.Stage is { } asked ? new CallTurn(CallStage.Stage, asked, TransferState.Staging, TransferState.Staged) : null;

    private static CallTurn? Preparing(TransferOrder order) =>
        order.Prepare is { } asked ? new CallTurn(CallStage.Prepare, asked, TransferState.Preparing, TransferState.Prepared) : null;
}
