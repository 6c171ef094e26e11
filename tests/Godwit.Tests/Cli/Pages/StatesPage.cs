using System.Text;
using Godwit.Transfers;

namespace Godwit.Tests.Cli.Pages;

/// <summary><c>docs/states.md</c>, from the table that the program goes by.</summary>
internal static class StatesPage
{
    public static string Page()
    {
        var page = new StringBuilder("""
            # States of a transfer that a service carries out

            Made from the table in `src/Godwit.Transfers/TransferSteps.cs`, which the program itself goes by. A step that is not here is never taken, and each state is
            entered once in a round, at a moment that is kept. Trying again begins a new round with the files that were not delivered.

            PAUSED stands beside: a transfer that is paused keeps its state, and nothing of it begins until it is resumed. A run that goes on then stops cleanly, and its
            parts stay.

            ```mermaid
            stateDiagram-v2

            """);
        foreach (TransferStep step in TransferSteps.All)
        {
            page.Append($"    {(step.From is { } from ? TransferSteps.NameOf(from) : "[*]")} --> {TransferSteps.NameOf(step.To)}: {step.Cause}\n");
        }

        page.Append("```\n\n| from | to | because |\n| --- | --- | --- |\n");
        foreach (TransferStep step in TransferSteps.All)
        {
            page.Append($"| {(step.From is { } from ? TransferSteps.NameOf(from) : "")} | {TransferSteps.NameOf(step.To)} | {step.Cause} |\n");
        }

        page.Append("\n## When the service starts again\n\nWhatever ended it, each transfer goes on from the state that it had:\n\n| state | then |\n| --- | --- |\n");
        foreach (TransferState state in Enum.GetValues<TransferState>())
        {
            page.Append($"| {TransferSteps.NameOf(state)} | {TransferSteps.AfterStart(state)} |\n");
        }

        return page.ToString();
    }
}
