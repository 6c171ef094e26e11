using Godwit.Server.Access;
using Godwit.Server.Engine;
using Godwit.Server.Staging;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Schedules;

/// <summary>Whether an order can be carried out for a project: asked when somebody hands it over, each time that a schedule does, and when a stager says where its source is.</summary>
/// <param name="engine">Reads it.</param>
/// <param name="projects">Which places the project may use.</param>
/// <param name="stagers">Who can be asked to make it ready.</param>
internal sealed class CheckOrder(IEngine engine, Projects projects, StagerBook stagers)
{
    /// <summary>What it means, with what is wrong with it.</summary>
    /// <param name="order">The order; held to what its project may use where it is bound.</param>
    /// <param name="project">The project; empty for none.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>The order as it is kept, and everything that is in its way.</returns>
    public async ValueTask<(TransferOrder Order, CheckedOrder Read, IReadOnlyList<OrderFault> Faults)> CheckAsync(TransferOrder order, string project, CancellationToken ct)
    {
        (CheckedOrder read, IReadOnlyList<OrderFault> faults) = await CheckPlacesAsync(order, project, ct).ConfigureAwait(false);
        return (
            order with { Endpoints = (read.Source.Endpoint, read.Destination.Endpoint) },
            Shown(read, order),
            [.. faults, .. FaultsOf("stage", CallStage.Stage, order.Stage, order, project), .. FaultsOf("prepare", CallStage.Prepare, order.Prepare, order, project)]);
    }

    /// <summary>What it means, with what is wrong with its places and options; whom it asks does not matter.</summary>
    /// <param name="order">The order; held to what its project may use where it is bound.</param>
    /// <param name="project">The project; empty for none.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask<(CheckedOrder Read, IReadOnlyList<OrderFault> Faults)> CheckPlacesAsync(TransferOrder order, string project, CancellationToken ct)
    {
        CheckedOrder read = await engine.CheckAsync(order, ct).ConfigureAwait(false);
        return order.IsBound && read.Faults.Count == 0
            ? (read, await projects.FaultsAsync(project, order.IsSourceStaged ? null : read.Source, read.Destination, ct).ConfigureAwait(false))
            : (read, read.Faults);
    }

    /// <summary>Where its stager will say where the source is, it is told whose that is.</summary>
    private static CheckedOrder Shown(CheckedOrder read, TransferOrder order) => order is { IsSourceStaged: true, Stage: { } asked }
        ? read with { Source = read.Source with { Text = $"{CallTurn.NameOf(CallStage.Stage, asked.By)}{(asked.What.Length > 0 ? $": {asked.What}" : "")}" } }
        : read;

    private IEnumerable<OrderFault> FaultsOf(string field, CallStage stage, CallOrder? asked, TransferOrder order, string project)
    {
        if (asked is null)
        {
            yield break;
        }

        string[] names = [.. stagers.All.Where(rule => rule.Stage == stage).Select(rule => rule.Name).Order(StringComparer.Ordinal)];
        string key = stage == CallStage.Stage ? "stagers" : "preparers";
        if (stagers.Find(stage, asked.By) is not { } found)
        {
            yield return new OrderFault(
                field + ".by", $"The service's configuration has no {CallTurn.NameOf(stage, asked.By)} below {key}:. {(names.Length == 0 ? "There is none." : $"Known: {string.Join(", ", names)}.")}");
        }
        else if (order.IsBound && found.Projects is { } projects && !projects.Contains(project))
        {
            yield return new OrderFault(field + ".by", $"The {CallTurn.NameOf(stage, asked.By)} is not for the project \"{project}\": {key}.{asked.By}.projects of the service's configuration.");
        }
    }
}
