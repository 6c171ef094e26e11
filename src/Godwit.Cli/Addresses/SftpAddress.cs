using System.Globalization;
using System.Text.RegularExpressions;
using Godwit.Backends.Sftp;
using Godwit.Storage;

namespace Godwit.Cli.Addresses;

/// <summary>Addresses of SFTP servers: <c>sftp://[user@]host[:port]/path</c>, and <c>/~/path</c> below the account's own directory.</summary>
internal static partial class SftpAddress
{
    /// <summary>The address.</summary>
    /// <param name="role">What it is for.</param>
    /// <param name="authority">What stands before the path.</param>
    /// <param name="path">The path with its leading <c>/</c>; null where there is none.</param>
    /// <exception cref="CommandException">No server can have this name, or the path holds NUL.</exception>
    public static Address Of(string role, string authority, byte[]? path)
    {
        Match parts = Authority().Match(authority);
        if (!parts.Success)
        {
            throw new CommandException(
                ExitCode.Usage, $"{role} is an sftp:// address that cannot be used: write sftp://user@host:22/path, without a password.");
        }

        if (path?.Contains((byte)0) == true)
        {
            throw new CommandException(ExitCode.Usage, $"{role} holds a NUL character; no file has such a name.");
        }

        string? user = Given(parts.Groups["user"]) is { } written ? Uri.UnescapeDataString(written) : null;
        if (user is not null && !User().IsMatch(user))
        {
            throw new CommandException(ExitCode.Usage, $"{role} names a user whose name begins with a dash or holds / : ? or a space, which no server is asked for: correct it.");
        }

        string? port = Given(parts.Groups["port"]);
        RequirePort(role, port);
        var server = new SftpServer(
            parts.Groups["host"].Value.Trim('[', ']'),
            user,
            port is null ? null : int.Parse(port, CultureInfo.InvariantCulture));
        return new Address(BelowHome(path)) { Server = new SftpPlace(server), Side = SideOf(role) };
    }

    /// <summary>Refuses a number that no port has.</summary>
    /// <exception cref="CommandException">It is none from 1 to 65535.</exception>
    public static void RequirePort(string role, string? port)
    {
        if (port is not null && !(ushort.TryParse(port, CultureInfo.InvariantCulture, out ushort number) && number > 0))
        {
            throw new CommandException(ExitCode.Usage, $"{role} has the port {port}, and ports are 1 to {ushort.MaxValue}. Correct it.");
        }
    }

    /// <summary>Whose side an argument is.</summary>
    public static StoreSide SideOf(string role) => role switch
    {
        "SRC" => StoreSide.Source,
        "DST" => StoreSide.Destination,
        _ => StoreSide.Unknown,
    };

    /// <summary>A path that begins with <c>/~/</c>, or that is not there, is relative to the account's own directory.</summary>
    private static byte[] BelowHome(byte[]? path) => path switch
    {
        null => [],
        [(byte)'/', (byte)'~'] => [],
        [(byte)'/', (byte)'~', (byte)'/', .. var below] => below,
        _ => path,
    };

    private static string? Given(Group part) => part.Success ? part.Value : null;

    // No user and no host begins with a dash: ssh would take it for an option.
    [GeneratedRegex(@"^[^-:/?\s\p{Cc}][^:/?\s\p{Cc}]*\z")]
    private static partial Regex User();

    [GeneratedRegex(@"^((?<user>[^-:@/?\s][^:@/?\s]*)@)?(?<host>[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+(%[A-Za-z0-9]+)?\])(:(?<port>[0-9]+))?\z")]
    private static partial Regex Authority();
}
