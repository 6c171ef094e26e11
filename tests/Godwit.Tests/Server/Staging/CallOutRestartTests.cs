using Godwit.Server.Staging;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Transfers.TransferState;

namespace Godwit.Tests.Server.Staging;

/// <summary>Call-outs of a service that was stopped or killed, and started again.</summary>
public sealed class CallOutRestartTests
{
    [Fact]
    public async Task Whoever_has_a_place_has_it_again_before_others_get_turns()
    {
        await using var trial = new StagingTrial();
        trial.Use(atOnce: 2);
        await trial.StartAsync();
        await trial.SubmitAsync("1-waits", priority: 1);
        await trial.SubmitAsync("2-waits", priority: 1);
        await trial.AcknowledgedAsync("1-waits");
        await trial.AcknowledgedAsync("2-waits");
        await trial.SubmitAsync("3-low", priority: 1);
        await trial.SubmitAsync("4-high", priority: 5);
        await trial.SubmitAsync("5-high", priority: 5);
        await trial.AnswerAsync("1-waits");
        await trial.AnswerAsync("2-waits");
        await trial.AcknowledgedAsync("4-high");
        await trial.AcknowledgedAsync("5-high");
        await trial.RestartAsync();
        await trial.SettleAsync();
        Assert.Equal(Submitted, (await trial.Submissions.FindAsync("3-low", default))!.State);
        Assert.Equal(4, trial.Tape.Asked.Count);
    }

    [Fact]
    public async Task Whoever_could_not_call_back_while_no_service_ran_can_for_a_while()
    {
        await using var trial = new StagingTrial();
        trial.Use(limit: TimeSpan.FromMinutes(30));
        await trial.StartAsync();
        await trial.SubmitAsync("t1");
        await trial.AcknowledgedAsync("t1");
        await trial.Dispatcher.DisposeAsync();
        trial.Time.Advance(TimeSpan.FromHours(1));
        await trial.StartAsync();
        await trial.SettleAsync();
        trial.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(AnswerTaken.Taken, await trial.AnswerAsync("t1"));
        await trial.UntilAsync("t1", Success);
    }

    [Fact]
    public async Task A_service_that_starts_goes_on_where_the_last_one_stopped()
    {
        await using var trial = new StagingTrial();
        trial.Use(atOnce: 2);
        await trial.StartAsync();
        trial.Tape.Reply = request => request.Transfer.Id == "heard" ? StagerReply.Acknowledged : new StagerReply("It cannot be reached.");
        await trial.SubmitAsync("heard");
        await trial.AcknowledgedAsync("heard");
        await trial.SubmitAsync("unheard");
        await trial.UntilAsync(() => trial.Tape.Asked.Count == 2);
        await trial.SubmitAsync("waits");
        await trial.SettleAsync();
        string[] before = [.. trial.Tape.Asked.Select(asked => asked.CallOut.Id)];
        trial.Tape.Reply = _ => StagerReply.Acknowledged;
        await trial.RestartAsync();
        await trial.AcknowledgedAsync("unheard");
        Assert.Equal([.. before, before[1]], trial.Tape.Asked.Select(asked => asked.CallOut.Id));

        // The places are those of the ledger: two are taken.
        await trial.SettleAsync();
        Assert.Equal(Submitted, (await trial.Submissions.FindAsync("waits", default))!.State);
        await trial.AnswerAsync("heard");
        await trial.AnswerAsync("unheard");
        await trial.AcknowledgedAsync("waits");
        await trial.AnswerAsync("waits");
        foreach (string id in (string[])["heard", "unheard", "waits"])
        {
            await trial.UntilAsync(id, Success);
        }
    }

    [Fact]
    public async Task An_answer_that_was_written_down_before_the_service_died_is_followed_by_its_step()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await trial.SubmitAsync("t1");
        await trial.AcknowledgedAsync("t1");
        await trial.Dispatcher.DisposeAsync();
        await trial.AnswerAsync("t1");
        Assert.Equal(TransferState.Staging, (await trial.Submissions.FindAsync("t1", default))!.State);
        await trial.StartAsync();
        await trial.UntilAsync("t1", Success);
    }

    [Fact]
    public async Task A_state_that_was_entered_before_the_call_out_was_written_down_goes_on()
    {
        await using StagingTrial trial = await new StagingTrial().StartAsync();
        await trial.Dispatcher.DisposeAsync();
        await trial.SubmitAsync("t1");
        await trial.Submissions.StepAsync("t1", Submitted, TransferState.Staging, null, Timestamp.From(trial.Time.GetUtcNow()), default);
        await trial.StartAsync();
        await trial.AcknowledgedAsync("t1");
    }
}
