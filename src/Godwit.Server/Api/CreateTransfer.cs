using System.Security.Cryptography;
using System.Text.Json;
using Godwit.Server.Engine;
using Godwit.Server.Schedules;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Godwit.Server.Api;

/// <summary>Takes a transfer that is handed over, with any number of files, in bounded memory.</summary>
internal static class CreateTransfer
{
    private const int LongestKey = 200;

    public static async Task AnswerAsync(Call call)
    {
        if (call.Parts.NotReady() is { } reason)
        {
            throw new ProblemException(new Problem("/errors/not-ready", "No transfer is taken now", StatusCodes.Status503ServiceUnavailable, reason)) { RetryAfter = 10 };
        }

        HttpRequest request = call.Http.Request;
        string type = (request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        if (type is not ("application/json" or "application/x-ndjson"))
        {
            throw new ProblemException(Problem.OfStatus(StatusCodes.Status415UnsupportedMediaType));
        }

        if (call.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = new BodyReader(request.Body, hash);
        var body = new OrderBody(reader, type == "application/x-ndjson");
        Submission handed = await ReadHeadAsync(call, body).ConfigureAwait(false);
        call.Note.Target = handed.Id;
        call.Note.Detail = $"{handed.Source} -> {handed.Destination}";
        if (await call.Parts.Submissions.ReceiveAsync(handed, call.Aborted).ConfigureAwait(false) is { } known)
        {
            await ReplayAsync(call, known, reader, hash).ConfigureAwait(false);
            return;
        }

        Submission accepted = await ReceiveAsync(call, handed, body, hash).ConfigureAwait(false);
        call.Parts.Look(accepted.Id);
        call.Http.Response.Headers.Location = ReadTransfers.UrlOf(accepted.Id);
        await ReadTransfers.AnswerAsync(call, StatusCodes.Status201Created, accepted).ConfigureAwait(false);
    }

    private static async ValueTask<Submission> ReadHeadAsync(Call call, OrderBody body)
    {
        string? key = call.Http.Request.Headers["Idempotency-Key"];
        if (key is { Length: 0 or > LongestKey } || key?.StartsWith("schedule/", StringComparison.Ordinal) == true)
        {
            throw ProblemException.Malformed("Idempotency-Key", $"It has 1 to {LongestKey} characters, and does not begin with schedule/, which schedules have.");
        }

        JsonElement head = await body.HeadAsync(call.Aborted).ConfigureAwait(false);
        var malformed = new FieldFaults(StatusCodes.Status400BadRequest);
        var refused = new FieldFaults(StatusCodes.Status422UnprocessableEntity);
        (TransferOrder order, int priority, string? asked) = OrderFields.Read(head, malformed, refused);
        malformed.ThrowIfAny();
        call.Note.Detail = $"{order.Source} -> {order.Destination}";
        string project = asked ?? call.Caller.Project;
        if (!call.Caller.MaySubmitFor(project))
        {
            refused.Add("project", "The token is for another project.");
        }

        bool isBound = !call.Caller.Roles.HasFlag(TokenRoles.Administrator);
        (TransferOrder kept, CheckedOrder read, IReadOnlyList<OrderFault> faults) = await new CheckOrder(call.Parts.Engine, call.Parts.Projects, call.Parts.Staging.Stagers)
            .CheckAsync(order with { IsBound = isBound }, project, call.Aborted).ConfigureAwait(false);
        foreach (OrderFault fault in faults)
        {
            refused.Add(fault.Field, fault.Sentence);
        }

        refused.ThrowIfAny();
        return new Submission(
            TransferId.New(call.Parts.Time), call.Caller.Subject, project, kept.Verb, read.Source.Text, read.Destination.Text, kept.ToDetails(), call.Now)
        {
            Priority = priority,
            RequestKey = key,
        };
    }

    private static async Task<Submission> ReceiveAsync(Call call, Submission handed, OrderBody body, IncrementalHash hash)
    {
        try
        {
            if (body.NamesFiles)
            {
                await new FileIntake(call.Parts.Submissions, handed.Id).TakeAsync(body, call.Aborted).ConfigureAwait(false);
            }

            // Everything is here: whether the caller still listens does not matter any more.
            return await call.Parts.Submissions.SubmitAsync(handed.Id, TextOf(hash), call.Now, CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await call.Parts.Submissions.DropReceivingAsync(handed.Id, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task ReplayAsync(Call call, Submission known, BodyReader reader, IncrementalHash hash)
    {
        if (known.State is null)
        {
            throw new ProblemException(new Problem(
                "/errors/key-in-use", "A request of this key is being received", StatusCodes.Status409Conflict, "Ask again when it has ended."))
            {
                RetryAfter = 1,
            };
        }

        call.Note.Target = known.Id;
        await reader.DrainAsync(call.Aborted).ConfigureAwait(false);
        if (known.RequestHash != TextOf(hash))
        {
            throw new ProblemException(new Problem(
                "/errors/key-reused", "Another request had this key", StatusCodes.Status409Conflict, $"It made the transfer {known.Id}. Take another key for another request."));
        }

        // Whether the first request's answer was lost on the way to its client or before, its transfer is to go on.
        call.Parts.Look(known.Id);
        call.Http.Response.Headers["Idempotent-Replay"] = "true";
        call.Http.Response.Headers.Location = ReadTransfers.UrlOf(known.Id);
        await ReadTransfers.AnswerAsync(call, StatusCodes.Status200OK, known).ConfigureAwait(false);
    }

    private static string TextOf(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetCurrentHash());
}
