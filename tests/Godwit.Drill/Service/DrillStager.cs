using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Godwit.Drill.Service;

/// <summary>A stager and preparer of the drill: what it is asked for is the source that it names. It acknowledges, and calls back until somebody takes that, whatever becomes of the service meanwhile.</summary>
internal sealed class DrillStager : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly HttpListener _listener = new();
    private readonly HttpClient _http = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, Task> _answers = new();
    private readonly ConcurrentDictionary<string, string> _asked = new();
    private readonly ConcurrentDictionary<string, bool> _released = new();
    private readonly Task _loop;

    /// <param name="port">Where it listens, at 127.0.0.1.</param>
    public DrillStager(int port)
    {
        Url = $"http://127.0.0.1:{port}/";
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _loop = Task.Run(ListenAsync);
    }

    /// <summary>Where it is asked.</summary>
    public string Url { get; }

    /// <summary>The token that it calls back with; null as long as it has none.</summary>
    public string? Token { get; set; }

    /// <summary>The events that it was asked with, by the id of the call-out.</summary>
    public IReadOnlyDictionary<string, string> Asked => _asked;

    /// <summary>The call-outs that are over.</summary>
    public IReadOnlyCollection<string> Released => [.. _released.Keys];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        await Task.WhenAll(_answers.Values);
        _listener.Close();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await TakeAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // Who asked is gone, or this is.
            }
        }
    }

    private async Task TakeAsync(HttpListenerContext context)
    {
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.InputStream);
        string id = body.RootElement.GetProperty("id").GetString()!;
        string what = body.RootElement.GetProperty("event").GetString()!;
        if (what.EndsWith(".release", StringComparison.Ordinal))
        {
            _released[id] = true;
        }
        else
        {
            _asked[id] = what;
            string code = body.RootElement.GetProperty("code").GetString()!;
            var callback = new Uri(body.RootElement.GetProperty("callback").GetString()!);
            string? source = what == "stage.request" ? body.RootElement.GetProperty("what").GetString() : null;
            _ = _answers.GetOrAdd(id, _ => Task.Run(() => AnswerAsync(callback, code, source)));
        }

        context.Response.StatusCode = (int)HttpStatusCode.Accepted;
        context.Response.Close();
    }

    private async Task AnswerAsync(Uri callback, string code, string? source)
    {
        while (!_stop.IsCancellationRequested && !await TryAnswerAsync(callback, code, source))
        {
            await Task.Delay(s_pause, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> TryAnswerAsync(Uri callback, string code, string? source)
    {
        try
        {
            var answered = new Dictionary<string, object> { ["code"] = code, ["success"] = true };
            if (source is not null)
            {
                answered["source"] = source;
            }

            string body = JsonSerializer.Serialize(answered);
            using var request = new HttpRequestMessage(HttpMethod.Post, callback) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token ?? "none");
            using HttpResponseMessage answer = await _http.SendAsync(request, _stop.Token);
            return answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.Conflict;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
