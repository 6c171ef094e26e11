using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Godwit.Cli.Client;

/// <summary>Talks to a service, and says in sentences what it refuses.</summary>
internal sealed class ServiceClient : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http;
    private readonly X509Certificate2Collection? _authorities;

    /// <param name="server">Its address.</param>
    /// <param name="token">Who asks.</param>
    /// <param name="authorities">The file of certificates that its own must lead to; null for the system's.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public ServiceClient(Uri server, string token, string? authorities, TimeProvider time)
    {
        (Server, Time) = (server, time);
        _authorities = authorities is null ? null : Read(authorities);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) };
        if (_authorities is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }

        _http = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        catch (FormatException)
        {
            throw new CommandException(ExitCode.Usage, "The token holds characters that none has. It begins with gwt_ and is one line.");
        }
    }

    /// <summary>The service's address.</summary>
    public Uri Server { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Asks for something.</summary>
    /// <param name="method">How.</param>
    /// <param name="path">What, below <c>/api/v1/</c>.</param>
    /// <param name="body">What is sent; null for nothing.</param>
    /// <param name="key">What the request is called, so that it is not carried out twice; null for nothing.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="CommandException">The service cannot be reached, or refuses.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, HttpContent? body, string? key, CancellationToken ct)
    {
        using HttpResponseMessage answer = await AskAsync(method, path, body, key, ct).ConfigureAwait(false);
        try
        {
            using JsonDocument read = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(ct).ConfigureAwait(false), default, ct).ConfigureAwait(false);
            return read.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            throw new CommandException(ExitCode.Fatal, $"{Server} answers as no Godwit service does: {e.Message.TrimEnd('.')}.")
            {
                TryAgainAfter = e is JsonException ? null : s_soon,
                MayBeDone = true,
            };
        }
    }

    /// <summary>The path of a transfer.</summary>
    /// <exception cref="CommandException">No transfer has such an id.</exception>
    public static string PathOf(string id) => id.Length > 0 && id.All(char.IsAsciiLetterOrDigit)
        ? $"transfers/{id}"
        : throw new CommandException(ExitCode.Usage, $"\"{ArgumentText.Show(id)}\" is no id of a transfer: write what godwit submit wrote, or look it up with godwit transfers.");

    /// <summary>Asks for something that is read.</summary>
    public Task<JsonElement> GetAsync(string path, CancellationToken ct) => SendAsync(HttpMethod.Get, path, null, null, ct);

    /// <summary>The items of a list, page after page.</summary>
    /// <param name="path">The list, without a question.</param>
    /// <param name="ct">Cancels the calls.</param>
    public IAsyncEnumerable<JsonElement> PagesAsync(string path, CancellationToken ct) => PagesAsync(path, "", ct);

    /// <summary>The items of a list that a question narrows, page after page.</summary>
    /// <param name="path">The list.</param>
    /// <param name="question">The question, such as <c>&amp;state=dead</c>.</param>
    /// <param name="ct">Cancels the calls.</param>
    public async IAsyncEnumerable<JsonElement> PagesAsync(string path, string question, [EnumeratorCancellation] CancellationToken ct)
    {
        for (string? cursor = ""; cursor is not null;)
        {
            JsonElement page = await GetAsync($"{path}?limit=500{question}{cursor}", ct).ConfigureAwait(false);
            foreach (JsonElement one in page.GetProperty("items").EnumerateArray())
            {
                yield return one;
            }

            cursor = page.TryGetProperty("next", out JsonElement next) && next.GetString() is { } text ? $"&cursor={Uri.EscapeDataString(text)}" : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        foreach (X509Certificate2 authority in _authorities ?? [])
        {
            authority.Dispose();
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, HttpContent? body, string? key, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, new Uri(Server, $"api/v1/{path}")) { Content = body };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new CommandException(
                ExitCode.Fatal,
                $"The service at {Server} cannot be reached: {(e.InnerException ?? e).Message.TrimEnd('.')}. Start one with godwit serve, or name another with --server or GODWIT_SERVER.")
            {
                // A certificate that is not trusted is not trusted later either.
                TryAgainAfter = e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded || e.InnerException is IOException ? s_soon : null,
                MayBeDone = e.HttpRequestError
                    is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError),
            };
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Fatal, $"The service at {Server} cannot be reached: {(e.InnerException ?? e).Message.TrimEnd('.')}.") { TryAgainAfter = s_soon };
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await RefusalAsync(answer, ct).ConfigureAwait(false);
        }
    }

    private async Task<CommandException> RefusalAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        ExitCode code = answer.StatusCode switch
        {
            HttpStatusCode.NotFound => ExitCode.FileNotFound,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or >= HttpStatusCode.InternalServerError => ExitCode.Fatal,
            HttpStatusCode.Conflict => ExitCode.Other,
            _ => ExitCode.Usage,
        };
        try
        {
            using JsonDocument read = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(ct).ConfigureAwait(false), default, ct).ConfigureAwait(false);
            return IsOurs(read.RootElement)
                ? new CommandException(code, [.. Sentences(read.RootElement)])
                {
                    TryAgainAfter = answer.Headers.RetryAfter?.Delta,
                    MayBeDone = answer.StatusCode == HttpStatusCode.InternalServerError,
                }
                : RefusalOfAnother(answer);
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            return RefusalOfAnother(answer);
        }
    }

    /// <summary>Another program answers: a proxy, or what listens there in place of a service.</summary>
    private CommandException RefusalOfAnother(HttpResponseMessage answer)
    {
        string says = $"{Server} answers {(int)answer.StatusCode}, and not as a Godwit service does.";
        if (answer.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
        {
            return new CommandException(ExitCode.Fatal, $"{says} Is another program there?") { MayBeDone = answer.StatusCode >= HttpStatusCode.InternalServerError };
        }

        TimeSpan? asked = answer.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - Time.GetUtcNow() : null;
        return new CommandException(ExitCode.Fatal, $"{says} A proxy may be there, and the service behind it does not answer.") { TryAgainAfter = asked ?? s_soon, MayBeDone = true };
    }

    private static bool IsOurs(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("title", out JsonElement title) && title.ValueKind == JsonValueKind.String;

    private static IEnumerable<string> Sentences(JsonElement problem)
    {
        if (problem.TryGetProperty("errors", out JsonElement errors) && errors.ValueKind == JsonValueKind.Object)
        {
            return errors.EnumerateObject().SelectMany(field => field.Value.EnumerateArray().Select(
                sentence => field.Name.Length == 0 ? sentence.GetString()! : $"{field.Name}: {sentence.GetString()}"));
        }

        string title = problem.TryGetProperty("title", out JsonElement text) ? text.GetString() ?? "" : "";
        string detail = problem.TryGetProperty("detail", out JsonElement more) ? more.GetString() ?? "" : "";
        return [detail.Length == 0 ? $"{title}." : detail];
    }

    private static X509Certificate2Collection Read(string file)
    {
        var read = new X509Certificate2Collection();
        try
        {
            read.ImportFromPemFile(file);
            return read.Count > 0 ? read : throw new CryptographicException("there is none in it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CommandException(ExitCode.Usage, $"The certificates \"{ArgumentText.Show(file)}\" cannot be read: {e.Message.TrimEnd('.')}. Name another file with --server-ca.");
        }
    }
}
