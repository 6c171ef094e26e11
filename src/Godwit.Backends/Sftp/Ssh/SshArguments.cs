using System.Globalization;

namespace Godwit.Backends.Sftp.Ssh;

/// <summary>The arguments of ssh: a list, which no shell sees. The host stands behind <c>--</c>, so that none is taken for an option.</summary>
internal static class SshArguments
{
    /// <summary>Said where a password or a passphrase is there to answer with, and only to the ssh of the server: a jump host's has its own.</summary>
    public const string OnePrompt = "NumberOfPasswordPrompts=1";

    /// <summary>The arguments, the program itself left out.</summary>
    /// <param name="options">How the server is reached.</param>
    /// <param name="command">A constant command for the account's shell; null for the SFTP subsystem.</param>
    public static IReadOnlyList<string> For(SftpOptions options, string? command = null)
    {
        List<string> arguments = [.. options.Command.Skip(1)];
        bool answers = options.Password is not null || options.Passphrase is not null;

        // What is said here goes before the user's files; so only what a transfer cannot do without.
        string[] settings =
        [
            // Nobody is there to answer a question. Passwords come through askpass, which batch mode would not ask.
            answers ? OnePrompt : "BatchMode=yes",
            .. answers ? ["StrictHostKeyChecking=yes"] : Array.Empty<string>(),

            // A connection of its own; a master that the user started is used all the same.
            "ControlMaster=no",
            "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no", "RequestTTY=no",

            // A line that is dead ends ssh within a minute.
            "ConnectTimeout=30", "ServerAliveInterval=15", "ServerAliveCountMax=4",
            .. options.Ciphers is { } ciphers ? [$"Ciphers={ciphers}"] : Array.Empty<string>(),
            .. options.KeyFile is { } key ? [$"IdentityFile={Quoted(key)}", "IdentitiesOnly=yes"] : Array.Empty<string>(),
            .. options.KnownHostsFile is { } hosts ? [$"UserKnownHostsFile={Quoted(hosts)}"] : Array.Empty<string>(),
        ];
        foreach (string setting in settings)
        {
            arguments.AddRange(["-o", setting]);
        }

        if (options.Server.User is { } user)
        {
            arguments.AddRange(["-l", user]);
        }

        if (options.Server.Port is { } port)
        {
            arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        }

        if (command is null)
        {
            arguments.Add("-s");
        }

        arguments.AddRange(["--", options.Server.Host, command ?? "sftp"]);
        return arguments;
    }

    /// <summary>A file name as a configuration line takes it: percent signs would be replaced, quotes end it.</summary>
    private static string Quoted(string file) => $"\"{file.Replace("%", "%%", StringComparison.Ordinal)}\"";
}
