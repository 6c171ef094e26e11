using Godwit.Server.Access;
using Godwit.Server.Metrics;
using Godwit.Server.Tls;
using Godwit.Storage;
using Godwit.Transfers.Record.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Godwit.Server.Api;

/// <summary>Finds out who asks: by his token, else by the certificate that his connection showed.</summary>
internal sealed class WhoAsks
{
    private const string Bearer = "Bearer ";

    private readonly KnownScrapers _scrapers = new();

    /// <summary>Who asks, where he may ask this endpoint.</summary>
    /// <exception cref="ProblemException">Nobody is known (401), or he may not (403).</exception>
    public async ValueTask<Caller> AsksAsync(ServiceParts parts, ApiEndpoint endpoint, HttpContext context, AuditNote note)
    {
        Caller known = await TokenAsync(parts, endpoint, context).ConfigureAwait(false) ?? Certificate(parts, context, note) ?? throw Unknown(context, null);
        Reach reach = Rules.ReachOf(endpoint.Name, known.Roles);
        note.Caller = known with { Reach = reach };
        return reach != Reach.Nothing ? note.Caller : throw Forbidden($"{known.Subject} may not do this with what is known of him: {string.Join(", ", RoleNames.Of(known.Roles))}.");
    }

    private async ValueTask<Caller?> TokenAsync(ServiceParts parts, ApiEndpoint endpoint, HttpContext context)
    {
        string sent = context.Request.Headers.Authorization.ToString();
        if (sent.Length == 0)
        {
            return null;
        }

        Token? token = sent.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? await CheckAsync(parts, endpoint, sent[Bearer.Length..].Trim(), context.RequestAborted).ConfigureAwait(false)
            : null;
        return token is null ? throw Unknown(context, null) : Caller.Of(token);
    }

    private ValueTask<Token?> CheckAsync(ServiceParts parts, ApiEndpoint endpoint, string text, CancellationToken ct)
    {
        var now = Timestamp.From(parts.Time.GetUtcNow());
        return endpoint.Name == "metrics"
            ? _scrapers.CheckAsync(text, now, () => Tokens.CheckAsync(parts.Tokens, text, now, ct))
            : Tokens.CheckAsync(parts.Tokens, text, now, ct);
    }

    private static Caller? Certificate(ServiceParts parts, HttpContext context, AuditNote note)
    {
        if (context.Features.Get<ITlsConnectionFeature>() is not GridTlsConnections.ShownCertificate feature || feature.Look() is not { } shown)
        {
            return null;
        }

        if (shown.Subject is not { } name)
        {
            throw Unknown(context, $"The certificate does not count: {shown.Fault}.");
        }

        if (shown.NotAfter <= parts.Time.GetUtcNow())
        {
            throw Unknown(context, $"The certificate of {name}, or its proxy, has expired since the connection was made. Make another one, and connect again.");
        }

        note.Caller = new Caller("", "", Reach.Nothing) { Credential = name };
        return parts.People.Of(name) is { } person
            ? new Caller(person.Subject, person.Project, Reach.Nothing) { Credential = name, Roles = person.Roles }
            : throw Forbidden($"Nothing is said of {name}. The service's administrator adds him below people: in its configuration.");
    }

    private static ProblemException Unknown(HttpContext context, string? detail)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.Headers.WWWAuthenticate = Bearer.Trim();
        }

        var problem = Problem.OfStatus(StatusCodes.Status401Unauthorized);
        return new ProblemException(detail is null ? problem : problem with { Detail = detail });
    }

    private static ProblemException Forbidden(string detail) =>
        new(new Problem("/errors/forbidden", "The caller may not do this", StatusCodes.Status403Forbidden, detail));
}
