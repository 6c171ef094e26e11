using Microsoft.Win32.SafeHandles;

namespace Godwit.Cli.Configuration.Secrets;

/// <summary>Gets a secret from where a reference says that it is.</summary>
internal static class ReadSecret
{
    private const int MaxBytes = 64 << 10;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The secret, without the line's end that files and programs put behind it.</summary>
    /// <exception cref="CommandException">It cannot be had. The message names the reference and never holds the secret.</exception>
    /// <exception cref="OperationCanceledException">Stopped while nobody wrote to a pipe of this name.</exception>
    public static string Of(SecretReference reference, Wiring wiring) => Checked(reference, reference.Kind switch
    {
        SecretKind.Env => wiring.Environment(reference.Word) ?? throw Wrong(reference, "the variable is not set. Set it, or name another place"),
        SecretKind.File => InputFile.Read(reference.Word, () => FromFile(reference), wiring.Configuration.Stop),
        SecretKind.Command => SecretProgram.Run(reference),
        SecretKind.Vault => VaultSecret.Read(reference, wiring),
        _ => reference.Word,
    });

    /// <summary>What can be told of a reference without running a program or asking a server; null when nothing is wrong.</summary>
    public static string? FaultOf(SecretReference reference, Wiring wiring)
    {
        try
        {
            if (reference.Kind is SecretKind.Env or SecretKind.File)
            {
                _ = Of(reference, wiring);
            }

            return reference.Kind switch
            {
                SecretKind.Command => SecretProgram.FaultOf(reference, wiring),
                SecretKind.Vault => VaultSecret.FaultOf(reference, wiring),
                _ => null,
            };
        }
        catch (CommandException e)
        {
            return e.Message;
        }
    }

    /// <summary>That a secret cannot be had.</summary>
    /// <param name="reference">Where it should be.</param>
    /// <param name="why">What is wrong, with the remedy.</param>
    /// <param name="code">Wrong configuration, or a place that did not give it.</param>
    public static CommandException Wrong(SecretReference reference, string why, ExitCode code = ExitCode.Usage) =>
        new(code, $"{reference.Origin}: the secret of \"{reference}\" cannot be had: {why}.");

    private static string Checked(SecretReference reference, string text)
    {
        string secret = text.TrimEnd('\r', '\n');
        return secret.Length == 0 ? throw Wrong(reference, "it is empty")
            : secret.Any(char.IsControl) ? throw Wrong(reference, "it is more than one line, or holds control characters. A secret is one line")
            : secret;
    }

    /// <summary>
    /// What every user of the machine can read is no secret. It is refused, as ssh does: a warning is not read where nobody watches, and one
    /// command mends it. A group may read it, because services share files so.
    /// </summary>
    private static string FromFile(SecretReference reference)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(reference.Word);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Others) != 0)
            {
                throw Wrong(reference, $"every user of this machine can read or change the file. Run: chmod 600 {reference.Word}");
            }

            using var stream = new FileStream(file, FileAccess.Read, 1);
            var bytes = new byte[MaxBytes + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > MaxBytes
                ? throw Wrong(reference, $"the file is larger than {MaxBytes >> 10} KiB")
                : System.Text.Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(reference, e.Message.TrimEnd('.'));
        }
    }
}
