using Godwit.Storage;

namespace Godwit.Tests.Storage.Layers;

/// <summary>Keeps what an observer heard.</summary>
internal sealed class Journal : IStoreObserver
{
    public List<StoreCallEnd> Calls { get; } = [];

    public List<StoreCallEnd> Bodies { get; } = [];

    public void CallEnded(StoreCallEnd end)
    {
        lock (Calls)
        {
            Calls.Add(end);
        }
    }

    public void BodyEnded(StoreCallEnd end)
    {
        lock (Calls)
        {
            Bodies.Add(end);
        }
    }
}
