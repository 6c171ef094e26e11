using Godwit.Backends.Gfal.Worker;

namespace Godwit.Tests.Backends.Gfal;

/// <summary>The listing of an XRootD server, read through a library that takes a minute without an answer for the end.</summary>
public sealed class PatientListingTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromSeconds(60);

    private readonly FakeTime _time = new();
    private readonly List<TimeSpan> _pauses = [];

    [Fact]
    public void Entries_come_in_their_order_and_then_the_end()
    {
        PatientListing<int> listing = Reading((TimeSpan.Zero, 1), (TimeSpan.Zero, 2), (TimeSpan.Zero, null));
        Assert.Equal([1, 2, null], [listing.Next(), listing.Next(), listing.Next()]);
    }

    [Fact]
    public void A_minute_without_an_answer_is_not_the_end()
    {
        PatientListing<int> listing = Reading((s_minute, null), (s_minute, null), (TimeSpan.FromSeconds(3), 1), (TimeSpan.Zero, null));
        Assert.Equal([1, null], [listing.Next(), listing.Next()]);
    }

    [Fact]
    public void An_empty_directory_that_was_slept_over_is_empty()
    {
        PatientListing<int> listing = Reading((s_minute, null), (TimeSpan.Zero, null), (TimeSpan.Zero, null));
        Assert.Null(listing.Next());
    }

    [Fact]
    public void A_waiting_that_ends_before_its_time_is_not_the_end()
    {
        PatientListing<int> listing = Reading((TimeSpan.Zero, null), (TimeSpan.FromSeconds(2), 1), (TimeSpan.Zero, null));
        Assert.Equal([1, null], [listing.Next(), listing.Next()]);
    }

    [Fact]
    public void What_is_never_listed_is_an_error()
    {
        PatientListing<int> listing = Reading([.. Enumerable.Repeat((s_minute, (int?)null), 20)]);
        Assert.Contains("has not listed", Assert.Throws<GfalFaultException>(() => listing.Next()).Fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(40, 60)]
    [InlineData(9_000, 250)]
    public void It_is_asked_when_the_answer_is_likely_to_have_come_and_only_once_late(int opened, int pause)
    {
        PatientListing<int> listing = Reading(TimeSpan.FromMilliseconds(opened), (TimeSpan.Zero, 1), (TimeSpan.Zero, 2));
        listing.Next();
        listing.Next();
        Assert.Equal([TimeSpan.FromMilliseconds(pause)], _pauses);
    }

    private PatientListing<int> Reading(params (TimeSpan Takes, int? Entry)[] answers) => Reading(TimeSpan.Zero, answers);

    private PatientListing<int> Reading(TimeSpan opened, params (TimeSpan Takes, int? Entry)[] answers)
    {
        var left = new Queue<(TimeSpan Takes, int? Entry)>(answers);
        return new PatientListing<int>(Next, opened, _time, _pauses.Add);

        int? Next()
        {
            (TimeSpan takes, int? entry) = left.Dequeue();
            _time.Advance(takes);
            return entry;
        }
    }
}
