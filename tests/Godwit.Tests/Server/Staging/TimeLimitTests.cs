using Godwit.Server.Limits;
using Godwit.Tests.Server.Runs;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Transfers.TransferState;

namespace Godwit.Tests.Server.Staging;

public sealed class TimeLimitTests
{
    [Fact]
    public async Task What_waits_too_long_ends_and_what_is_paused_does_not()
    {
        await using StagingTrial trial = await new StagingTrial { WaitLimit = TimeSpan.FromMinutes(10) }.StartAsync();
        Hold(trial, true);
        await trial.SubmitAsync("t1", stager: null);
        await trial.SubmitAsync("paused", stager: null);
        await trial.PauseAsync("paused", true);

        // The place is paused: the time is not used up there.
        await PassAsync(trial, 12);
        Assert.Equal(Submitted, (await trial.Submissions.FindAsync("t1", default))!.State);
        trial.Engine.Run = TestEngine.UntilStoppedAsync;
        trial.Limits.Set("to", new LimitSettings { Transfers = 1 });
        trial.Dispatcher.LimitsChanged(new LimitedPlace("to", null));
        await trial.UntilAsync("t1", Transferring);
        await trial.SubmitAsync("t2", stager: null);
        await PassAsync(trial, 11);
        Submission ended = await trial.UntilAsync("t2", Error);
        Assert.Equal(
            "It has waited for its turn for 10m, which is all the time that the service gives it (wait-limit below server:). What was delivered stays; then: godwit retry t2", ended.Why);
        Assert.Equal(Submitted, (await trial.Submissions.FindAsync("paused", default))!.State);
        await trial.PauseAsync("paused", false);
        await PassAsync(trial, 5);
        Assert.Equal(Submitted, (await trial.Submissions.FindAsync("paused", default))!.State);
        await PassAsync(trial, 6);
        await trial.UntilAsync("paused", Error);
        Assert.Equal(Transferring, (await trial.Submissions.FindAsync("t1", default))!.State);
    }

    [Theory]
    [InlineData(0, Error)]
    [InlineData(3, Partial)]
    public async Task What_moves_files_for_too_long_is_stopped_and_says_what_arrived(int delivered, TransferState end)
    {
        await using StagingTrial trial = await new StagingTrial { TransferLimit = TimeSpan.FromMinutes(10) }.StartAsync();
        trial.Engine.Run = async (run, ct) =>
        {
            run.Tally.Change(totals => totals with { Planned = 5, Delivered = delivered });
            return await TestEngine.UntilStoppedAsync(run, ct);
        };
        await trial.SubmitAsync("t1", stager: null);
        await trial.UntilAsync("t1", Transferring);
        await PassAsync(trial, 9);
        Assert.Equal(Transferring, (await trial.Submissions.FindAsync("t1", default))!.State);
        await PassAsync(trial, 2);
        Assert.StartsWith("It has moved files for 10m", (await trial.UntilAsync("t1", end)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_in_which_no_service_ran_is_not_used_up()
    {
        await using var trial = new StagingTrial { TransferLimit = TimeSpan.FromMinutes(10), WaitLimit = TimeSpan.FromMinutes(10) };
        trial.Use(atOnce: 1);
        await trial.StartAsync();
        trial.Engine.Run = TestEngine.UntilStoppedAsync;
        await trial.SubmitAsync("moves", stager: null);
        await trial.UntilAsync("moves", Transferring);
        await trial.SubmitAsync("staging");
        await trial.AcknowledgedAsync("staging");
        await trial.SubmitAsync("waits");
        await trial.Dispatcher.DisposeAsync();
        trial.Time.Advance(TimeSpan.FromMinutes(20));
        await trial.StartAsync();
        await trial.UntilAsync(() => trial.Engine.Runs.Count == 2);
        await PassAsync(trial, 8);
        Assert.Equal(Transferring, (await trial.Submissions.FindAsync("moves", default))!.State);
        Assert.Equal(Submitted, (await trial.Submissions.FindAsync("waits", default))!.State);
        await PassAsync(trial, 3);
        await trial.UntilAsync("moves", Error);
        await trial.UntilAsync("waits", Error);
    }

    private static void Hold(StagingTrial trial, bool isHeld)
    {
        trial.Limits.Set("to", new LimitSettings { Pause = isHeld ? new LimitPause("olga", "", default) : null });
        trial.Dispatcher.LimitsChanged(new LimitedPlace("to", null));
    }

    private static async Task PassAsync(StagingTrial trial, int minutes)
    {
        for (int i = 0; i < minutes * 6; i++)
        {
            await trial.SettleAsync();
            trial.Time.Advance(TimeSpan.FromSeconds(10));
        }

        await trial.SettleAsync();
    }
}
