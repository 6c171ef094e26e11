namespace Godwit.Backends.Sftp;

/// <summary>How an SFTP server is reached, and how its store behaves.</summary>
public sealed record SftpOptions
{
    /// <summary>The server.</summary>
    public required SftpServer Server { get; init; }

    /// <summary>The ssh command and its first arguments; never given to a shell.</summary>
    /// <value>Default <c>ssh</c>, as it is found in PATH.</value>
    public IReadOnlyList<string> Command { get; init; } = ["ssh"];

    /// <summary>A private key; null for those that OpenSSH finds.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The keys of known hosts; null for the files that OpenSSH reads.</summary>
    public string? KnownHostsFile { get; init; }

    /// <summary>Gives the password; asked only when the server asks. Null: nobody is asked.</summary>
    public Func<string>? Password { get; init; }

    /// <summary>Gives the passphrase of the private key; asked only when ssh asks. Null: nobody is asked.</summary>
    public Func<string>? Passphrase { get; init; }

    /// <summary>Whether the server is asked for checksums, by a command in a shell of the account, where it has one that will do.</summary>
    /// <value>Default true: what was written is then not fetched again to be proved. One more login for each server.</value>
    public bool ShellChecksums { get; init; } = true;

    /// <summary>Connections at most.</summary>
    /// <value>Default 4: on long lines each one adds speed, and a server starts to turn away at ten that are not logged in yet.</value>
    public int Connections { get; init; } = 4;

    /// <summary>The ciphers to offer, in order; null for ssh's own.</summary>
    internal string? Ciphers { get; init; }
}
