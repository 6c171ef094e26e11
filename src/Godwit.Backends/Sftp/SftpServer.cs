using System.Globalization;

namespace Godwit.Backends.Sftp;

/// <summary>Which server, as whom: what <c>ssh</c> is told. Everything else is OpenSSH's own configuration.</summary>
/// <param name="Host">A host name, an address, or a host of <c>~/.ssh/config</c>.</param>
/// <param name="User">The account; null for what OpenSSH chooses.</param>
/// <param name="Port">The port; null for what OpenSSH chooses.</param>
public sealed record SftpServer(string Host, string? User = null, int? Port = null)
{
    /// <summary>The place that paths are unique in: what stands before the path of a URL.</summary>
    public string Authority
    {
        get
        {
            string host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
            string port = Port is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : "";
            return $"{(User is null ? "" : $"{User}@")}{host}{port}";
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"sftp://{Authority}";
}
