using Godwit.Cli;
using Godwit.Cli.Results;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>The outcome and the exit code that follow from what happened, row by row.</summary>
public sealed class OutcomesTests
{
    private const bool BrokeOff = true;

    [Theory]
    [InlineData(3, 0, 0, StopReason.None, !BrokeOff, TransferOutcome.Success, 0)]
    [InlineData(0, 0, 0, StopReason.None, !BrokeOff, TransferOutcome.Success, 0)]
    [InlineData(2, 1, 0, StopReason.None, !BrokeOff, TransferOutcome.Partial, 6)]
    [InlineData(0, 3, 0, StopReason.None, !BrokeOff, TransferOutcome.Error, 6)]
    [InlineData(3, 0, 0, StopReason.TimeBudget, !BrokeOff, TransferOutcome.Success, 10)]
    [InlineData(1, 0, 2, StopReason.TimeBudget, !BrokeOff, TransferOutcome.Partial, 10)]
    [InlineData(0, 0, 3, StopReason.TimeBudget, !BrokeOff, TransferOutcome.Error, 10)]
    [InlineData(1, 0, 2, StopReason.MaxTransfer, !BrokeOff, TransferOutcome.Partial, 8)]
    [InlineData(1, 1, 1, StopReason.DestinationFull, !BrokeOff, TransferOutcome.Partial, 5)]
    [InlineData(0, 1, 2, StopReason.DestinationFull, !BrokeOff, TransferOutcome.Error, 5)]
    [InlineData(1, 1, 1, StopReason.StoreUnusable, !BrokeOff, TransferOutcome.Partial, 7)]
    [InlineData(0, 1, 2, StopReason.StoreUnusable, !BrokeOff, TransferOutcome.Error, 7)]
    [InlineData(1, 0, 2, StopReason.ClaimLost, !BrokeOff, TransferOutcome.Partial, 7)]
    [InlineData(0, 0, 3, StopReason.ClaimLost, !BrokeOff, TransferOutcome.Error, 7)]
    [InlineData(1, 0, 2, StopReason.Canceled, !BrokeOff, TransferOutcome.Canceled, 143)]
    [InlineData(0, 0, 3, StopReason.Canceled, !BrokeOff, TransferOutcome.Canceled, 143)]
    [InlineData(1, 0, 2, StopReason.None, BrokeOff, TransferOutcome.Partial, 7)]
    [InlineData(3, 0, 0, StopReason.None, BrokeOff, TransferOutcome.Partial, 7)]
    [InlineData(0, 0, 3, StopReason.None, BrokeOff, TransferOutcome.Error, 7)]
    [InlineData(0, 0, 0, StopReason.None, BrokeOff, TransferOutcome.Error, 7)]
    [InlineData(1, 0, 2, StopReason.Canceled, BrokeOff, TransferOutcome.Partial, 7)]
    public void Follow_from_the_counts_and_from_what_ended_it(
        int delivered, int failed, int notAttempted, StopReason stopped, bool brokeOff, TransferOutcome outcome, int code)
    {
        var totals = new TransferTotals
        {
            Planned = delivered + failed + notAttempted,
            Delivered = delivered,
            Failed = failed,
            NotAttempted = notAttempted,
        };
        Assert.Equal(outcome, TransferResult.OutcomeOf(totals, stopped, brokeOff));
        var end = new RunEnd
        {
            Id = "id",
            Verb = "copy",
            Source = "a",
            Destination = "b",
            Outcome = outcome,
            Stopped = stopped,
            Totals = totals,
            Started = default,
            Error = brokeOff ? "it broke off" : null,
        };
        Assert.Equal(code, (int)ExitFacts.Of(end, () => ExitCode.Terminated).Choose());
    }
}
