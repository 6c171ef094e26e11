using Godwit.Cli.Progress;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Tests.Cli;

/// <summary>The rate and the time left that a person sees.</summary>
public sealed class TransferMeterTests
{
    private const long MiB = 1 << 20;

    private static readonly StorePath s_file = StorePath.FromText("file");

    private readonly FakeTime _time = new();
    private readonly TransferTally _tally = new();

    // Below a limit, parts that are sent together are there together: 16 of 16 MiB at 5 MiB/s take 51 s, and nothing is counted meanwhile.
    [Theory]
    [InlineData(200, 0)]
    [InlineData(200, 150)]
    [InlineData(10_000, 0)]
    [InlineData(10_000, 150)]
    public void Parts_that_are_there_all_at_once_do_not_make_the_rate_jump(int lookEveryMs, int partsApartMs)
    {
        const long Total = 8192 * MiB;
        TransferMeter meter = Begin(Total);
        var faults = new List<string>();
        long sent = 0, seen = 0;
        for (int now = 10; now < 1_200_000; now += 10)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            while (sent < Total && now >= ((sent / (256 * MiB)) + 1) * 51_200 - (15 - (sent / (16 * MiB) % 16)) * partsApartMs)
            {
                meter.OnBytes(s_file, 16 * MiB);
                sent += 16 * MiB;
            }

            if (now % lookEveryMs != 0)
            {
                continue;
            }

            Standing standing = meter.Look();
            double left = (Total / (5.0 * MiB)) - (now / 1000.0);
            seen = sent < 256 * MiB ? now : seen;
            if (now < seen + 10_000)
            {
                continue;
            }

            bool isRight = standing.Rate / MiB is > 3.5 and < 6.5 && standing.Left is { } told && Math.Abs(told.TotalSeconds - left) < 0.3 * left + 10;
            if (!isRight)
            {
                faults.Add($"{now / 1000.0} s: {standing.Rate / MiB:F1} MiB/s, {standing.Left?.TotalSeconds:F0} s left, and it is {left:F0} s");
            }
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Where_bytes_come_all_the_time_a_change_is_seen_within_seconds()
    {
        TransferMeter meter = Begin(1024 * 1024 * MiB);
        Assert.Equal(100, Run(meter, 60, 20 * MiB).Rate / MiB, 1.0);
        Assert.Equal(10, Run(meter, 16, 2 * MiB).Rate / MiB, 0.5);
        Standing stalled = Run(meter, 16, 0);
        Assert.Equal((0, null), (stalled.Rate, stalled.Left));
    }

    [Fact]
    public void A_long_listing_before_the_first_file_does_not_lower_the_rate()
    {
        var meter = new TransferMeter(_tally, _time);
        _time.Advance(TimeSpan.FromMinutes(2));
        meter.Look();
        meter.On(new FileStarted(s_file, MiB, Resumed: false));
        Assert.Equal(100, Run(meter, 5, 20 * MiB).Rate / MiB, 1.0);
    }

    [Fact]
    public void A_file_that_begins_again_lets_the_bar_stand_still_until_it_is_as_far_again()
    {
        TransferMeter meter = Begin(100);
        meter.OnPassing(StoreSide.Source, s_file, 60);
        Assert.Equal(60, meter.Look().DoneBytes);
        meter.OnPassing(StoreSide.Source, s_file, -60);
        Assert.Equal(60, meter.Look().DoneBytes);
        meter.On(new FileStarted(s_file, 100, Resumed: false));
        meter.OnPassing(StoreSide.Source, s_file, 50);
        Assert.Equal(60, meter.Look().DoneBytes);
        meter.OnPassing(StoreSide.Source, s_file, 30);
        Assert.Equal(80, meter.Look().DoneBytes);
    }

    [Fact]
    public void Bytes_that_pass_twice_and_are_sent_afterwards_count_once()
    {
        TransferMeter meter = Begin(100);
        meter.OnPassing(StoreSide.Source, s_file, 100);
        meter.OnPassing(StoreSide.Source, s_file, 50);
        meter.OnBytes(s_file, 100);
        Assert.Equal(100, meter.Look().DoneBytes);
    }

    [Fact]
    public void A_file_is_never_further_than_its_end_and_bytes_that_pass_again_are_taken_back()
    {
        TransferMeter meter = Begin(1000);
        meter.On(new FileStarted(s_file, 100, Resumed: false));
        meter.OnPassing(StoreSide.Source, s_file, 60);
        meter.OnPassing(StoreSide.Source, s_file, -60);
        meter.OnPassing(StoreSide.Source, s_file, 50);
        Assert.Equal(50, meter.Look().DoneBytes);
        meter.OnPassing(StoreSide.Source, s_file, 120);
        Assert.Equal(100, meter.Look().DoneBytes);
    }

    [Theory]
    [InlineData(StoreSide.Source, 30)]
    [InlineData(StoreSide.Destination, 0)]
    public async Task What_is_read_counts_at_the_source_alone_and_what_broke_off_is_taken_back(StoreSide side, long done)
    {
        TransferMeter meter = Begin(100);
        var layer = new PassingBytes(meter, side);
        await using (Stream broken = layer.AroundBody(new StoreCall(StoreVerb.OpenRange, s_file), new Breaking(40)))
        {
            await Assert.ThrowsAsync<IOException>(async () => await broken.ReadAtLeastAsync(new byte[100], 100));
        }

        await using Stream body = layer.AroundBody(new StoreCall(StoreVerb.OpenRange, s_file), new MemoryStream(new byte[30]));
        await body.CopyToAsync(Stream.Null);
        Assert.Equal(done, meter.Look().DoneBytes);
    }

    [Fact]
    public async Task A_write_that_is_made_again_counts_once()
    {
        TransferMeter meter = Begin(100);
        WriteSource source = new PassingBytes(meter, StoreSide.Destination).AroundSource(
            new StoreCall(StoreVerb.WritePart, s_file, 40), WriteSource.From(new byte[40]));
        for (int attempt = 0; attempt < 2; attempt++)
        {
            await using Stream bytes = await source.OpenAsync(default);
            await bytes.CopyToAsync(Stream.Null);
        }

        Assert.Equal(40, meter.Look().DoneBytes);
    }

    [Fact]
    public void A_file_that_failed_need_not_be_waited_for_any_more()
    {
        TransferMeter meter = Begin(100);
        meter.OnPassing(StoreSide.Source, s_file, 10);
        meter.On(new FileFailed(s_file, 3, FileFailure.NotThere));
        Assert.Equal(100, meter.Look().DoneBytes);
    }

    [Fact]
    public void A_large_file_shows_how_far_it_is_by_itself()
    {
        TransferMeter meter = Begin(200 * MiB);
        meter.OnPassing(StoreSide.Source, s_file, 50 * MiB);
        Assert.Equal([" 25% file"], meter.Look().UnderWay);
    }

    /// <summary>Gives so many bytes and then breaks off.</summary>
    private sealed class Breaking(int bytes) : ThroughStream(new MemoryStream(new byte[bytes]))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await Inner.ReadAsync(buffer, cancellationToken) is > 0 and var count ? count : throw new IOException("cut");
    }

    private TransferMeter Begin(long total)
    {
        var meter = new TransferMeter(_tally, _time);
        _tally.Change(totals => totals with { Planned = 1, PlannedBytes = total });
        _tally.CompletePlan();
        meter.On(new FileStarted(s_file, total, Resumed: false));
        return meter;
    }

    /// <summary>So many bytes each fifth of a second, and a look at them.</summary>
    private Standing Run(TransferMeter meter, int seconds, long bytes)
    {
        Standing standing = meter.Look();
        for (int i = 0; i < seconds * 5; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            meter.OnBytes(s_file, bytes);
            standing = meter.Look();
        }

        return standing;
    }
}
