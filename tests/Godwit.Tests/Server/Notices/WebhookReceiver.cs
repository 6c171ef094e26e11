using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Godwit.Tests.Server.Notices;

/// <summary>Somebody who takes webhooks, on this machine.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<Delivery> _came = Channel.CreateUnbounded<Delivery>();
    private int _count;

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>What it answers; 204 where nothing is said.</summary>
    public Func<Delivery, HttpContext, Task> Answer { get; set; } = (_, http) =>
    {
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    };

    /// <summary>Its address, without a path.</summary>
    public string Address => _app.Urls.First();

    /// <summary>Everything that came.</summary>
    public ConcurrentQueue<Delivery> All { get; } = [];

    /// <summary>Starts it.</summary>
    /// <param name="certificate">Its certificate; null for no TLS. Whoever comes may show one, too, of any authority.</param>
    public static async Task<WebhookReceiver> StartAsync(X509Certificate2? certificate = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.Run(receiver.TakeAsync);
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>The uri of a path of it.</summary>
    public Uri At(string path) => new(Address + path);

    /// <summary>It answers a status from now on.</summary>
    public void Say(int status, string? retryAfter = null) => Answer = (_, http) =>
    {
        http.Response.StatusCode = status;
        http.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    };

    /// <summary>The next one that comes.</summary>
    public async Task<Delivery> NextAsync() => await _came.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var came = new Delivery(
            Interlocked.Increment(ref _count),
            http.Request.Path,
            http.Request.Headers.ToDictionary(one => one.Key, one => one.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray())
        {
            Shown = http.Connection.ClientCertificate?.Subject,
        };
        All.Enqueue(came);
        await _came.Writer.WriteAsync(came);
        await Answer(came, http);
    }
}

/// <summary>One request that came.</summary>
internal sealed record Delivery(int Number, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The name of the certificate that was shown.</summary>
    public string? Shown { get; init; }

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Id => Headers["webhook-id"];

    public string Transfer => Json.GetProperty("transfer").GetProperty("id").GetString()!;

    public string State => Json.GetProperty("transfer").GetProperty("state").GetString()!;
}
