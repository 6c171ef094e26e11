using Godwit.Server.Access;
using Godwit.Server.Engine;

namespace Godwit.Server.Schedules;

/// <summary>Whether an order can be carried out for a project: asked when somebody hands it over, and each time that a schedule does.</summary>
/// <param name="engine">Reads it.</param>
/// <param name="projects">Which places the project may use.</param>
internal sealed class CheckOrder(IEngine engine, Projects projects)
{
    /// <summary>What it means, with what is wrong with it.</summary>
    /// <param name="order">The order; held to what its project may use where it is bound.</param>
    /// <param name="project">The project; empty for none.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>The order as it is kept, and everything that is in its way.</returns>
    public async ValueTask<(TransferOrder Order, CheckedOrder Read, IReadOnlyList<OrderFault> Faults)> CheckAsync(TransferOrder order, string project, CancellationToken ct)
    {
        CheckedOrder read = await engine.CheckAsync(order, ct).ConfigureAwait(false);
        IReadOnlyList<OrderFault> faults = order.IsBound && read.Faults.Count == 0
            ? await projects.FaultsAsync(project, read.Source, read.Destination, ct).ConfigureAwait(false)
            : read.Faults;
        return (order with { Endpoints = (read.Source.Endpoint, read.Destination.Endpoint) }, read, faults);
    }
}
