using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Results;

/// <summary>Tells several observers.</summary>
internal sealed class Observers(IReadOnlyList<ITransferObserver> all) : ITransferObserver
{
    public void On(TransferEvent happened)
    {
        foreach (ITransferObserver observer in all)
        {
            observer.On(happened);
        }
    }

    public void OnBytes(StorePath path, long bytes)
    {
        foreach (ITransferObserver observer in all)
        {
            observer.OnBytes(path, bytes);
        }
    }
}

/// <summary>What a dry run would do, one line a file.</summary>
internal sealed class PlannedLines(TextWriter output) : ITransferObserver
{
    private readonly Lock _lock = new();

    public void On(TransferEvent happened)
    {
        // What cannot be moved is told as a failure.
        if (happened is FilePlanned { Item: { Failure: null } item } planned)
        {
            lock (_lock)
            {
                string from = item.Source.Path == item.Destination ? "" : $", from {item.Source.Path}";
                output.WriteLine($"would {Words.Of(item.Decision)} {item.Destination} ({item.Reason}{from}{Words.Way(planned.Route)})");
            }
        }
    }

    public void OnBytes(StorePath path, long bytes)
    {
    }
}
