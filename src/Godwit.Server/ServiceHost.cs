using System.Net;
using Godwit.Server.Access;
using Godwit.Server.Api;
using Godwit.Server.Metrics;
using Godwit.Server.Tls;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Godwit.Server;

/// <summary>The service's interface, listening. It reads no configuration, listens to no signal and writes to no console: all that is its caller's.</summary>
public sealed class ServiceHost : IAsyncDisposable
{
    private const int LedgerRetryAfter = 10;

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private readonly AuditLog _audit;
    private readonly WhoAsks _who = new();
    private readonly string _scheme;

    private ServiceHost(WebApplication app, AuditLog audit, string scheme) => (_app, _audit, _scheme) = (app, audit, scheme);

    /// <summary>Where it really listens: a port 0 is told as the one that was found.</summary>
    public IReadOnlyList<string> Addresses => [.. _app.Urls.Select(url => $"{_scheme}{url[url.IndexOf(':', StringComparison.Ordinal)..]}")];

    /// <summary>What is routed, for the test that holds it against <see cref="Rules"/>.</summary>
    internal IReadOnlyList<Endpoint> Routed => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>Listens.</summary>
    /// <param name="parts">What it stands on; stays its caller's.</param>
    /// <param name="listen">Where; port 0 for a free one.</param>
    /// <param name="tls">The service's certificate; null for none.</param>
    /// <param name="ct">Cancels the start.</param>
    /// <exception cref="IOException">An address is taken.</exception>
    public static async Task<ServiceHost> StartAsync(ServiceParts parts, IPEndPoint listen, ServerTls? tls, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(listen);
        WebApplication app = Build(listen, tls, parts.Time);
        var host = new ServiceHost(app, new AuditLog(parts.Audit), tls is null ? "http" : "https");
        try
        {
            host.Map(parts);
            await app.StartAsync(ct).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes no more requests, ends the streams of events, and waits for the other answers.</summary>
    /// <param name="ct">Waits no longer.</param>
    public async Task StopAsync(CancellationToken ct)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync(ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _audit.Dispose();
    }

    private static WebApplication Build(IPEndPoint listen, ServerTls? tls, TimeProvider time)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = Environments.Production, ContentRootPath = AppContext.BaseDirectory });
        ((IConfigurationBuilder)builder.Configuration).Sources.Clear();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(listen, options => tls?.Secure(options, time));
        });
        return builder.Build();
    }

    private void Map(ServiceParts parts)
    {
        parts.Metrics.Watch(parts.Submissions, parts.WhyNotWrittenAsync, parts.NotReady);
        _app.Use((context, next) => RequestMetrics.MeasureAsync(parts, context, next));
        _app.Use((context, next) => GuardAsync(parts, context, next));
        _app.UseRouting();
        foreach (ApiEndpoint endpoint in Endpoints.All)
        {
            _app.MapMethods(endpoint.Path, [endpoint.Method], context => AnswerAsync(parts, endpoint, context)).WithMetadata(endpoint);
        }
    }

    private async Task AnswerAsync(ServiceParts parts, ApiEndpoint endpoint, HttpContext context)
    {
        var note = new AuditNote(endpoint, context);
        context.Response.OnStarting(() => AuditAsync(parts, note));
        Caller caller = Rules.Open.Contains(endpoint.Name)
            ? new Caller("", "", Reach.Nothing)
            : await _who.AsksAsync(parts, endpoint, context, note).ConfigureAwait(false);
        await endpoint.AnswerAsync(new Call(parts, context, caller, note, _stopping.Token)
        {
            AskAgainAsync = async () => await _who.AsksAsync(parts, endpoint, context, note).ConfigureAwait(false),
        }).ConfigureAwait(false);
    }

    /// <summary>What is answered is in the trail before the answer goes out. What was done is done: where the trail cannot be written, that is said.</summary>
    private async Task AuditAsync(ServiceParts parts, AuditNote note)
    {
        if (note.At(Timestamp.From(parts.Time.GetUtcNow())) is not { } entry)
        {
            return;
        }

        try
        {
            await _audit.WriteAsync(entry).ConfigureAwait(false);
        }
        catch (LedgerException e)
        {
            parts.Warn($"The audit trail lacks {entry}: {e.Message}");
        }
    }

    /// <summary>The one place where failures become answers.</summary>
    private static async Task GuardAsync(ServiceParts parts, HttpContext context, RequestDelegate next)
    {
        Problem problem;
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response.HasStarted || context.Response.StatusCode < 400 || context.Response.ContentType is not null)
            {
                return;
            }

            problem = Problem.OfStatus(context.Response.StatusCode);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            problem = ProblemOf(e, context);
            if (problem.Status >= StatusCodes.Status500InternalServerError && e is not ProblemException)
            {
                parts.Warn($"{context.Request.Method} {context.Request.Path}: {(e is LedgerException ? e.Message : e)}");
            }
        }

        await problem.WriteAsync(context).ConfigureAwait(false);
    }

    private static Problem ProblemOf(Exception e, HttpContext context)
    {
        if (((e as ProblemException)?.RetryAfter ?? (e is LedgerException ? LedgerRetryAfter : null)) is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString();
        }

        return e switch
        {
            ProblemException told => told.Problem,
            BadHttpRequestException bad => Problem.OfStatus(bad.StatusCode),
            LedgerException broken => new Problem("/errors/ledger", "The ledger does not answer", StatusCodes.Status503ServiceUnavailable, $"{broken.Message} Try again later."),
            _ => Problem.OfStatus(StatusCodes.Status500InternalServerError),
        };
    }

    /// <summary>Signals are for the caller to hear.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
