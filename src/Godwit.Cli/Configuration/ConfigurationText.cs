using System.Text;

namespace Godwit.Cli.Configuration;

/// <summary>The configuration's file as text.</summary>
internal static class ConfigurationText
{
    private const int MaxBytes = 4 << 20;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text; null where there is no file and none was named.</summary>
    /// <exception cref="CommandException">It is named and missing, or it cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Stopped while nobody wrote to a pipe of this name.</exception>
    public static string? Read(string file, bool isNamed, CancellationToken ct) => InputFile.Read(file, () => Read(file, isNamed), ct);

    private static string? Read(string file, bool isNamed)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            using var reader = new StreamReader(stream, s_strict);
            var text = new StringBuilder();
            var block = new char[4096];
            for (int read; (read = reader.Read(block, 0, block.Length)) > 0;)
            {
                text.Append(block.AsSpan(0, read));
                if (text.Length > MaxBytes)
                {
                    throw new CommandException(ExitCode.Usage, $"The configuration {file} is larger than {MaxBytes >> 20} MiB: it is no configuration.");
                }
            }

            RequireOwn(file, stream, text.Length);
            return text.ToString();
        }
        catch (Exception e) when (!isNamed && e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException(ExitCode.Usage, $"The configuration {file} is not UTF-8. Save it as UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"The configuration {file} cannot be read: {e.Message}");
        }
    }

    /// <summary>A configuration names programs to run: whoever can change it can be this user.</summary>
    private static void RequireOwn(string file, FileStream stream, int length)
    {
        if (length > 0 && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & UnixFileMode.OtherWrite) != 0)
        {
            throw new CommandException(
                ExitCode.Usage, $"Every user of this machine can change the configuration {file}, which may name programs to run. Run: chmod o-w {file}");
        }
    }
}

/// <summary>What relative names in a configuration are relative to.</summary>
/// <param name="File">The configuration's file.</param>
/// <param name="Home">What <c>~/</c> stands for; null where this user has no home.</param>
internal sealed record ConfigurationPlace(string File, string? Home)
{
    /// <summary>Where a value comes from, for people.</summary>
    public string Line(int line) => $"{File}:{line}";

    /// <summary>The whole path of a file's name: <c>~/</c> is the home, and what is relative lies beside the configuration.</summary>
    public string Whole(string name) => name.StartsWith("~/", StringComparison.Ordinal) && Home is not null
        ? Path.Combine(Home, name[2..])
        : Path.GetFullPath(name, Path.GetDirectoryName(File)!);
}
