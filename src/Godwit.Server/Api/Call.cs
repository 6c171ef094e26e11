using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Godwit.Server.Access;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>One request, and what it is answered from.</summary>
/// <param name="Parts">What the service stands on.</param>
/// <param name="Http">The request and its answer.</param>
/// <param name="Caller">Who asks; nobody's reach where the endpoint wants no token.</param>
/// <param name="Note">What the audit trail will say of it.</param>
/// <param name="Stopping">Ends streams when the service ends.</param>
internal sealed record Call(ServiceParts Parts, HttpContext Http, Caller Caller, AuditNote Note, CancellationToken Stopping)
{
    /// <summary>Finds out anew who asks, for answers that go on: throws where he may not any more.</summary>
    public required Func<Task> AskAgainAsync { get; init; }

    public CancellationToken Aborted => Http.RequestAborted;

    public Timestamp Now => Timestamp.From(Parts.Time.GetUtcNow());

    /// <summary>The transfer that the path names.</summary>
    /// <exception cref="ProblemException">There is none for the caller.</exception>
    public async ValueTask<Submission> TransferAsync()
    {
        string id = Http.Request.RouteValues["id"] as string ?? "";
        Submission? found = await Parts.Submissions.FindAsync(id, Aborted).ConfigureAwait(false);
        return found is not null && Caller.Sees(found) ? found : throw ProblemException.NotFound(id);
    }

    /// <summary>The state that the query names, of a list's question; null where it names none.</summary>
    public TransferState? State() => Http.Request.Query["state"].ToString() switch
    {
        "" => null,
        string name => TransferSteps.Find(name) ?? throw ProblemException.Malformed("state", $"\"{name}\" is no state of a transfer."),
    };

    public async Task AnswerAsync<T>(int status, T answer, JsonTypeInfo<T> type)
    {
        Http.Response.StatusCode = status;
        Http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(Http.Response.Body, answer, type, Aborted).ConfigureAwait(false);
    }

    /// <summary>A body of a few fields.</summary>
    /// <exception cref="ProblemException">It is no JSON object, too long, or has fields that are not known.</exception>
    public async ValueTask<JsonElement> SmallBodyAsync(params IReadOnlyList<string> fields)
    {
        const int Longest = 65_536;
        using var buffer = new MemoryStream();
        var piece = new byte[4096];
        for (int read; (read = await Http.Request.Body.ReadAsync(piece, Aborted).ConfigureAwait(false)) > 0;)
        {
            buffer.Write(piece, 0, read);
            if (buffer.Length > Longest)
            {
                throw new ProblemException(Problem.OfStatus(StatusCodes.Status413PayloadTooLarge));
            }
        }

        if (buffer.Length > 0 && !Http.Request.HasJsonContentType())
        {
            throw new ProblemException(Problem.OfStatus(StatusCodes.Status415UnsupportedMediaType));
        }

        JsonElement body = JsonText.Parse(buffer.Length == 0 ? "{}"u8.ToArray() : buffer.ToArray());
        var faults = new FieldFaults(StatusCodes.Status400BadRequest);
        JsonText.RequireFields(body, "", fields, faults);
        faults.ThrowIfAny();
        return body;
    }
}
