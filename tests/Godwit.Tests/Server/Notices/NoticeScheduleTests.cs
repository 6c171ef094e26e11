using Godwit.Server.Notices;

namespace Godwit.Tests.Server.Notices;

public sealed class NoticeScheduleTests
{
    private readonly NoticeSchedule _schedule = new(new Random(1));

    [Fact]
    public void What_fails_is_tried_for_about_a_day()
    {
        TimeSpan all = TimeSpan.Zero;
        int tries = 1;
        for (; _schedule.WaitAfter(tries, new NoticeReply("no answer")) is { } wait; tries++)
        {
            Assert.InRange(wait, _schedule.Waits[tries - 1], _schedule.Waits[tries - 1] * 1.2);
            all += wait;
        }

        Assert.Equal(10, tries);
        Assert.InRange(all, TimeSpan.FromHours(23), TimeSpan.FromHours(29));
    }

    [Fact]
    public void A_wait_that_is_asked_for_counts_where_it_is_longer_and_up_to_a_day()
    {
        Assert.Equal(TimeSpan.FromHours(2), _schedule.WaitAfter(1, new NoticeReply("later") { RetryAfter = TimeSpan.FromHours(2) }));
        Assert.Equal(TimeSpan.FromDays(1), _schedule.WaitAfter(1, new NoticeReply("later") { RetryAfter = TimeSpan.FromDays(400) }));
        Assert.InRange(_schedule.WaitAfter(5, new NoticeReply("later") { RetryAfter = TimeSpan.FromSeconds(-1) })!.Value, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(12));
    }
}
