using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Godwit.Server.Engine;
using Godwit.Server.Notices;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>Asks somebody at an address, signed as Standard Webhooks has it.</summary>
public sealed class HttpStager : IStager
{
    private const string Mask = "***";

    // Of how many characters a beginning of a code is kept to ourselves: seven of 43 help nobody to guess the others.
    private const int LeastTelling = 8;

    private readonly SignedPost _post;
    private readonly TimeProvider _time;

    /// <param name="http">Asks; made by <see cref="MakeClient"/>.</param>
    /// <param name="url">The address. What follows a question mark is sent and never shown.</param>
    /// <param name="secret">What signatures and codes are made with: any line, or the bytes of <c>whsec_</c> and base64.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="FormatException">What follows <c>whsec_</c> is no base64.</exception>
    public HttpStager(HttpClient http, Uri url, string secret, string version, TimeProvider time) =>
        (_post, _time) = (new SignedPost(http, url, secret, version, time), time);

    /// <summary>A client that asks the address that was configured, and no other.</summary>
    /// <param name="tls">What is shown, and trusted; null for no certificate and the system's authorities.</param>
    public static HttpClient MakeClient(PostTls? tls = null) => SignedPost.MakeClient(tls);

    /// <inheritdoc/>
    public string CodeOf(string callOut) => Base64Url.EncodeToString(_post.Mac("call-out." + callOut));

    /// <inheritdoc/>
    public async Task<StagerReply> AskAsync(StagerRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        StagerBody body = BodyOf(request, "request") with
        {
            Callback = request.Callback.AbsoluteUri,
            Code = CodeOf(request.CallOut.Id),
            Deadline = request.CallOut.Deadline.ToString(),
        };
        return ReplyOf(await SendAsync(request.CallOut.Id, body, ct).ConfigureAwait(false), body.Code);
    }

    /// <summary>Tells him that what he made ready is needed no more. One who knows nothing of it any more was told.</summary>
    public async Task<StagerReply> ReleaseAsync(StagerRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        StagerBody body = BodyOf(request, "release");
        body = body with { Transfer = body.Transfer with { State = TransferSteps.NameOf(request.Transfer.State ?? TransferState.Submitted) } };

        // It is another message than the request: whoever leaves out what came before by its id must not leave out this one.
        PostReply reply = await SendAsync($"{request.CallOut.Id}-release", body, ct).ConfigureAwait(false);
        return reply.Status is 404 or 410 ? StagerReply.Acknowledged : ReplyOf(reply, CodeOf(request.CallOut.Id));
    }

    private Task<PostReply> SendAsync(string id, StagerBody body, CancellationToken ct) =>
        _post.SendAsync(id, _time.GetUtcNow().ToUnixTimeSeconds(), JsonSerializer.SerializeToUtf8Bytes(body, StagerJson.Default.StagerBody), isHeard: true, ct);

    private StagerBody BodyOf(StagerRequest request, string what)
    {
        (NewCallOut call, Submission transfer) = (request.CallOut, request.Transfer);
        (string name, CallOrder? order) = call.Stage == CallStage.Stage ? ("stage", request.Order.Stage) : ("prepare", request.Order.Prepare);
        return new StagerBody(
            1, call.Id, $"{name}.{what}", Timestamp.From(_time.GetUtcNow()).ToString(), order?.What ?? "",
            request.Source.Length > 0 ? request.Source : null, transfer.Destination,
            new StagerTransfer(transfer.Id, call.Round, transfer.Verb, transfer.Owner, transfer.Project, transfer.Priority));
    }

    private static StagerReply ReplyOf(PostReply reply, string code)
    {
        if (reply.Fault is not { } fault)
        {
            return StagerReply.Acknowledged;
        }

        // What he says is shown to whoever may look at the transfer; the code is for him alone.
        string[] words = Masked(reply.Text, code).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string said = NoticeText.Line(string.Join(' ', words), SignedPost.LongestText);
        return new StagerReply(said.Length > 0 ? $"{fault.TrimEnd('.')}: {said}" : fault)
        {
            IsRefused = reply.IsRefused,
            RetryAfter = reply.RetryAfter is { } asked && asked > TimeSpan.Zero ? asked : null,
        };
    }

    /// <summary>Only the beginning of what he says is read, and the code may be cut there.</summary>
    private static string Masked(string text, string code)
    {
        string masked = text.Replace(code, Mask, StringComparison.Ordinal);
        for (int length = code.Length - 1; length >= LeastTelling; length--)
        {
            if (masked.EndsWith(code[..length], StringComparison.Ordinal))
            {
                return masked[..^length] + Mask;
            }
        }

        return masked;
    }
}

/// <summary>What is posted to somebody who makes transfers ready.</summary>
internal sealed record StagerBody(int V, string Id, string Event, string Time, string What, string? Source, string Destination, StagerTransfer Transfer)
{
    /// <summary>Where he answers; null where no answer is wanted.</summary>
    public string? Callback { get; init; }

    /// <summary>What his answer needs.</summary>
    public string? Code { get; init; }

    /// <summary>Until when an answer counts.</summary>
    public string? Deadline { get; init; }
}

internal sealed record StagerTransfer(string Id, int Round, string Verb, string Owner, string Project, int Priority)
{
    /// <summary>Where the transfer stands, where what was made ready is needed no more.</summary>
    public string? State { get; init; }
}

/// <summary>How such bodies are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StagerBody))]
internal sealed partial class StagerJson : JsonSerializerContext;
