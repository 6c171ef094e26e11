using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;

namespace Godwit.Tests.Transfers.Plan;

public sealed class DecideFileTests
{
    private static readonly Timestamp Now = new(1_000_000_000_000_000_000);

    /// <summary>Existing length and time relative to the source's (10 bytes, one hour old), compare, no-overwrite: decision.</summary>
    public static TheoryData<long?, long, CompareBy, bool, PlanDecision> Table => new()
    {
        { null, 0, CompareBy.Modified, false, PlanDecision.Move },
        { null, 0, CompareBy.Exists, true, PlanDecision.Move },
        { 10, 0, CompareBy.Modified, false, PlanDecision.Unchanged },
        { 10, 999, CompareBy.Modified, false, PlanDecision.Unchanged },
        { 10, 1_000, CompareBy.Modified, false, PlanDecision.Move },
        { 10, -1, CompareBy.Modified, false, PlanDecision.Move },
        { 11, 0, CompareBy.Modified, false, PlanDecision.Move },
        { 11, 0, CompareBy.Modified, true, PlanDecision.Unchanged },
        { 10, 1_000, CompareBy.Size, false, PlanDecision.Unchanged },
        { 11, 0, CompareBy.Size, false, PlanDecision.Move },
        { 11, 0, CompareBy.Exists, false, PlanDecision.Unchanged },
        { 10, 0, CompareBy.Always, false, PlanDecision.Move },
        { 10, 0, CompareBy.Always, true, PlanDecision.Unchanged },
        { 10, 0, CompareBy.Checksum, false, PlanDecision.Compare },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_file_is_decided_by_the_table(long? length, long later, CompareBy compare, bool noOverwrite, PlanDecision expected)
    {
        StoreEntry source = File(10, 0);
        StoreEntry? existing = length is { } bytes ? File(bytes, later) : null;
        var policy = new TransferPolicy { Compare = compare, NoOverwrite = noOverwrite };
        Assert.Equal(expected, Decide(source, existing, policy).Decision);
    }

    [Theory]
    [InlineData(EntryKind.Other, true)]
    [InlineData(EntryKind.Directory, true)]
    [InlineData(EntryKind.Directory, false)]
    public void Something_else_at_a_files_path_is_no_file_that_is_there_whatever_is_compared(EntryKind there, bool keepsDirectories)
    {
        var existing = new StoreEntry { Path = StorePath.FromText("a"), Kind = there };
        foreach (CompareBy compare in Enum.GetValues<CompareBy>())
        {
            foreach (bool noOverwrite in (bool[])[false, true])
            {
                var policy = new TransferPolicy { Compare = compare, NoOverwrite = noOverwrite };
                PlanItem item = DecideFile.For(File(10, 0), existing, existing.Path, new StoreLimits(), policy, 1_000, keepsDirectories, Now);
                Assert.Equal(
                    keepsDirectories ? (PlanDecision.Impossible, "in-the-way", false) : (PlanDecision.Move, null, null),
                    (item.Decision, item.Failure?.Kind, item.Failure?.MayPass));
            }
        }
    }

    [Theory]
    [InlineData(EntryKind.Other, LinkPolicy.Skip, PlanDecision.SkippedSpecial)]
    [InlineData(EntryKind.Link, LinkPolicy.Skip, PlanDecision.SkippedLink)]
    [InlineData(EntryKind.Link, LinkPolicy.Follow, PlanDecision.SkippedLink)]
    [InlineData(EntryKind.Link, LinkPolicy.Keep, PlanDecision.MakeLink)]
    [InlineData(EntryKind.Directory, LinkPolicy.Skip, PlanDecision.MakeDirectory)]
    public void What_is_not_a_file_is_decided_by_its_kind(EntryKind kind, LinkPolicy links, PlanDecision expected) =>
        Assert.Equal(expected, Decide(new StoreEntry { Path = StorePath.FromText("a"), Kind = kind }, null, new TransferPolicy { Links = links }).Decision);

    [Fact]
    public void A_store_that_keeps_no_directories_is_asked_for_none_also_when_it_could_not_hold_the_name()
    {
        var directory = new StoreEntry { Path = StorePath.FromBytes([0xff]), Kind = EntryKind.Directory };
        PlanItem item = DecideFile.For(
            directory, null, directory.Path, new StoreLimits { NamesAreBytes = false }, TransferPolicy.Default, 1, false, Now);
        Assert.Equal(PlanDecision.SkippedDirectory, item.Decision);
    }

    [Fact]
    public void A_file_that_changed_a_moment_ago_waits_for_the_next_run()
    {
        var policy = new TransferPolicy { StableFor = TimeSpan.FromHours(2) };
        Assert.Equal(PlanDecision.Unsettled, Decide(File(10, 0), null, policy).Decision);
        Assert.Equal(PlanDecision.Move, Decide(File(10, 0), null, policy with { StableFor = TimeSpan.FromMinutes(59) }).Decision);
    }

    [Fact]
    public void A_time_in_the_future_is_no_moment_of_this_clock_and_nobody_waits_for_it()
    {
        var policy = new TransferPolicy { StableFor = TimeSpan.FromHours(2) };
        StoreEntry late = File(10, 0) with { Modified = new Timestamp(Now.Nanoseconds + (3 * 3600 * 1_000_000_000L)) };
        Assert.Equal(PlanDecision.Move, Decide(late, null, policy).Decision);
        Assert.Equal(PlanDecision.Unsettled, Decide(late, null, policy with { StableFor = TimeSpan.FromHours(4) }).Decision);
    }

    [Fact]
    public void A_name_that_the_destination_cannot_hold_is_known_before_anything_moves()
    {
        StoreEntry source = File(10, 0) with { Path = StorePath.FromBytes([0xff]) };
        PlanItem item = DecideFile.For(
            source, null, source.Path, new StoreLimits { NamesAreBytes = false }, TransferPolicy.Default, 1, true, Now);
        Assert.Equal("name-not-representable", item.Failure!.Kind);
        Assert.False(item.Failure.MayPass);
    }

    private static PlanItem Decide(StoreEntry source, StoreEntry? existing, TransferPolicy policy) =>
        DecideFile.For(source, existing, source.Path, new StoreLimits(), policy, 1_000, true, Now);

    private static StoreEntry File(long length, long laterNanoseconds) => new()
    {
        Path = StorePath.FromText("a"),
        Kind = EntryKind.File,
        Length = length,
        Modified = new Timestamp(Now.Nanoseconds - 3_600_000_000_000 + laterNanoseconds),
    };
}
