using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Server.Notices;

/// <summary>Posts a notice to an address, signed as Standard Webhooks has it.</summary>
public sealed class WebhookTarget : INoticeTarget
{
    private const string KeyPrefix = "whsec_";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly byte[] _key;
    private readonly string _version;
    private readonly TimeProvider _time;

    /// <param name="http">Asks; it follows no redirect and has no limit of its own.</param>
    /// <param name="url">The address. What follows a question mark is sent and never shown.</param>
    /// <param name="secret">What the signature is made with: any line, or the bytes of <c>whsec_</c> and base64.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="FormatException">What follows <c>whsec_</c> is no base64.</exception>
    public WebhookTarget(HttpClient http, Uri url, string secret, string version, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(secret);
        (_http, _url, _version, _time) = (http, url, version, time);
        byte[] key = secret.StartsWith(KeyPrefix, StringComparison.Ordinal) ? Convert.FromBase64String(secret[KeyPrefix.Length..]) : Encoding.UTF8.GetBytes(secret);
        _key = key.Length > 0 ? key : throw new FormatException("It is empty.");
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
    public static HttpClient MakeClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = s_limit,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <inheritdoc/>
    public async Task<NoticeReply> TellAsync(EndedTransfer ended, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(s_limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using HttpRequestMessage request = RequestOf(ended);
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            return AnswerOf(answer);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return new NoticeReply($"No answer within {s_limit.TotalSeconds} seconds.");
        }
        catch (HttpRequestException e)
        {
            return new NoticeReply($"It cannot be reached: {NoticeText.Line((e.InnerException ?? e).Message.TrimEnd('.'), 300)}.");
        }
    }

    /// <summary>The signature of a message: what the receiver makes, too, and compares.</summary>
    internal static string Sign(byte[] key, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{id}.{timestamp}.")));
        hash.AppendData(body);
        return "v1," + Convert.ToBase64String(hash.GetHashAndReset());
    }

    private HttpRequestMessage RequestOf(EndedTransfer ended)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(BodyOf(ended), NoticeJson.Default.WebhookBody);
        string id = ended.Notice.Id;
        long now = ended.Now.Nanoseconds / 1_000_000_000;
        var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", $"godwit/{_version}");
        request.Headers.Add("Godwit-Delivery", id);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", Sign(_key, id, now, body));
        return request;
    }

    private static WebhookBody BodyOf(EndedTransfer ended)
    {
        var transfer = new WebhookTransfer(
            ended.Transfer.Id, TransferSteps.NameOf(ended.Notice.State), ended.Notice.Round, ended.Transfer.Verb, ended.Transfer.Source, ended.Transfer.Destination,
            ended.Transfer.Owner, ended.Transfer.Project, ended.Notice.Why, ended.Totals);
        return new WebhookBody(1, ended.Notice.Id, "transfer.ended", ended.Notice.Ended.ToString(), transfer);
    }

    private NoticeReply AnswerOf(HttpResponseMessage answer)
    {
        int status = (int)answer.StatusCode;
        if (answer.IsSuccessStatusCode)
        {
            return NoticeReply.Taken;
        }

        bool mayPass = status is 408 or 425 or 429 or >= 500;
        return new NoticeReply(status is >= 300 and < 400 ? $"It answers {status}, and no other address is asked than the one that is configured." : $"It answers {status}.")
        {
            IsGone = answer.StatusCode == HttpStatusCode.Gone,
            IsRefused = !mayPass,
            RetryAfter = answer.Headers.RetryAfter is { } asked ? asked.Delta ?? asked.Date - _time.GetUtcNow() : null,
        };
    }
}

internal sealed record WebhookBody(int V, string Id, string Event, string Time, WebhookTransfer Transfer);

internal sealed record WebhookTransfer(
    string Id, string State, int Round, string Verb, string Source, string Destination, string Owner, string Project, string? Why, TransferTotals? Totals);

/// <summary>How bodies of webhooks are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebhookBody))]
internal sealed partial class NoticeJson : JsonSerializerContext;
