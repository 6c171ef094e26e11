using Godwit.Server.Metrics;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>What call-outs stand on.</summary>
public sealed record StagingParts
{
    /// <summary>The record of transfers.</summary>
    public required ISubmissions Submissions { get; init; }

    /// <summary>The record of call-outs.</summary>
    public required ICallOuts Calls { get; init; }

    /// <summary>Who can be asked.</summary>
    public required StagerBook Stagers { get; init; }

    /// <summary>Where an answer to a call-out goes, by its id.</summary>
    public required Func<string, Uri> CallbackOf { get; init; }

    /// <summary>What is measured; null for nothing.</summary>
    public ServiceMetrics? Metrics { get; init; }

    /// <summary>Takes a sentence about a fault of the program itself.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}
