namespace Godwit.ServerTests.Sftp;

/// <summary>A program in ssh's place: SFTP goes to the server, the command of the shell does what a test wants.</summary>
internal sealed class SshStandIn : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("godwit-ssh-").FullName;

    /// <summary>Makes it.</summary>
    /// <param name="shell">What happens instead of the shell, as lines of sh; the command is in <c>$command</c>, the account's home in
    /// <c>$home</c>, a directory for programs that go before others in <c>$tools</c>, and one for notes in <c>$notes</c>.</param>
    /// <param name="tools">Such programs: name and text.</param>
    public SshStandIn(string shell, params (string Name, string Text)[] tools)
        : this(shell, "", tools)
    {
    }

    /// <summary>Makes it.</summary>
    /// <param name="shell">What happens instead of the shell, likewise.</param>
    /// <param name="sftp">What happens before SFTP is spoken.</param>
    /// <param name="tools">Such programs: name and text.</param>
    public SshStandIn(string shell, string sftp, (string Name, string Text)[] tools)
    {
        Directory.CreateDirectory(In("tools"));
        foreach ((string name, string text) in tools)
        {
            Write(Path.Combine("tools", name), "#!/bin/sh\n" + text + "\n");
        }

        Write("ssh", $"""
            #!/bin/sh
            home='{SftpTestServer.Home}' tools='{In("tools")}' notes='{_folder}'
            for command; do [ "$command" = -G ] && exec ssh "$@"; done
            case $command in
            sftp) :
            {sftp}
            ;;
            *godwit-checksums*) echo begun >>"$notes/begun"
            {shell}
            ;;
            esac
            exec ssh "$@"

            """);
    }

    /// <summary>What Godwit is told to run.</summary>
    public string Program => In("ssh");

    /// <summary>How often a shell was begun.</summary>
    public int Begun => File.Exists(In("begun")) ? File.ReadAllLines(In("begun")).Length : 0;

    public string In(string name) => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        SftpCommandLine.Run(0, "chmod", "700", In(name));
    }
}
