using Godwit.Server.Engine;
using Godwit.Server.Queue;
using Godwit.Server.Staging;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Where transfers stand.</summary>
internal static class ReadTransfers
{
    public static async Task ListAsync(Call call)
    {
        IQueryCollection query = call.Http.Request.Query;
        var asked = new SubmissionFilter { State = call.State(), Project = query["project"], Owner = query["owner"] };
        string question = $"transfers\n{asked.State}\n{asked.Project}\n{asked.Owner}\n{call.Caller.Subject}";
        string? before = Cursor.Read(call.Http.Request, question);
        int limit = Cursor.Limit(call.Http.Request);
        IReadOnlyList<Submission> found = call.Caller.Narrow(asked) is { } filter
            ? await call.Parts.Submissions.ListAsync(filter, before, limit + 1, call.Aborted).ConfigureAwait(false)
            : [];
        string? next = found.Count > limit ? Cursor.Write(question, found[limit - 1].Id) : null;
        var items = new List<TransferAnswer>();
        foreach (Submission one in found.Take(limit))
        {
            items.Add(await ShortAsync(call.Parts, one, call.Aborted).ConfigureAwait(false));
        }

        var page = new TransferPage(items, next);
        await call.AnswerAsync(StatusCodes.Status200OK, page, ApiJson.Default.TransferPage).ConfigureAwait(false);
    }

    public static async Task OneAsync(Call call) =>
        await AnswerAsync(call, StatusCodes.Status200OK, await call.TransferAsync().ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Answers with all of a transfer as it is now.</summary>
    public static async Task AnswerAsync(Call call, int status, Submission transfer)
    {
        WholeTransferAnswer whole = await WholeAsync(call.Parts, transfer, call.Aborted).ConfigureAwait(false);
        await call.AnswerAsync(status, whole, ApiJson.Default.WholeTransferAnswer).ConfigureAwait(false);
    }

    public static string UrlOf(string id) => $"/api/v1/transfers/{id}";

    private static async ValueTask<TransferAnswer> ShortAsync(ServiceParts parts, Submission one, CancellationToken ct)
    {
        // Where it goes from may be known by its stager alone; that does not matter any more when it has ended.
        TransferOrder order = TransferSteps.IsEnd(one.State ?? TransferState.Submitted)
            ? TransferOrder.Of(one)
            : await StagedOrder.OfAsync(parts.Staging.Calls, one, ct).ConfigureAwait(false);
        return new TransferAnswer(
            one.Id, NameOf(one), one.Priority, one.Round, one.Verb, one.Source, one.Destination, one.Owner, one.Project, one.Files, one.Made.ToString())
        {
            Why = one.Why,
            Paused = PauseOf(one),
            Held = HeldOf(parts, one, order),
            CancelAsked = one.CancelAsked?.ToString(),
            Stage = CallOrderAnswer.Of(order.Stage),
            Prepare = CallOrderAnswer.Of(order.Prepare),
            Links = LinksOf(one),
        };
    }

    private static async Task<WholeTransferAnswer> WholeAsync(ServiceParts parts, Submission one, CancellationToken ct)
    {
        var runs = new List<RunAnswer>();
        foreach (SubmissionRun run in await parts.Submissions.ListRunsAsync(one.Id, ct).ConfigureAwait(false))
        {
            TransferRecord? record = (await parts.Ledger.FindTransfersAsync(run.RunId, ct).ConfigureAwait(false)).FirstOrDefault(found => found.Id == run.RunId);
            string? outcome = record?.Outcome?.ToString().ToUpperInvariant();
            runs.Add(new RunAnswer(run.RunId, run.Round, record?.Started.ToString(), record?.Ended?.ToString(), outcome, record?.Totals));
        }

        if (runs is [.., { Ended: null } last] && parts.TotalsOf(one.Id) is { } soFar)
        {
            runs[^1] = last with { Totals = soFar };
        }

        var order = TransferOrder.Of(one);
        IReadOnlyList<CallOut>? calls = order is { Stage: null, Prepare: null } ? null : await parts.Staging.Calls.ListAsync(one.Id, ct).ConfigureAwait(false);
        IReadOnlyList<SubmissionStep> steps = await parts.Submissions.ListStepsAsync(one.Id, ct).ConfigureAwait(false);
        return new WholeTransferAnswer(
            one.Id, NameOf(one), one.Priority, one.Round, one.Verb, one.Source, one.Destination, one.Owner, one.Project, one.Files, one.Made.ToString())
        {
            Why = one.Why,
            Paused = PauseOf(one),
            Held = HeldOf(parts, one, StagedOrder.Of(order, one, calls ?? [])),
            CancelAsked = one.CancelAsked?.ToString(),
            Links = LinksOf(one),
            Stage = CallOrderAnswer.Of(order.Stage),
            Prepare = CallOrderAnswer.Of(order.Prepare),
            CallOuts = calls?.Select(call => CallOutAnswer.Of(call, order)).ToList(),
            Options = order.Options,
            Steps = [.. steps.Select(step => new StepAnswer(step.Round, TransferSteps.NameOf(step.State), step.Entered.ToString()))],
            Runs = runs,
            Totals = Sum([.. runs.Select(run => run.Totals).OfType<TransferTotals>()]),
        };
    }

    /// <summary>The counts of a transfer over its runs. What was done is the sum over all of them; what is left, and what was found to be there already, is
    /// what the newest one says. Delivered, failed and not attempted add up to what was planned, as in one run.</summary>
    internal static TransferTotals? Sum(IReadOnlyList<TransferTotals> runs)
    {
        if (runs.Count == 0)
        {
            return null;
        }

        TransferTotals newest = runs[^1];
        long earlier = runs.SkipLast(1).Sum(run => run.Delivered);
        return newest with
        {
            Planned = newest.Planned + earlier,
            PlannedBytes = newest.PlannedBytes + runs.SkipLast(1).Sum(run => run.DeliveredBytes),
            Delivered = newest.Delivered + earlier,
            DeliveredBytes = runs.Sum(run => run.DeliveredBytes),
            SentBytes = runs.Sum(run => run.SentBytes),
            Unchanged = Math.Max(0, newest.Unchanged - earlier),
            Directories = runs.Sum(run => run.Directories),
            Deleted = runs.Sum(run => run.Deleted),
            BackedUp = runs.Sum(run => run.BackedUp),
            Retries = runs.Sum(run => run.Retries),
        };
    }

    private static string NameOf(Submission one) => TransferSteps.NameOf(one.State ?? TransferState.Submitted);

    private static PauseAnswer? PauseOf(Submission one) =>
        one.Pause is { } pause ? new PauseAnswer(pause.By, pause.Message, pause.Since.ToString()) : null;

    private static PauseAnswer? HeldOf(ServiceParts parts, Submission one, TransferOrder order)
    {
        if (TransferSteps.IsEnd(one.State ?? TransferState.Submitted))
        {
            return null;
        }

        (string source, string destination) = order.Endpoints;
        return PlaceLimits.PauseAnswerOf(parts.Limits.Limits.PauseOf(new EndpointPair(source, destination)));
    }

    private static LinksAnswer LinksOf(Submission one) =>
        new(UrlOf(one.Id), UrlOf(one.Id) + "/files", UrlOf(one.Id) + "/events", UrlOf(one.Id) + "/log");
}
