using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Why a request is not carried out, as RFC 9457 has it.</summary>
/// <param name="Type">A name for its kind.</param>
/// <param name="Title">What its kind is, for people.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="Detail">What it is this time; null where the title says all.</param>
internal sealed record Problem(string Type, string Title, int Status, string? Detail)
{
    /// <summary>The path that was asked for.</summary>
    public string? Instance { get; init; }

    /// <summary>What is wrong with which field of the request.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors { get; init; }

    /// <summary>The state that is in the way.</summary>
    public string? State { get; init; }

    public static Problem OfStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => new("/errors/unauthorized", "A token is needed", status, "Send Authorization: Bearer TOKEN with a token that counts."),
        StatusCodes.Status404NotFound => new("/errors/not-found", "There is nothing here", status, null),
        StatusCodes.Status405MethodNotAllowed => new("/errors/method-not-allowed", "This cannot be done here", status, null),
        StatusCodes.Status413PayloadTooLarge => new("/errors/too-large", "The request is too large", status, null),
        StatusCodes.Status415UnsupportedMediaType => new(
            "/errors/unsupported-media-type", "The body has another form", status, "Send application/json, or application/x-ndjson for a transfer with many files."),
        >= 500 => new("/errors/internal", "The service failed", status, "Its log says more."),
        _ => new("/errors/bad-request", "The request cannot be read", status, null),
    };

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/problem+json";
        Problem told = this with { Instance = context.Request.PathBase + context.Request.Path };
        await JsonSerializer.SerializeAsync(context.Response.Body, told, ApiJson.Default.Problem, context.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>Ends a request with a problem.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Title)
{
    public Problem Problem => problem;

    /// <summary>After how many seconds the same may work; null where that is not known.</summary>
    public int? RetryAfter { get; init; }

    public static ProblemException NotFound(string id) => new(Problem.OfStatus(StatusCodes.Status404NotFound) with { Detail = $"There is no transfer {id}." });

    /// <summary>The request does not have the form that it should have.</summary>
    public static ProblemException Malformed(string field, string sentence) => Of(StatusCodes.Status400BadRequest, field, sentence);

    /// <summary>The request has its form, and cannot be carried out.</summary>
    public static ProblemException Refused(string field, string sentence) => Of(StatusCodes.Status422UnprocessableEntity, field, sentence);

    public static ProblemException Conflict(string sentence, string? state = null) =>
        new(new Problem("/errors/conflict", "The transfer stands in the way", StatusCodes.Status409Conflict, sentence) { State = state });

    private static ProblemException Of(int status, string field, string sentence)
    {
        var faults = new FieldFaults(status);
        faults.Add(field, sentence);
        return faults.ToException();
    }
}

/// <summary>What is wrong with the fields of one request.</summary>
internal sealed class FieldFaults(int status)
{
    private const int Told = 20;

    private readonly Dictionary<string, List<string>> _faults = [];

    public bool IsEmpty => _faults.Count == 0;

    public bool IsFull => _faults.Count >= Told;

    public void Add(string field, string sentence)
    {
        if (_faults.TryGetValue(field, out List<string>? known))
        {
            known.Add(sentence);
        }
        else
        {
            _faults[field] = [sentence];
        }
    }

    public void ThrowIfAny()
    {
        if (!IsEmpty)
        {
            throw ToException();
        }
    }

    public ProblemException ToException() => new(new Problem(
        status == StatusCodes.Status400BadRequest ? "/errors/malformed" : "/errors/refused",
        status == StatusCodes.Status400BadRequest ? "The request has another form" : "The request cannot be carried out",
        status,
        _faults.First() is var first && first.Key.Length > 0 ? $"{first.Key}: {first.Value[0]}" : first.Value[0])
    {
        Errors = _faults.ToDictionary(fault => fault.Key, fault => (IReadOnlyList<string>)fault.Value),
    });
}
