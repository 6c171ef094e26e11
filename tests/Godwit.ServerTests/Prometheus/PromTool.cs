using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Godwit.ServerTests.Prometheus;

/// <summary>What Prometheus says of files and texts. <c>./test</c> installs it.</summary>
internal static class PromTool
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>What Godwit brings for Prometheus.</summary>
    public static string Files { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../packaging/prometheus"));

    /// <summary>Requires that it finds nothing wrong, not even something to warn of.</summary>
    public static async Task RequireAsync(string? input, params string[] args)
    {
        (int code, string said) = await RunAsync(input, args);
        Assert.True(code == 0, $"promtool {string.Join(' ', args)} ended with {code}: {said}");
    }

    /// <summary>Runs it.</summary>
    public static async Task<(int Code, string Said)> RunAsync(string? input, params string[] args)
    {
        using Process process = Start("promtool", args, input is not null);
        using var limit = new CancellationTokenSource(s_limit);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        string error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + error);
    }

    /// <summary>Starts a program of the package.</summary>
    public static Process Start(string program, IEnumerable<string> args, bool withInput = false)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, args)
            {
                RedirectStandardInput = withInput,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Files,
            })!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{program} cannot be started ({e.Message}): install Debian's package prometheus.", e);
        }
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
