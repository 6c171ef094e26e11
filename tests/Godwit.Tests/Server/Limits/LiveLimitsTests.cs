using Godwit.Server.Limits;
using Godwit.Server.Queue;

namespace Godwit.Tests.Server.Limits;

public sealed class LiveLimitsTests
{
    [Fact]
    public void Runs_of_one_endpoint_share_what_it_may_take()
    {
        var limits = new LiveLimits(new FakeTime());
        RunLimits there = limits.For(new EndpointPair("a", "b"));
        RunLimits back = limits.For(new EndpointPair("b", "a"));
        limits.Set("a", new LimitSettings { Files = 3, BytesPerSecond = 1000 });
        Assert.Contains(there.Turns, turns => turns.Places == 3);
        Assert.Equal(there.Turns.Skip(1), back.Turns.Skip(1));
        Assert.True(there.LimitsBytes && back.LimitsBytes);
        Assert.Contains(there.Source, limit => limit.BytesPerSecond == 1000);
        Assert.Contains(back.Destination, limit => limit.BytesPerSecond == 1000);
    }
}
