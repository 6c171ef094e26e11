using System.Collections.Concurrent;
using Godwit.Server.Staging;

namespace Godwit.Tests.Server.Staging;

/// <summary>Somebody who is asked, and does what a test says.</summary>
internal sealed class TestStager : IStager
{
    private readonly ConcurrentQueue<StagerRequest> _asked = new();
    private readonly ConcurrentQueue<StagerRequest> _released = new();

    /// <summary>What he was asked, in order.</summary>
    public IReadOnlyList<StagerRequest> Asked => [.. _asked];

    /// <summary>What he was told is needed no more, in order.</summary>
    public IReadOnlyList<StagerRequest> Released => [.. _released];

    /// <summary>What he says when he is asked. Unless something else is said he acknowledges.</summary>
    public Func<StagerRequest, StagerReply> Reply { get; set; } = _ => StagerReply.Acknowledged;

    /// <summary>What he says when he is told that it is needed no more.</summary>
    public Func<StagerRequest, StagerReply> ReplyToRelease { get; set; } = _ => StagerReply.Acknowledged;

    /// <summary>What codes are made from.</summary>
    public string Secret { get; set; } = "secret";

    public string CodeOf(string callOut) => $"{Secret}/{callOut}";

    public Task<StagerReply> AskAsync(StagerRequest request, CancellationToken ct)
    {
        _asked.Enqueue(request);
        return Task.FromResult(Reply(request));
    }

    public Task<StagerReply> ReleaseAsync(StagerRequest request, CancellationToken ct)
    {
        _released.Enqueue(request);
        return Task.FromResult(ReplyToRelease(request));
    }
}
