using Godwit.Server.Engine;
using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Tests.Server.Metrics;
using Godwit.Tests.Server.Runs;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Transfers.TransferState;

namespace Godwit.Tests.Server.Staging;

public sealed class CallOutTests
{
    private static readonly StagerReply s_down = new("It cannot be reached.");

    [Fact]
    public async Task What_is_staged_and_prepared_goes_through_every_state_and_is_moved_from_where_the_stager_says()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await trial.SubmitAsync("t1", preparer: "flag", source: "");
        await trial.AcknowledgedAsync("t1");
        StagerRequest asked = Assert.Single(trial.Tape.Asked);
        Assert.Equal(("t1", "product t1", "", $"https://service.example/api/v1/callbacks/{asked.CallOut.Id}"), (asked.Transfer.Id, asked.Order.Stage!.What, asked.Source, asked.Callback.ToString()));
        Assert.Equal(TransferState.Staging, (await trial.UntilAsync("t1", TransferState.Staging)).State);
        Assert.Empty(trial.Engine.Runs);
        Assert.Equal(AnswerTaken.Taken, await trial.AnswerAsync("t1", source: "disk:staged/t1", endpoint: "disk"));
        await trial.UntilAsync("t1", Preparing);
        await trial.AcknowledgedAsync("t1");
        Assert.Equal("disk:staged/t1", Assert.Single(trial.Flag.Asked).Source);
        await trial.AnswerAsync("t1");
        await trial.UntilAsync("t1", Success);
        Assert.Equal([Submitted, TransferState.Staging, Staged, Preparing, Prepared, Transferring, Success], await trial.StepsAsync("t1"));
        Assert.Equal(["disk:staged/t1"], trial.Engine.Runs);
        await trial.UntilAsync(() => trial.Released > 0);
    }

    [Fact]
    public async Task Only_what_is_named_is_asked()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await trial.SubmitAsync("t1", stager: null, preparer: "flag");
        await trial.AcknowledgedAsync("t1");
        await trial.AnswerAsync("t1");
        await trial.UntilAsync("t1", Success);
        Assert.Equal([Submitted, Preparing, Prepared, Transferring, Success], await trial.StepsAsync("t1"));
        Assert.Empty(trial.Tape.Asked);
    }

    [Fact]
    public async Task Whoever_cannot_be_reached_is_asked_again_with_the_same_code_and_growing_pauses()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        trial.Tape.Reply = _ => s_down;
        await trial.SubmitAsync("t1");
        int[] pauses = [5, 10, 20, 40, 80, 160, 300, 300];
        for (int tries = 1; tries <= pauses.Length; tries++)
        {
            await TriedAsync(trial, tries);
            trial.Time.Advance(TimeSpan.FromSeconds(pauses[tries - 1] - 1));
            await trial.SettleAsync();
            Assert.Equal(tries, trial.Tape.Asked.Count);
            trial.Tape.Reply = tries == pauses.Length ? _ => StagerReply.Acknowledged : trial.Tape.Reply;
            trial.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await trial.AcknowledgedAsync("t1");
        Assert.Single(trial.Tape.Asked.Select(asked => asked.CallOut.Id).Distinct());
        await trial.AnswerAsync("t1");
        await trial.UntilAsync("t1", Success);
    }

    [Fact]
    public async Task Whoever_asks_for_a_pause_gets_it()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        trial.Tape.Reply = _ => s_down with { RetryAfter = TimeSpan.FromMinutes(20) };
        await trial.SubmitAsync("t1");
        await TriedAsync(trial, 1);
        trial.Time.Advance(TimeSpan.FromMinutes(19));
        await trial.SettleAsync();
        Assert.Single(trial.Tape.Asked);
        trial.Time.Advance(TimeSpan.FromMinutes(1));
        await trial.UntilAsync(() => trial.Tape.Asked.Count == 2);
    }

    [Fact]
    public async Task A_refusal_ends_the_transfer_and_the_place_is_free()
    {
        await using var trial = new StagingTrial();
        trial.Use(atOnce: 1);
        await trial.StartAsync();
        trial.Tape.Reply = request => request.Transfer.Id == "t1" ? new StagerReply("It answers 400: no such product.") { IsRefused = true } : StagerReply.Acknowledged;
        await trial.SubmitAsync("t1");
        Submission ended = await trial.UntilAsync("t1", Error);
        Assert.Equal(
            "The stager \"tape\" refuses: It answers 400: no such product. Mend what it says, then try again: godwit retry t1", ended.Why);
        await trial.SubmitAsync("t2");
        await trial.AcknowledgedAsync("t2");
    }

    [Theory]
    [InlineData("the tape is torn", "The stager \"tape\" failed: the tape is torn. Those who run it know more; then: godwit retry t1")]
    [InlineData("", "The stager \"tape\" failed, and does not say why. Those who run it know more; then: godwit retry t1")]
    public async Task A_failure_that_is_called_back_ends_the_transfer(string message, string why)
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await trial.SubmitAsync("t1");
        await trial.AcknowledgedAsync("t1");
        await trial.AnswerAsync("t1", isSuccess: false, message);
        Assert.Equal(why, (await trial.UntilAsync("t1", Error)).Why);
        Assert.Empty(trial.Engine.Runs);
        await trial.UntilAsync(() => trial.Released > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_never_answers_uses_up_his_time(bool acknowledges)
    {
        await using var trial = new StagingTrial();
        trial.Use(atOnce: 1, limit: TimeSpan.FromMinutes(3));
        await trial.StartAsync();
        trial.Tape.Reply = _ => acknowledges ? StagerReply.Acknowledged : s_down;
        await trial.SubmitAsync("t1");
        await TriedAsync(trial, 1);
        await trial.SubmitAsync("t2");
        await trial.SettleAsync();
        Assert.Equal(Submitted, (await trial.Submissions.FindAsync("t2", default))!.State);
        for (int i = 0; i < 18; i++)
        {
            await trial.Time.ArmedAsync(2);
            trial.Time.Advance(TimeSpan.FromSeconds(10));
            await trial.SettleAsync();
        }

        Submission ended = await trial.UntilAsync("t1", Error);
        Assert.StartsWith("The stager \"tape\" was not done by ", ended.Why, StringComparison.Ordinal);
        Assert.Contains(acknowledges ? "and did not call back" : "never acknowledged, the last time: It cannot be reached", ended.Why, StringComparison.Ordinal);
        await trial.UntilAsync("t2", TransferState.Staging);
        Assert.Equal(AnswerTaken.TooLate, await trial.AnswerAsync("t1"));
    }

    [Fact]
    public async Task So_many_are_at_a_stager_at_once_as_may()
    {
        await using var trial = new StagingTrial();
        trial.Use(atOnce: 2);
        await trial.StartAsync();
        foreach (int i in Enumerable.Range(0, 5))
        {
            await trial.SubmitAsync($"t{i}");
        }

        await trial.UntilAsync(() => trial.Tape.Asked.Count == 2);
        await trial.SettleAsync();
        Assert.Equal(["t0", "t1"], trial.Tape.Asked.Select(asked => asked.Transfer.Id).Order());
        await trial.AcknowledgedAsync("t0");
        await trial.AnswerAsync("t0", isSuccess: false);
        Assert.Equal(AnswerTaken.Repeated, await trial.AnswerAsync("t0", isSuccess: false));
        await trial.UntilAsync(() => trial.Tape.Asked.Count == 3);
        await trial.AcknowledgedAsync("t1");
        await trial.CancelAsync("t1");
        await trial.UntilAsync("t1", Canceled);
        await trial.UntilAsync(() => trial.Tape.Asked.Count == 4);
        await trial.SettleAsync();
        Assert.Equal(4, trial.Tape.Asked.Count);
        trial.Use(atOnce: 3);
        trial.Dispatcher.StagersChanged();
        await trial.UntilAsync(() => trial.Tape.Asked.Count == 5);
    }

    [Fact]
    public async Task What_is_cancelled_is_over_at_once_in_every_state()
    {
        await using var trial = new StagingTrial();
        trial.Use(atOnce: 1);
        await trial.StartAsync();
        trial.Tape.Reply = _ => s_down;
        await trial.SubmitAsync("asked");
        await TriedAsync(trial, 1);
        await trial.SubmitAsync("waits");
        await trial.CancelAsync("waits");
        await trial.UntilAsync("waits", Canceled);
        await trial.CancelAsync("asked");
        await trial.UntilAsync("asked", Canceled);
        Assert.Equal([Submitted, TransferState.Staging, Canceled], await trial.StepsAsync("asked"));
        Assert.Equal(AnswerTaken.TooLate, await trial.AnswerAsync("asked"));
    }

    [Fact]
    public async Task A_source_that_leads_elsewhere_by_then_is_not_moved()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        var said = new List<string?>();
        trial.Engine.Run = async (run, ct) =>
        {
            said.Add(await run.WhyNotAsync(new OrderPlace("", "disk", "disk:staged/t1"), OrderPlace.None, ct));
            said.Add(await run.WhyNotAsync(new OrderPlace("", "disk", "disk:private"), OrderPlace.None, ct));
            return TestEngine.Begun(run);
        };
        await trial.SubmitAsync("t1");
        await trial.AcknowledgedAsync("t1");
        await trial.AnswerAsync("t1", source: "disk:staged/t1", endpoint: "disk");
        await trial.UntilAsync("t1", Success);
        Assert.Equal(
            [null, "The stager \"tape\" may not name \"disk:private\" as a source. Allowed are disk:staged: stagers.tape.places of the service's configuration."], said);
    }

    [Fact]
    public async Task What_is_paused_begins_no_stage_and_one_that_has_begun_goes_on()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await trial.SubmitAsync("t1", preparer: "flag");
        await trial.AcknowledgedAsync("t1");
        await trial.PauseAsync("t1", true);
        await trial.AnswerAsync("t1");
        await trial.UntilAsync("t1", Staged);
        await trial.SettleAsync();
        Assert.Empty(trial.Flag.Asked);
        await trial.PauseAsync("t1", false);
        await trial.AcknowledgedAsync("t1");
        Assert.Single(trial.Flag.Asked);
    }

    [Fact]
    public async Task Whoever_was_not_reached_is_asked_on_while_the_transfer_is_paused()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        trial.Tape.Reply = _ => s_down;
        await trial.SubmitAsync("t1");
        await TriedAsync(trial, 1);
        await trial.PauseAsync("t1", true);
        trial.Tape.Reply = _ => StagerReply.Acknowledged;
        trial.Time.Advance(TimeSpan.FromSeconds(5));
        await trial.AcknowledgedAsync("t1");
    }

    [Fact]
    public async Task A_retry_asks_again_with_another_call_out()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await trial.SubmitAsync("t1");
        await trial.AcknowledgedAsync("t1");
        await trial.AnswerAsync("t1", isSuccess: false);
        await trial.UntilAsync("t1", Error);
        await trial.Submissions.StepAsync("t1", Error, Submitted, null, Timestamp.From(trial.Time.GetUtcNow()), default);
        trial.Dispatcher.Look("t1");
        await trial.UntilAsync(() => trial.Tape.Asked.Count == 2);
        Assert.Equal(2, trial.Tape.Asked.Select(asked => asked.CallOut.Id).Distinct().Count());
        await trial.AcknowledgedAsync("t1");
        await trial.AnswerAsync("t1");
        await trial.UntilAsync("t1", Success);
    }

    [Fact]
    public async Task A_stager_that_the_configuration_lost_is_asked_when_it_is_back()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        trial.Stagers.Use([]);
        await trial.SubmitAsync("t1");
        await trial.UntilAsync(async () => await trial.CallsAsync("t1") is [{ Fault: "The service's configuration has no stager \"tape\" any more." }]);
        trial.Use();
        trial.Dispatcher.StagersChanged();
        await trial.AcknowledgedAsync("t1");
    }

    [Fact]
    public async Task Another_secret_while_nobody_has_acknowledged_is_another_code()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        trial.Tape.Reply = _ => s_down;
        await trial.SubmitAsync("t1");
        await TriedAsync(trial, 1);
        string? before = (await trial.CallsAsync("t1"))[0].CodeHash;
        trial.Tape.Secret = "another";
        trial.Tape.Reply = _ => StagerReply.Acknowledged;
        trial.Dispatcher.StagersChanged();
        await trial.AcknowledgedAsync("t1");
        Assert.NotEqual(before, (await trial.CallsAsync("t1"))[0].CodeHash);
    }

    [Fact]
    public async Task A_fault_of_the_program_ends_the_transfer_and_no_other_one()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        trial.Tape.Reply = request => request.Transfer.Id == "t1" ? throw new InvalidOperationException("a bug") : StagerReply.Acknowledged;
        await trial.SubmitAsync("t1");
        Assert.Equal("Godwit itself failed, please report it: InvalidOperationException: a bug", (await trial.UntilAsync("t1", Error)).Why);
        await trial.SubmitAsync("t2");
        await trial.AcknowledgedAsync("t2");
    }

    [Fact]
    public async Task What_is_at_stagers_is_told_in_numbers()
    {
        await using var trial = new StagingTrial();
        trial.Use(atOnce: 2);
        await trial.StartAsync();
        trial.Tape.Reply = request => request.Transfer.Id == "t1" ? StagerReply.Acknowledged : s_down;
        await trial.SubmitAsync("t1");
        await trial.AcknowledgedAsync("t1");
        await trial.SubmitAsync("t2");
        await trial.SubmitAsync("t3");
        await TriedAsync(trial, 2);
        await trial.SettleAsync();
        await trial.UntilAsync(async () => new Scrape(await trial.Metrics.TextAsync()) is var now && (1, 1, 1) == (
            now["godwit_staging_requests{stage=\"stage\",by=\"tape\",state=\"waiting\"}"],
            now["godwit_staging_requests{stage=\"stage\",by=\"tape\",state=\"asked\"}"],
            now["godwit_staging_requests{stage=\"stage\",by=\"tape\",state=\"acknowledged\"}"]));
        await trial.AnswerAsync("t1");
        await trial.UntilAsync("t1", Success);
        Assert.Equal(1, new Scrape(await trial.Metrics.TextAsync())["godwit_staging_ended_total{stage=\"stage\",by=\"tape\",outcome=\"ready\"}"]);
    }

    /// <summary>Waits until he was asked so often in vain, and the next pause runs.</summary>
    private static async Task TriedAsync(StagingTrial trial, int tries)
    {
        await trial.UntilAsync(async () => trial.Tape.Asked.Count >= tries && (await trial.CallsAsync("t1") is not [{ } call] || call.Fault is not null || call.Acknowledged is not null));
        await trial.Time.ArmedAsync(2);
    }
}
