using System.Text.Json;
using System.Text.Json.Serialization;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Server.Notices;

/// <summary>Posts a notice to an address, signed as Standard Webhooks has it.</summary>
public sealed class WebhookTarget : INoticeTarget
{
    private readonly SignedPost _post;
    private readonly Uri _url;

    /// <param name="http">Asks; it follows no redirect and has no limit of its own.</param>
    /// <param name="url">The address. What follows a question mark is sent and never shown.</param>
    /// <param name="secret">What the signature is made with: any line, or the bytes of <c>whsec_</c> and base64.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="FormatException">What follows <c>whsec_</c> is no base64.</exception>
    public WebhookTarget(HttpClient http, Uri url, string secret, string version, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(url);
        _post = new SignedPost(http, url, secret, version, time);
        _url = url;
    }

    /// <inheritdoc/>
    public string Name => NameOf(_url);

    /// <summary>What a webhook of an address is called.</summary>
    public static string NameOf(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
    }

    /// <summary>A client for all webhooks: an address that was configured is the one that is asked, and no other.</summary>
    public static HttpClient MakeClient() => SignedPost.MakeClient();

    /// <inheritdoc/>
    public async Task<NoticeReply> TellAsync(EndedTransfer ended, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(ended);
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(BodyOf(ended), NoticeJson.Default.WebhookBody);
        PostReply reply = await _post.SendAsync(ended.Notice.Id, ended.Now.Nanoseconds / 1_000_000_000, body, isHeard: false, ct).ConfigureAwait(false);
        return reply.Fault is not { } fault
            ? NoticeReply.Taken
            : new NoticeReply(fault) { IsGone = reply.Status == 410, IsRefused = reply.IsRefused, RetryAfter = reply.RetryAfter };
    }

    private static WebhookBody BodyOf(EndedTransfer ended)
    {
        var transfer = new WebhookTransfer(
            ended.Transfer.Id, TransferSteps.NameOf(ended.Notice.State), ended.Notice.Round, ended.Transfer.Verb, ended.Transfer.Source, ended.Transfer.Destination,
            ended.Transfer.Owner, ended.Transfer.Project, ended.Notice.Why, ended.Totals);
        return new WebhookBody(1, ended.Notice.Id, "transfer.ended", ended.Notice.Ended.ToString(), transfer);
    }
}

internal sealed record WebhookBody(int V, string Id, string Event, string Time, WebhookTransfer Transfer);

internal sealed record WebhookTransfer(
    string Id, string State, int Round, string Verb, string Source, string Destination, string Owner, string Project, string? Why, TransferTotals? Totals);

/// <summary>How bodies of webhooks are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebhookBody))]
internal sealed partial class NoticeJson : JsonSerializerContext;
