using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers;
using static Godwit.Transfers.TransferState;

namespace Godwit.Tests.Server.Staging;

public sealed class ReleaseLoopTests
{
    [Fact]
    public async Task Whoever_was_asked_hears_once_how_his_round_ended()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await using ReleaseLoop releases = Start(trial);
        await trial.SubmitAsync("t1", preparer: "flag");
        await trial.AcknowledgedAsync("t1");
        await trial.AnswerAsync("t1", source: "disk:staged/t1", endpoint: "disk");
        await trial.UntilAsync("t1", Preparing);
        await trial.AcknowledgedAsync("t1");
        Assert.Empty(trial.Tape.Released);
        await trial.AnswerAsync("t1");
        await trial.UntilAsync("t1", Success);
        releases.Look();
        await trial.UntilAsync(() => trial.Tape.Released.Count == 1 && trial.Flag.Released.Count == 1);
        StagerRequest told = trial.Tape.Released[0];
        Assert.Equal((Success, 1, "disk:staged/t1"), (told.Transfer.State, told.Transfer.Round, told.Source));
        releases.Look();
        await PassAsync(trial, TimeSpan.FromMinutes(1));
        Assert.Single(trial.Tape.Released);
    }

    [Fact]
    public async Task One_who_cannot_be_reached_is_told_later_and_what_became_of_that_very_round()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await using ReleaseLoop releases = Start(trial);
        trial.Tape.ReplyToRelease = _ => new StagerReply("It cannot be reached.");
        await trial.SubmitAsync("t1");
        await trial.AcknowledgedAsync("t1");
        await trial.CancelAsync("t1");
        await trial.UntilAsync("t1", Canceled);
        releases.Look();
        await trial.UntilAsync(() => trial.Tape.Released.Count == 1);
        await trial.Submissions.StepAsync("t1", Canceled, Submitted, null, Timestamp.From(trial.Time.GetUtcNow()), default);
        trial.Dispatcher.Look("t1");
        await trial.UntilAsync("t1", TransferState.Staging);
        trial.Tape.ReplyToRelease = _ => StagerReply.Acknowledged;
        await PassUntilAsync(trial, () => trial.Tape.Released.Count == 2);
        Assert.Equal([(Canceled, 1), (Canceled, 1)], trial.Tape.Released.Select(told => (told.Transfer.State!.Value, told.Transfer.Round)));
    }

    [Fact]
    public async Task A_slow_stager_holds_up_no_other_one()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await using ReleaseLoop releases = Start(trial);
        using var slow = new ManualResetEventSlim();
        trial.Tape.ReplyToRelease = _ =>
        {
            slow.Wait(TimeSpan.FromSeconds(30));
            return StagerReply.Acknowledged;
        };
        await trial.SubmitAsync("t1");
        await trial.AcknowledgedAsync("t1");
        await trial.CancelAsync("t1");
        await trial.UntilAsync("t1", Canceled);
        releases.Look();
        await trial.UntilAsync(() => trial.Tape.Released.Count == 1);
        await trial.SubmitAsync("t2", stager: null, preparer: "flag");
        await trial.AcknowledgedAsync("t2");
        await trial.CancelAsync("t2");
        await trial.UntilAsync("t2", Canceled);
        releases.Look();
        await trial.UntilAsync(() => trial.Flag.Released.Count == 1);
        slow.Set();
    }

    [Fact]
    public async Task It_is_given_up_after_a_day_and_at_a_refusal()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await using ReleaseLoop releases = Start(trial);
        trial.Tape.ReplyToRelease = request => new StagerReply("It answers 500.") { IsRefused = request.Transfer.Id == "refused" };
        foreach (string id in (string[])["silent", "refused"])
        {
            await trial.SubmitAsync(id);
            await trial.AcknowledgedAsync(id);
            await trial.CancelAsync(id);
            await trial.UntilAsync(id, Canceled);
        }

        releases.Look();
        await PassUntilAsync(trial, () => trial.Tape.Released.Any(told => told.Transfer.Id == "refused"));
        await PassUntilAsync(trial, () => trial.Time.Elapsed > TimeSpan.FromHours(50), TimeSpan.FromMinutes(20));
        await trial.UntilAsync(async () =>
        {
            trial.Time.Advance(TimeSpan.FromMinutes(20));
            return await trial.Ledger.CallOuts.NextReleaseAsync(default) is null;
        });
        Assert.Single(trial.Tape.Released, told => told.Transfer.Id == "refused");
        int tries = trial.Tape.Released.Count;
        Assert.InRange(tries, 3, 100);
        await PassAsync(trial, TimeSpan.FromMinutes(90));
        Assert.Equal(tries, trial.Tape.Released.Count);
        Assert.Equal("It answers 500.", (await trial.CallsAsync("silent"))[0].ReleaseFault);
    }

    private static ReleaseLoop Start(StagingTrial trial)
    {
        var loop = new ReleaseLoop(trial.Parts);
        loop.Start();
        return loop;
    }

    private static async Task PassAsync(StagingTrial trial, TimeSpan time)
    {
        for (TimeSpan end = trial.Time.Elapsed + time; trial.Time.Elapsed < end;)
        {
            await trial.SettleAsync();
            trial.Time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private static async Task PassUntilAsync(StagingTrial trial, Func<bool> isTrue, TimeSpan? step = null)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!isTrue())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "it does not come");
            await trial.SettleAsync();
            trial.Time.Advance(step ?? TimeSpan.FromMinutes(1));
        }
    }
}
