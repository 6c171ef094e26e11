using System.ComponentModel;
using System.Diagnostics;
using Godwit.Storage;

namespace Godwit.Backends.Sftp.Ssh;

/// <summary>Asks the ssh program about itself: it connects to nobody.</summary>
internal static class SshQuestion
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="options">Which program.</param>
    /// <param name="arguments">Its arguments, in place of those that connect.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>Its exit code and what it printed; what it printed as an error where it printed nothing else.</returns>
    /// <exception cref="StoreException">There is no such program.</exception>
    public static async Task<(int Code, string Said)> AskAsync(SftpOptions options, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(options.Command[0], arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        try
        {
            using Process process = Process.Start(start)!;
            using CancellationTokenRegistration end = ct.Register(() => End(process));
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(ct);
            string error = await process.StandardError.ReadToEndAsync(ct).ConfigureAwait(false);
            string said = await output.ConfigureAwait(false);
            await process.WaitForExitAsync(ct).ConfigureAwait(false);
            return (process.ExitCode, said.Length > 0 ? said : error);
        }
        catch (Win32Exception e)
        {
            throw NoProgram(options, e);
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }
    }

    /// <summary>What ssh would do after all its configuration: the first value of each setting, by its name in small letters.</summary>
    public static Dictionary<string, string> Settings(string told) => told.Split('\n')
        .Select(line => line.Split(' ', 2))
        .Where(words => words.Length == 2)
        .GroupBy(words => words[0])
        .ToDictionary(words => words.Key, words => words.First()[1].Trim());

    /// <summary>The error for a program that is not there.</summary>
    public static StoreException NoProgram(SftpOptions options, Win32Exception e) => new(
        StoreErrorKind.InvalidRequest,
        $"The program \"{options.Command[0]}\" cannot be run: {e.Message}. Install OpenSSH's client, or name another in GODWIT_SSH_COMMAND.", e);
}
