using System.Diagnostics;

namespace Godwit.ServerTests.S3;

/// <summary>The command line as a process, because the AWS library reads the environment and the files that it names by itself.</summary>
internal static class S3Process
{
    /// <summary>Runs a command with nothing of AWS in its environment but what is given.</summary>
    /// <returns>What it wrote to standard output when it ended as expected.</returns>
    public static async Task<string> RunAsync(int expected, IEnumerable<(string Name, string Value)> environment, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "godwit.dll"), .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (string name in start.Environment.Keys.Where(IsOfAws).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(expected == process.ExitCode, $"{string.Join(' ', args)} ended with {process.ExitCode}: {error}");
        return expected == 0 ? await output : error;
    }

    private static bool IsOfAws(string name) => name.StartsWith("AWS_", StringComparison.Ordinal) || name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase);
}
