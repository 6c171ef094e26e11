using Godwit.Storage;

namespace Godwit.Backends.Sftp.Ssh;

/// <summary>Turns what ssh says into the store's error. The one place that reads ssh's words.</summary>
internal static class SshErrors
{
    /// <summary>Words of ssh, in the order in which they are looked for: the reason stands before what followed from it.</summary>
    internal static readonly IReadOnlyList<Meaning> Table =
    [
        new("REMOTE HOST IDENTIFICATION HAS CHANGED", StoreErrorKind.Unauthenticated, NextStep.GiveUp,
            s => $"The server's key is not the one that is known. Ask whoever runs it whether it was changed; if so, take the old one away: ssh-keygen -R {KnownAs(s)}"),
        new("Host key verification failed", StoreErrorKind.Unauthenticated, NextStep.GiveUp,
            s => $"The server's key is not known. Compare it with what whoever runs the server says, and add it: {AddCommand(s)}"),
        new("host key is known for", StoreErrorKind.Unauthenticated, NextStep.GiveUp,
            s => $"The server's key is not known. Compare it with what whoever runs the server says, and add it: {AddCommand(s)}"),
        new("Permission denied (", StoreErrorKind.Unauthenticated, NextStep.GiveUp,
            s => $"The server does not let {s.User ?? "this user"} in with the keys and passwords that ssh has. Try: ssh {Target(s)}"),
        new("Too many authentication failures", StoreErrorKind.Unauthenticated, NextStep.GiveUp,
            _ => "The agent offered too many keys; name the right one (--sftp-key-file, or IdentityFile with IdentitiesOnly in ~/.ssh/config)."),
        new("administratively prohibited", StoreErrorKind.Unavailable, NextStep.GiveUp,
            _ => "The jump host does not let through: whoever runs it can allow it (AllowTcpForwarding, PermitOpen).") { IsOfJumps = true },
        new("stdio forwarding failed", StoreErrorKind.Unavailable, NextStep.RepeatCall,
            _ => "The jump host does not reach the server; check its name and port.") { IsOfJumps = true },
        new("Could not resolve hostname", StoreErrorKind.Unavailable, NextStep.RepeatCall, s => $"No address is known for \"{s.Host}\"; check its name."),
        new("Connection refused", StoreErrorKind.Unavailable, NextStep.RepeatCall, _ => "Nothing listens there; check the port."),
        new("No route to host", StoreErrorKind.Unavailable, NextStep.RepeatCall, _ => "The network does not lead there."),
        new("Network is unreachable", StoreErrorKind.Unavailable, NextStep.RepeatCall, _ => "The network does not lead there."),
        new("Connection timed out", StoreErrorKind.Unavailable, NextStep.RepeatCall, _ => "The server does not answer."),
        new("Operation timed out", StoreErrorKind.Unavailable, NextStep.RepeatCall, _ => "The server does not answer."),
        new("subsystem request failed", StoreErrorKind.Unsupported, NextStep.GiveUp, _ => "The server offers no SFTP to this account."),
        new("failed to execute", StoreErrorKind.InvalidRequest, NextStep.GiveUp, _ => "Install OpenSSH's client, or name another in GODWIT_SSH_COMMAND."),
        new("Bad configuration option", StoreErrorKind.InvalidRequest, NextStep.GiveUp, _ => "Correct ssh's configuration."),
        new("terminating, ", StoreErrorKind.InvalidRequest, NextStep.GiveUp, _ => "Correct ssh's configuration."),
        new("Exceeded MaxStartups", StoreErrorKind.RateLimited, NextStep.RepeatCallLater, Busy),

        // A server that has too many connections that are not logged in yet closes further ones without a word.
        new("kex_exchange_identification", StoreErrorKind.RateLimited, NextStep.RepeatCallLater, Busy),
        new("banner exchange", StoreErrorKind.RateLimited, NextStep.RepeatCallLater, Busy),
        new("Connection closed by", StoreErrorKind.RateLimited, NextStep.RepeatCallLater, Busy),
        new("Connection reset by", StoreErrorKind.RateLimited, NextStep.RepeatCallLater, Busy),
    ];

    /// <summary>What ssh says where it went through another program, such as the ssh of a jump host, and that one ended.</summary>
    private const string Through = "Connection closed by UNKNOWN port";

    /// <summary>The error of a connection that did not come about.</summary>
    /// <param name="server">Which one.</param>
    /// <param name="words">What ssh said.</param>
    /// <param name="answer">What came instead of an answer; null for nothing.</param>
    public static StoreException NotConnected(SftpServer server, string words, string? answer = null)
    {
        string said = words.Length > 0 ? $" ssh says: {words}" : " ssh said nothing.";
        if (Table.FirstOrDefault(meaning => words.Contains(meaning.Words, StringComparison.Ordinal)) is { } known)
        {
            return new StoreException(known.Kind, $"No connection to {server}. {RemedyOf(known, server, words)}{said}")
            {
                Next = known.Next,
                NobodyAnswered = known.Kind is StoreErrorKind.Unavailable or StoreErrorKind.RateLimited,
            };
        }

        return answer is { Length: > 0 }
            ? new StoreException(
                StoreErrorKind.Unsupported,
                $"{server} does not speak SFTP: its first words are \"{answer}\". A start-up file of the account's shell that prints text does this.{said}")
            : new StoreException(StoreErrorKind.Unavailable, $"No connection to {server}.{said}") { NobodyAnswered = true };
    }

    /// <summary>The error of a request whose connection broke off.</summary>
    public static StoreException Lost(SftpServer server, string words) => new(
        StoreErrorKind.Interrupted,
        $"The connection to {server} broke off{(words.Length > 0 ? $"; ssh says: {words}" : ".")}");

    /// <summary>The command that adds the key of a server to those that are known.</summary>
    public static string AddCommand(SftpServer server) =>
        $"ssh-keyscan {(server.Port is { } port ? $"-p {port} " : "")}{Word(server.Host)} >> ~/.ssh/known_hosts";

    /// <summary>What a jump host lacks is not mended at the server. A server behind one that turns away too many is told of as always.</summary>
    private static string RemedyOf(Meaning known, SftpServer server, string words) =>
        words.Contains(Through, StringComparison.Ordinal) && known.Next != NextStep.RepeatCallLater && !known.IsOfJumps
            ? "It ends on the way there, at the jump host (ProxyJump, ProxyCommand): log in to that one with ssh, which shows what it lacks."
            : known.Remedy(server);

    private static string Busy(SftpServer server) => "The server turned the connection away before it was logged in: it may have too many of them (MaxStartups).";

    private static string Target(SftpServer server) =>
        $"{(server.Port is { } port ? $"-p {port} " : "")}{(server.User is { } user ? $"{Word(user)}@" : "")}{Word(server.Host)}";

    private static string KnownAs(SftpServer server) => server.Port is { } port and not 22 ? $"'[{server.Host}]:{port}'" : Word(server.Host);

    /// <summary>A word that may be pasted into a shell.</summary>
    private static string Word(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':')
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>What words of ssh mean for a store.</summary>
    internal sealed record Meaning(string Words, StoreErrorKind Kind, NextStep Next, Func<SftpServer, string> Remedy)
    {
        /// <summary>Whether only a jump host says so.</summary>
        public bool IsOfJumps { get; init; }
    }
}
