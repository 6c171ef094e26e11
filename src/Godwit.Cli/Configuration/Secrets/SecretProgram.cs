using System.ComponentModel;
using System.Diagnostics;

namespace Godwit.Cli.Configuration.Secrets;

/// <summary>Asks a program for a secret: no shell, nothing on its standard input, and not for ever.</summary>
internal static class SecretProgram
{
    private const int MaxCharacters = 64 << 10;
    private const int ShownCharacters = 500;

    /// <summary>How long it may take: a person may have to touch a key.</summary>
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    /// <summary>What the program prints.</summary>
    /// <exception cref="CommandException">It cannot be run, fails, or takes too long. The message holds what it wrote to standard error, and
    /// never what it printed.</exception>
    public static string Run(SecretReference reference, TimeSpan? patience = null)
    {
        TimeSpan limit = patience ?? Patience;
        using Process process = Start(reference);
        process.StandardInput.Close();
        Task<string> printed = ReadAsync(process.StandardOutput, MaxCharacters);
        Task<string> complained = ReadAsync(process.StandardError, MaxCharacters);
        if (!process.WaitForExit(limit) || !Task.WaitAll([printed, complained], limit))
        {
            process.Kill(entireProcessTree: true);
            throw ReadSecret.Wrong(reference, $"the program did not end within {limit.TotalSeconds:0} s and was ended", ExitCode.Fatal);
        }

        string said = Shown(complained.GetAwaiter().GetResult());
        return process.ExitCode == 0
            ? printed.GetAwaiter().GetResult()
            : throw ReadSecret.Wrong(reference, $"the program ended with {process.ExitCode}{(said.Length > 0 ? $" and said: {said}" : " and said nothing")}", ExitCode.Fatal);
    }

    /// <summary>Whether the program is there; null when it is.</summary>
    public static string? FaultOf(SecretReference reference, Wiring wiring)
    {
        string program = reference.Word;
        string[] places = program.Contains('/', StringComparison.Ordinal)
            ? [""]
            : (wiring.Environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return places.Any(place => File.Exists(Path.Combine(place, program)))
            ? null
            : ReadSecret.Wrong(reference, "there is no such program. Write its whole path").Message;
    }

    private static Process Start(SecretReference reference)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(reference.Word, reference.Words.Skip(1))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
        }
        catch (Win32Exception e)
        {
            throw ReadSecret.Wrong(reference, $"the program cannot be run: {new Win32Exception(e.NativeErrorCode).Message}");
        }
    }

    /// <summary>Reads to the end, so that the program is never held up, and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, int most)
    {
        var kept = new System.Text.StringBuilder();
        var block = new char[4096];
        for (int read; (read = await reader.ReadAsync(block).ConfigureAwait(false)) > 0;)
        {
            kept.Append(block.AsSpan(0, Math.Min(read, most - kept.Length)));
        }

        return kept.ToString();
    }

    private static string Shown(string text)
    {
        string line = text.Trim().ReplaceLineEndings("; ");
        return line.Length > ShownCharacters ? $"{line[..ShownCharacters]}..." : line;
    }
}
