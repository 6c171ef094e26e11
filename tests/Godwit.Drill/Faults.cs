using System.Globalization;
using Godwit.Backends.Local;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Drill;

/// <summary>Harm between Godwit and one of its stores.</summary>
/// <param name="told">Which: <c>SIDE:SEED</c>, such as <c>Destination:17</c>; null for none.</param>
internal sealed class Faults(string? told)
{
    private readonly FaultyLayer? _layer = told is null ? null : new FaultyLayer(
        new FaultOptions
        {
            Seed = int.Parse(told.Split(':')[1], CultureInfo.InvariantCulture),
            Rates = new Dictionary<StoreFault, double>
            {
                [StoreFault.Error] = 0.015,
                [StoreFault.LostAnswer] = 0.015,
                [StoreFault.CutBody] = 0.01,
                [StoreFault.TruncatedBody] = 0.005,
                [StoreFault.FlippedBody] = 0.01,
                [StoreFault.FlippedSource] = 0.01,
            },
        },
        TimeProvider.System);

    /// <summary>The store, harmed if it is the one. What is on this machine has no layers that repeat calls.</summary>
    public IStore Around(IStore store, StoreSide side) =>
        _layer is not null && store is not LocalStore && told!.Split(':')[0] == side.ToString() ? new LayeredStore(store, _layer) : store;
}
