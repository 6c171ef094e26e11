using System.Diagnostics;
using System.Globalization;

namespace Godwit.Drill;

/// <summary>The command line in a process of its own that kills itself at a step (<see cref="Plug"/>).</summary>
internal static class DrillProcess
{
    /// <summary>The exit code of one that was killed.</summary>
    public const int Killed = 128 + 9;

    private static readonly Dictionary<string, string> s_none = [];

    /// <summary>The program: compiled ahead where <c>./test</c> made it so, else as it was built.</summary>
    public static string Program =>
        Environment.GetEnvironmentVariable("GODWIT_TEST_DRILL") ?? Path.Combine(AppContext.BaseDirectory, "godwit-drill.dll");

    /// <summary>Runs a command to its end, or to where it is killed.</summary>
    /// <param name="command">The arguments.</param>
    /// <param name="kill">Where, as <see cref="Plug"/> takes it; null for nowhere.</param>
    /// <param name="steps">The file that gets the steps that were met; null for none.</param>
    /// <param name="variables">Further variables of its environment.</param>
    public static async Task<(int Code, string Said)> RunAsync(
        IEnumerable<string> command, string? kill, string? steps, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo("dotnet", [Program, .. command])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["GODWIT_DRILL_KILL"] = kill, ["GODWIT_DRILL_STEPS"] = steps },
        };
        foreach ((string name, string value) in variables ?? s_none)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error + await output);
    }

    /// <summary>The steps that a run met, each with how often.</summary>
    public static IReadOnlyDictionary<string, int> ReadSteps(string file) => File.ReadLines(file)
        .Select(line => line.Split(' ')).ToDictionary(pair => pair[0], pair => int.Parse(pair[1], CultureInfo.InvariantCulture));

    /// <summary>Leaves what was tried where <c>GODWIT_TEST_REPORTS</c> names a directory for it; the first line says it in short.</summary>
    public static void Report(string name, params string[] lines)
    {
        if (Environment.GetEnvironmentVariable("GODWIT_TEST_REPORTS") is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
            File.WriteAllLines(Path.Combine(directory, name + ".txt"), lines);
        }
    }
}
