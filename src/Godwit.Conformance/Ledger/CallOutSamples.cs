using System.Text.Json;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;

namespace Godwit.Conformance.Ledger;

/// <summary>What the checks of call-outs write.</summary>
internal static class CallOutSamples
{
    /// <summary>An answer that is in time.</summary>
    public static CallAnswer Ready { get; } = new(At(30), true, "ä") { Source = "disk:pool/data", Endpoint = "disk" };

    public static NewCallOut Wanted(string id, string transfer = "t1", int round = 1, CallStage stage = CallStage.Stage) =>
        new(id, transfer, round, stage, "tape", At(10), At(100));

    /// <summary>An accepted transfer whose stager was asked, with the code of the hash <c>h</c>, and a second one.</summary>
    public static async Task<OpenedSubmissions> OpenAskedAsync(this OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t1").ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync("t2").ConfigureAwait(false);
        await opened.TakeAsync("t1", TransferState.Submitted, TransferState.Staging).ConfigureAwait(false);
        await opened.CallOuts.BeginAsync(Wanted("c1"), default).ConfigureAwait(false);
        await opened.AskAsync("c1").ConfigureAwait(false);
        return opened;
    }

    public static async Task AskAsync(this OpenedSubmissions opened, string id, string hash = "h") =>
        Require(await opened.CallOuts.AskAsync(id, hash, At(11), default).ConfigureAwait(false), $"{id} could not be asked");

    /// <summary>Takes steps, one after the other.</summary>
    public static async Task TakeAsync(this OpenedSubmissions opened, string id, params IReadOnlyList<TransferState> states)
    {
        for (int at = 1; at < states.Count; at++)
        {
            Require(await opened.Submissions.StepAsync(id, states[at - 1], states[at], null, At(50 + at), default).ConfigureAwait(false), $"{id} did not enter {states[at]}");
        }
    }

    public static async Task<CallOut> FoundAsync(this OpenedSubmissions opened, string id) =>
        await opened.CallOuts.FindAsync(id, default).ConfigureAwait(false) ?? throw new LedgerCheckException($"there is no {id}");

    public static async Task RequireTakenAsync(this OpenedSubmissions opened, AnswerTaken expected, CallAnswer answer, string id = "c1", string hash = "h")
    {
        AnswerTaken taken = await opened.CallOuts.AnswerAsync(id, hash, answer, default).ConfigureAwait(false);
        Require(taken == expected, $"{answer} to {id} is {taken} instead of {expected}");
    }

    /// <summary>What the journal has of the call-outs of <c>t1</c>.</summary>
    public static async Task<List<string>> ToldAsync(this OpenedSubmissions opened)
    {
        IReadOnlyList<JournalEvent> events = await opened.Journal.ReadAsync(new EventFilter { Submission = "t1" }, 0, 99, default).ConfigureAwait(false);
        return [.. events.Select(Told).Where(text => text.Length > 0)];
    }

    private static string Told(JournalEvent happened)
    {
        using var document = JsonDocument.Parse(happened.Text);
        JsonElement text = document.RootElement;
        string[] fields = ["stage", "by", "what", "success", "message"];
        return text.GetProperty("event").GetString() == "transfer.call-out"
            ? string.Join(' ', fields.Select(name => text.TryGetProperty(name, out JsonElement field) ? field.ToString() : "-"))
            : "";
    }
}
