using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Godwit.Server.Notices;

/// <summary>Posts messages to one address, signed as Standard Webhooks has it. An address that was configured is the one that is asked, and no other.</summary>
internal sealed class SignedPost
{
    /// <summary>How many characters of what a receiver says are read.</summary>
    public const int LongestText = 300;

    private const string KeyPrefix = "whsec_";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly byte[] _key;
    private readonly string _version;
    private readonly TimeProvider _time;

    /// <param name="http">Asks; it follows no redirect and has no limit of its own.</param>
    /// <param name="url">The address.</param>
    /// <param name="secret">What the signature is made with: any line, or the bytes of <c>whsec_</c> and base64.</param>
    /// <param name="version">The program's version.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="FormatException">What follows <c>whsec_</c> is no base64, or there is nothing.</exception>
    public SignedPost(HttpClient http, Uri url, string secret, string version, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(secret);
        (_http, _url, _version, _time) = (http, url, version, time);
        byte[] key = secret.StartsWith(KeyPrefix, StringComparison.Ordinal) ? Convert.FromBase64String(secret[KeyPrefix.Length..]) : Encoding.UTF8.GetBytes(secret);
        _key = key.Length > 0 ? key : throw new FormatException("It is empty.");
    }

    /// <summary>A client for such posts.</summary>
    /// <param name="tls">What is shown, and trusted; null for no certificate and the system's authorities.</param>
    public static HttpClient MakeClient(PostTls? tls = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = s_limit,

            // One that is kept may be closed just when the next message is on it, and nobody knows whether that one arrived.
            PooledConnectionLifetime = TimeSpan.Zero,
        };
        tls?.Use(handler.SslOptions);
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>What only those who know the secret can make of a text, of 32 bytes.</summary>
    public byte[] Mac(string text) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text));

    /// <summary>Posts a message.</summary>
    /// <param name="id">What it is called: the same one that comes twice has the same.</param>
    /// <param name="seconds">When it is sent, in seconds since 1970.</param>
    /// <param name="body">JSON.</param>
    /// <param name="isHeard">Whether the text of a refusal is read.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>What was answered, or why nothing was.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<PostReply> SendAsync(string id, long seconds, byte[] body, bool isHeard, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(s_limit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using HttpRequestMessage request = RequestOf(id, seconds, body);
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            return await ReplyOfAsync(answer, isHeard, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new PostReply(null, $"No answer within {s_limit.TotalSeconds} seconds.");
        }
        catch (HttpRequestException e)
        {
            return new PostReply(null, $"It cannot be reached: {NoticeText.Line((e.InnerException ?? e).Message.TrimEnd('.'), 300)}.");
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

    private HttpRequestMessage RequestOf(string id, long seconds, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", $"godwit/{_version}");
        request.Headers.Add("Godwit-Delivery", id);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", Sign(_key, id, seconds, body));
        return request;
    }

    private async Task<PostReply> ReplyOfAsync(HttpResponseMessage answer, bool isHeard, CancellationToken ct)
    {
        int status = (int)answer.StatusCode;
        if (answer.IsSuccessStatusCode)
        {
            return new PostReply(status, null);
        }

        bool isRefused = status is not (408 or 425 or 429 or >= 500);
        string elsewhere = status is >= 300 and < 400 ? ", and no other address is asked than the one that is configured" : "";
        return new PostReply(status, $"It answers {status}{elsewhere}.")
        {
            IsRefused = isRefused,
            RetryAfter = answer.Headers.RetryAfter is { } asked ? asked.Delta ?? asked.Date - _time.GetUtcNow() : null,
            Text = isHeard && isRefused ? await TextOfAsync(answer, ct).ConfigureAwait(false) : "",
        };
    }

    /// <summary>Its beginning. What breaks off, or takes too long, is left out: the status says enough.</summary>
    private static async Task<string> TextOfAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        // A character takes four bytes at most.
        var bytes = new byte[LongestText * 4];
        int length = 0;
        try
        {
            Stream body = await answer.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            for (int read = 1; read > 0 && length < bytes.Length; length += read)
            {
                read = await body.ReadAsync(bytes.AsMemory(length), ct).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}

/// <summary>What became of a post.</summary>
/// <param name="Status">What was answered; null where nothing was.</param>
/// <param name="Fault">What was wrong; null where it was taken.</param>
internal sealed record PostReply(int? Status, string? Fault)
{
    /// <summary>Whether the answer says that another try changes nothing.</summary>
    public bool IsRefused { get; init; }

    /// <summary>How long the receiver wants to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The beginning of what a receiver says who refuses, as it came; empty where that was not asked for.</summary>
    public string Text { get; init; } = "";
}
