using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>Somebody outside who makes transfers ready: brings what is to be read from tape, or prepares it. He acknowledges at once and calls back when he is done.</summary>
public interface IStager
{
    /// <summary>The code that his answer to a call-out needs: the same whenever it is made, so that no ledger keeps it.</summary>
    string CodeOf(string callOut);

    /// <summary>Asks him. It does not throw for what he does or does not do.</summary>
    Task<StagerReply> AskAsync(StagerRequest request, CancellationToken ct);

    /// <summary>Tells him that what he made ready is needed no more.</summary>
    Task<StagerReply> ReleaseAsync(StagerRequest request, CancellationToken ct);
}

/// <summary>What somebody is asked.</summary>
/// <param name="CallOut">Which call-out.</param>
/// <param name="Transfer">For which transfer.</param>
/// <param name="Order">What was asked for.</param>
/// <param name="Source">Where its source is, as far as that is known; empty where he is the one to say.</param>
/// <param name="Callback">Where he answers.</param>
public sealed record StagerRequest(NewCallOut CallOut, Submission Transfer, Engine.TransferOrder Order, string Source, Uri Callback);

/// <summary>What became of asking.</summary>
/// <param name="Fault">What was wrong; null where it was acknowledged.</param>
public sealed record StagerReply(string? Fault)
{
    /// <summary>It was acknowledged.</summary>
    public static StagerReply Acknowledged { get; } = new((string?)null);

    /// <summary>Whether asking again changes nothing: he refuses.</summary>
    public bool IsRefused { get; init; }

    /// <summary>How long he wants to be left alone; null where he does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
