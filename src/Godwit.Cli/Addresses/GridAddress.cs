using System.Globalization;
using System.Text.RegularExpressions;
using Godwit.Backends.Gfal;

namespace Godwit.Cli.Addresses;

/// <summary>Addresses of GridFTP and XRootD servers: <c>gsiftp://host[:port]/path</c>, <c>root://host[:port]//path</c> and <c>roots://</c>. A path
/// begins at the server's root, with however many slashes it is written.</summary>
internal static partial class GridAddress
{
    /// <summary>The address.</summary>
    /// <param name="role">What it is for.</param>
    /// <param name="scheme">One of <see cref="GfalServer.Ports"/>.</param>
    /// <param name="authority">What stands before the path.</param>
    /// <param name="path">The path with its leading <c>/</c>; null where there is none.</param>
    /// <exception cref="CommandException">No server can have this name, it names an account, or the path cannot be one there.</exception>
    public static Address Of(string role, string scheme, string authority, byte[]? path)
    {
        if (authority.Contains('@', StringComparison.Ordinal))
        {
            throw Wrong(
                $"{role} is a {scheme}:// address with the name of a user. Leave it out: a proxy says who you are (--x509-proxy, X509_USER_PROXY).");
        }

        Match parts = Authority().Match(authority);
        int usual = GfalServer.Ports[scheme];
        string? written = parts.Groups["port"] is { Success: true } group ? group.Value : null;
        SftpAddress.RequirePort(role, written);
        int port = written is null ? usual : int.Parse(written, CultureInfo.InvariantCulture);
        if (!parts.Success)
        {
            string slashes = scheme is "root" or "roots" ? "//" : "/";
            throw Wrong($"{role} is a {scheme}:// address that cannot be used: write {scheme}://host:{usual}{slashes}path.");
        }

        // A name in two spellings would be two servers to the ledger.
        var server = new GfalServer(scheme, parts.Groups["host"].Value.Trim('[', ']').ToLowerInvariant(), port);
        return new Address(Whole(role, server, path ?? [])) { Server = new GridPlace(server), Side = SftpAddress.SideOf(role) };
    }

    /// <summary>The path from the server's root: one slash before each name, no <c>.</c>, and one at the end where it is written like a
    /// directory.</summary>
    /// <exception cref="CommandException">It holds <c>..</c>, which nobody resolves, or what the server takes for something else.</exception>
    public static byte[] Whole(string role, GfalServer server, ReadOnlySpan<byte> path)
    {
        RequireCarried(role, server, path);

        var whole = new List<byte>(path.Length + 1);
        ReadOnlySpan<byte> last = default;
        foreach (Range segment in path.Split((byte)'/'))
        {
            last = path[segment];
            if (last.SequenceEqual(".."u8))
            {
                throw Wrong($"{role} holds \"..\", and nobody says where that leads on a {server.Scheme}:// server. Write the path without it.");
            }

            if (!last.IsEmpty && !last.SequenceEqual("."u8))
            {
                whole.Add((byte)'/');
                whole.AddRange(last);
            }
        }

        // The same place would have two names, and neither the ledger nor a tree that is copied into itself would know.
        return !server.IsXrootd && whole is [_, (byte)'~', ..]
            ? throw Wrong($"{role} begins with \"~\", which a GridFTP server takes for a home directory. Write the whole path.")
            : last.IsEmpty || last.SequenceEqual("."u8) ? [.. whole, (byte)'/'] : [.. whole];
    }

    /// <summary>Refuses bytes that the protocol has another use for.</summary>
    private static void RequireCarried(string role, GfalServer server, ReadOnlySpan<byte> path)
    {
        if (path.Contains((byte)0))
        {
            throw Wrong($"{role} holds a NUL character; no file has such a name.");
        }

        if (path.IndexOfAny((byte)'\n', (byte)'\r') >= 0)
        {
            throw Wrong($"{role} holds a line break, which no path of a {server.Scheme}:// server can carry.");
        }

        if (server.IsXrootd && path.Contains((byte)'?'))
        {
            throw Wrong($"{role} holds \"?\", behind which XRootD takes no path. Leave out what follows it; no file there can have it in its name.");
        }
    }

    private static CommandException Wrong(string message) => new(ExitCode.Usage, message);

    [GeneratedRegex(@"^(?<host>[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(:(?<port>[0-9]+))?\z")]
    private static partial Regex Authority();
}
