using Godwit.Server.Metrics;
using Godwit.Server.Queue;

namespace Godwit.Tests.Server.Metrics;

public sealed class WaitingViewTests
{
    private static readonly EndpointPair s_link = new("disk", "tape");

    private readonly FakeTime _time = new();

    [Fact]
    public async Task What_waits_is_told_by_link_and_priority_with_its_age_until_it_waits_no_more()
    {
        using var metrics = new ServiceMetrics("1", _time);
        var view = new WaitingView(_time);
        bool isPaused = false;
        metrics.Watch(() => view.Read([s_link, s_link]) with { IsPaused = _ => isPaused });
        view.Add(new WaitingTransfer("a", s_link, "", 3));
        _time.Advance(TimeSpan.FromSeconds(10));
        view.Add(new WaitingTransfer("b", s_link, "", 3));
        view.Add(new WaitingTransfer("a", s_link, "", 5));
        view.Block(7);
        Scrape scrape = new(await metrics.TextAsync());
        const string Link = "src=\"disk\",dst=\"tape\",link=\"disk -> tape\"";
        Assert.Equal((1, 1), (Depth(3), Depth(5)));
        Assert.Equal((10, 7, 2, 0), (scrape["godwit_queue_age_seconds"], scrape["godwit_queue_blocked"], scrape[$"godwit_active_transfers{{{Link}}}"], Paused()));
        view.Remove("a");
        view.Remove("a");
        isPaused = true;
        scrape = new(await metrics.TextAsync());
        Assert.Equal((1, 0, 0, 1), (Depth(3), Depth(5), scrape["godwit_queue_age_seconds"], Paused()));

        double? Depth(int priority) => scrape[$"godwit_queue_depth{{{Link},priority=\"{priority}\"}}"];
        double? Paused() => scrape[$"godwit_link_paused{{{Link}}}"];
    }
}
