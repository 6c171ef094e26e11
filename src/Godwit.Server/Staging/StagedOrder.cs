using Godwit.Server.Engine;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>What a transfer moves, once its stager has said where that is.</summary>
internal static class StagedOrder
{
    /// <summary>The order of a transfer, with the source that its stager named in this round where he named one.</summary>
    public static async ValueTask<TransferOrder> OfAsync(ICallOuts calls, Submission transfer, CancellationToken ct)
    {
        var order = TransferOrder.Of(transfer);
        return order.Stage is null ? order : Of(order, transfer, await calls.ListAsync(transfer.Id, ct).ConfigureAwait(false));
    }

    /// <summary>As <see cref="OfAsync"/>, of call-outs that were read.</summary>
    public static TransferOrder Of(TransferOrder order, Submission transfer, IReadOnlyList<CallOut> calls)
    {
        CallOut? staged = calls.FirstOrDefault(call => call.What.Round == transfer.Round && call.What.Stage == CallStage.Stage);
        return staged?.Answer is { IsSuccess: true, Source: { } source } answer
            ? order with { StagedBy = staged.What.Of, Source = source, Endpoints = (answer.Endpoint ?? "", order.Endpoints.Destination) }
            : order;
    }
}
