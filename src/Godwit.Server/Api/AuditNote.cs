using Godwit.Server.Access;
using Godwit.Storage;
using Godwit.Transfers.Record.Access;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>What the audit trail will say of a request.</summary>
/// <param name="endpoint">What is asked.</param>
/// <param name="http">The request.</param>
internal sealed class AuditNote(ApiEndpoint endpoint, HttpContext http)
{
    // What paths name.
    private static readonly string[] s_inPath = ["id", "token", "schedule", "notice", "call"];

    /// <summary>Who asks; null as long as nobody is known.</summary>
    public Caller? Caller { get; set; }

    /// <summary>Of what; what the path names, unless something else is said.</summary>
    public string Target { get; set; } = s_inPath.Select(name => http.Request.RouteValues[name] as string).FirstOrDefault(value => value is not null) ?? "";

    /// <summary>What there is to say besides; null for nothing.</summary>
    public string? Detail { get; set; }

    /// <summary>The entry; null for a request that changes nothing and was not refused, and for one of nobody: whoever has no token could fill the ledger.</summary>
    public AuditEntry? At(Timestamp now)
    {
        int status = http.Response.StatusCode;
        return Caller is { } caller && (endpoint.Method != HttpMethods.Get || status == StatusCodes.Status403Forbidden)
            ? new AuditEntry(now, caller.Subject, caller.Credential, http.Connection.RemoteIpAddress?.ToString() ?? "", endpoint.Name, Target, status) { Detail = Detail }
            : null;
    }
}
