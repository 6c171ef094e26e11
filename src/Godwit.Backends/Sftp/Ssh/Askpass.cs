using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Godwit.Storage;

namespace Godwit.Backends.Sftp.Ssh;

/// <summary>
/// Answers ssh's questions for a password or a passphrase through its askpass program: a constant script that reads a line from a named
/// pipe. The secret is on no disk, in no environment and in no list of processes.
/// </summary>
internal sealed partial class Askpass : IDisposable
{
    // Several methods and several keys may ask; each gets a line, and what nobody reads goes with the pipe.
    private const int Lines = 4;
    private const uint OwnerOnly = 0x180;

    private const string Script = $$"""
        #!/bin/sh
        # ssh asks for a password or a passphrase: it comes through a pipe of this directory.
        case $1 in
        *[Pp]assphrase*) pipe=passphrase ;;
        *[Pp]assword*) pipe=password ;;
        *) exit 1 ;;
        esac
        # The ssh of a jump host inherits this program. The server's password is none of its business.
        args=$(tr '\0' ' ' <"/proc/$PPID/cmdline" 2>/dev/null || ps -o args= -p "$PPID")
        case $pipe$args in
        password*{{SshArguments.OnePrompt}}* | passphrase*) ;;
        *) exit 1 ;;
        esac
        [ -p "${0%/*}/$pipe" ] && IFS= read -r secret <"${0%/*}/$pipe" && printf '%s\n' "$secret"

        """;

    private readonly string _directory;
    private readonly List<FileStream> _pipes = [];

    private Askpass(string directory) => _directory = directory;

    /// <summary>What answers for these options; null where there is nothing to answer with.</summary>
    public static Askpass? For(SftpOptions options)
    {
        if (options.Password is null && options.Passphrase is null)
        {
            return null;
        }

        if (OperatingSystem.IsWindows())
        {
            throw new StoreException(StoreErrorKind.Unsupported, "Passwords and passphrases cannot be given to ssh on Windows; use a key or an agent.");
        }

        // Only this user may enter it.
        var askpass = new Askpass(Directory.CreateTempSubdirectory("godwit-askpass-").FullName);
        try
        {
            File.WriteAllText(askpass.In("askpass"), Script);
            File.SetUnixFileMode(askpass.In("askpass"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
            askpass.Offer("password", options.Password);
            askpass.Offer("passphrase", options.Passphrase);
            return askpass;
        }
        catch
        {
            askpass.Dispose();
            throw;
        }
    }

    /// <summary>Tells ssh to ask here.</summary>
    public void AddTo(ProcessStartInfo start)
    {
        start.Environment["SSH_ASKPASS"] = In("askpass");
        start.Environment["SSH_ASKPASS_REQUIRE"] = "force";

        // Before OpenSSH 8.4, askpass is asked only where there is a display and no terminal.
        start.Environment.TryAdd("DISPLAY", "none");
    }

    /// <summary>Takes the pipes away, and the secret with them.</summary>
    public void Dispose()
    {
        _pipes.ForEach(pipe => pipe.Dispose());
        _pipes.Clear();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private string In(string name) => Path.Combine(_directory, name);

    private void Offer(string name, Func<string>? secret)
    {
        if (secret is null)
        {
            return;
        }

        string line = secret();
        if (line.AsSpan().ContainsAny('\n', '\0'))
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"The {name} holds a line end, which ssh cannot take.");
        }

        if (MakePipe(In(name), OwnerOnly) != 0)
        {
            throw new StoreException(
                StoreErrorKind.Unsupported, $"No pipe can be made in \"{_directory}\" to answer ssh with; name another directory in TMPDIR.");
        }

        // Open at both ends, so that neither waits for the other; the kernel keeps what is written.
        var pipe = new FileStream(In(name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _pipes.Add(pipe);
        for (int i = 0; i < Lines; i++)
        {
            pipe.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
