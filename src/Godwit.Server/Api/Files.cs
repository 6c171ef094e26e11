using System.Text.Unicode;
using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>What became of the files of a transfer, as its runs tell it.</summary>
internal static class Files
{
    public static async Task ListAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        string state = call.Http.Request.Query["state"].ToString();
        string question = $"files\n{transfer.Id}\n{state}";
        string? key = Cursor.Read(call.Http.Request, question);
        int limit = Cursor.Limit(call.Http.Request);
        List<TransferRecord> runs = await RunsAsync(call, transfer).ConfigureAwait(false);
        (List<FileAnswer> items, string? next) = state switch
        {
            "delivered" => await OfRunsAsync(runs, key, limit, async (run, after, count) =>
                [.. (await call.Parts.Ledger.ListDeliveredAsync(run.Id, after, count, call.Aborted).ConfigureAwait(false))
                    .Select(one => (one.Intent.Destination, Delivered(run, one)))]).ConfigureAwait(false),

            // A later run takes up whatever is not delivered: what it does not tell as failed has not failed any more.
            "failed" => await OfRunsAsync([.. runs.TakeLast(1)], key, limit, async (run, after, count) =>
                [.. (await call.Parts.Ledger.ListFailedAsync(run.Id, after, count, call.Aborted).ConfigureAwait(false))
                    .Select(one => (one.Destination, Failed(run, one)))]).ConfigureAwait(false),
            "under-way" => await OfRunsAsync(runs, key, limit, async (run, after, count) =>
                [.. (await call.Parts.Submissions.ListUnderWayAsync(run.Id, after, count, call.Aborted).ConfigureAwait(false))
                    .Select(one => (one.Destination, UnderWay(run, one)))]).ConfigureAwait(false),
            "queued" => await QueuedAsync(call, transfer, key, limit).ConfigureAwait(false),
            _ => throw ProblemException.Malformed("state", "It is delivered, failed, under-way or queued."),
        };
        var page = new FilePage(items, next is null ? null : Cursor.Write(question, next));
        await call.AnswerAsync(StatusCodes.Status200OK, page, ApiJson.Default.FilePage).ConfigureAwait(false);
    }

    public static async Task AttemptsAsync(Call call)
    {
        Submission transfer = await call.TransferAsync().ConfigureAwait(false);
        StorePath path = AskedPath(call.Http.Request);
        string question = $"attempts\n{transfer.Id}\n{path}";
        string[]? key = Cursor.Read(call.Http.Request, question)?.Split('\n');
        int limit = Cursor.Limit(call.Http.Request);
        var items = new List<AttemptAnswer>();
        List<TransferRecord> runs = await RunsAsync(call, transfer).ConfigureAwait(false);
        foreach (TransferRecord run in runs.SkipWhile(run => key is not null && run.Id != key[0]).TakeWhile(_ => items.Count < limit))
        {
            // The destination of a transfer of one file is that file.
            bool isOne = !run.DestinationPath.IsRoot && run.DestinationPath.Name.SequenceEqual(path.Bytes);
            foreach (StorePath place in isOne ? [run.DestinationPath, run.DestinationPath.Join(path)] : (StorePath[])[run.DestinationPath.Join(path)])
            {
                int after = run.Id == key?[0] ? int.Parse(key[1]) : 0;
                IReadOnlyList<FileAttempt> found = await call.Parts.Submissions
                    .ListAttemptsAsync(run.Id, place, after, limit - items.Count + 1, call.Aborted).ConfigureAwait(false);
                items.AddRange(found.Select(one => AttemptOf(run, one)));
            }
        }

        string? next = items.Count > limit ? Cursor.Write(question, $"{items[limit - 1].Run}\n{items[limit - 1].Number}") : null;
        await call.AnswerAsync(StatusCodes.Status200OK, new AttemptPage([.. items.Take(limit)], next), ApiJson.Default.AttemptPage).ConfigureAwait(false);
    }

    private static async Task<List<TransferRecord>> RunsAsync(Call call, Submission transfer)
    {
        var runs = new List<TransferRecord>();
        foreach (SubmissionRun run in await call.Parts.Submissions.ListRunsAsync(transfer.Id, call.Aborted).ConfigureAwait(false))
        {
            runs.AddRange((await call.Parts.Ledger.FindTransfersAsync(run.RunId, call.Aborted).ConfigureAwait(false)).Where(found => found.Id == run.RunId));
        }

        return runs;
    }

    /// <summary>One run after the other, each in order of its paths. The key is the run and the last path.</summary>
    private static async Task<(List<FileAnswer> Items, string? Next)> OfRunsAsync(
        List<TransferRecord> runs, string? key, int limit, Func<TransferRecord, StorePath?, int, Task<List<(StorePath Path, FileAnswer File)>>> list)
    {
        var items = new List<FileAnswer>();
        string[]? last = key?.Split('\n');
        foreach (TransferRecord run in runs.SkipWhile(run => last is not null && run.Id != last[0]))
        {
            StorePath? after = run.Id == last?[0] ? StorePath.FromBytes(Convert.FromBase64String(last[1])) : null;
            List<(StorePath Path, FileAnswer File)> found = await list(run, after, limit - items.Count).ConfigureAwait(false);
            items.AddRange(found.Select(one => one.File));
            if (items.Count >= limit)
            {
                return (items, $"{run.Id}\n{Convert.ToBase64String(found[^1].Path.Bytes)}");
            }
        }

        return (items, null);
    }

    private static async Task<(List<FileAnswer> Items, string? Next)> QueuedAsync(Call call, Submission transfer, string? key, int limit)
    {
        StorePath[]? last = key is null ? null : [.. key.Split('\n').Select(part => StorePath.FromBytes(Convert.FromBase64String(part)))];
        ListedFile? after = last is null ? null : new ListedFile(last[0], last[1]);
        IReadOnlyList<ListedFile> found = await call.Parts.Submissions.ListQueuedAsync(transfer.Id, after, limit, call.Aborted).ConfigureAwait(false);
        string? next = found.Count == limit
            ? $"{Convert.ToBase64String(found[^1].Source.Bytes)}\n{Convert.ToBase64String(found[^1].Destination.Bytes)}"
            : null;
        return ([.. found.Select(one => Named("queued", one.Destination, one.Source) with { Expected = one.Expected?.ToString() })], next);
    }

    private static FileAnswer Delivered(TransferRecord run, Receipt receipt) => Of("delivered", run, receipt.Intent.Destination, receipt.Intent.Source) with
    {
        Bytes = receipt.Intent.Length,
        SentBytes = receipt.SentBytes,
        Verdict = Words(receipt.Verdict.ToString()),
        Route = receipt.Route,
        Checksums = receipt.Checksums.ToDictionary(one => Checksum.NameOf(one.Kind), one => one.Hex),
        Delivered = receipt.Delivered.ToString(),
    };

    private static FileAnswer Failed(TransferRecord run, FileAttempt attempt) =>
        Of("failed", run, attempt.Destination, attempt.Source) with { Failure = AttemptOf(run, attempt) };

    private static FileAnswer UnderWay(TransferRecord run, FileIntent file) =>
        Of("under-way", run, file.Destination, file.Source) with { Bytes = file.Length };

    private static AttemptAnswer AttemptOf(TransferRecord run, FileAttempt attempt) => new(
        run.Id, attempt.Number, attempt.Kind, Words(attempt.Side.ToString()), attempt.Message, attempt.MayPass, attempt.Final, attempt.Ended.ToString());

    private static FileAnswer Of(string state, TransferRecord run, StorePath destination, StorePath source) =>
        Named(state, Below(destination, run.DestinationPath), run.SourcePath is { } root ? Below(source, root) : source) with { Run = run.Id };

    private static FileAnswer Named(string state, StorePath path, StorePath source) => new(state, path.ToString())
    {
        PathBase64 = Coded(path),
        SourcePath = source == path ? null : source.ToString(),
        SourcePathBase64 = source == path ? null : Coded(source),
    };

    private static StorePath Below(StorePath path, StorePath root) =>
        path == root && !root.IsRoot ? StorePath.FromBytes(path.Name) : path.IsBelow(root) ? path.RelativeTo(root) : path;

    private static string? Coded(StorePath path) => Utf8.IsValid(path.Bytes) ? null : Convert.ToBase64String(path.Bytes);

    private static string Words(string name) => string.Concat(name.Select((letter, at) => char.IsUpper(letter) && at > 0 ? $"-{letter}" : $"{letter}")).ToLowerInvariant();

    private static StorePath AskedPath(HttpRequest request)
    {
        string? coded = request.Query["path_base64"];
        try
        {
            StorePath path = coded is null ? StorePath.FromText(request.Query["path"].ToString()) : StorePath.FromBytes(Convert.FromBase64String(coded));
            return path.IsRoot ? throw ProblemException.Malformed("path", "It is missing.") : path;
        }
        catch (Exception e) when (e is StoreException or FormatException)
        {
            throw ProblemException.Malformed(coded is null ? "path" : "path_base64", e is StoreException ? e.Message : "It is no base64.");
        }
    }
}
