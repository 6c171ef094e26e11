using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Godwit.Tests.Cli.Pages;

/// <summary>
/// Runs the commands of a page as a reader would: those of all its <c>console</c> blocks, one after the other, in one shell, in a fresh
/// directory with a night of observations in it. What stands below a command has to be what it writes, where <c>...</c> stands for
/// anything. A command has to succeed unless the next one is <c>echo $?</c>. A block whose first line names a file after its language
/// (<c>```python tape.py</c>) is there as that file before the first command.
/// </summary>
internal static class PageRun
{
    /// <summary>The pages of tasks.</summary>
    public static string Tasks => Path.Combine(Repository(), "docs", "tasks");

    /// <summary>Runs a page.</summary>
    /// <param name="page">Its text.</param>
    /// <param name="environment">What the reader's shell knows beside its home directory.</param>
    public static async Task RequireAsync(string page, params (string Name, string Value)[] environment)
    {
        string root = Directory.CreateTempSubdirectory("godwit-page-").FullName;
        try
        {
            IReadOnlyList<Step> steps = StepsOf(page);
            Assert.NotEmpty(steps);
            Directory.CreateDirectory(Path.Combine(root, "work"));
            foreach ((string name, string content) in FilesOf(page))
            {
                await File.WriteAllTextAsync(Path.Combine(root, "work", name), content);
            }

            string complaint = await RunAsync(root, steps, environment);
            for (int i = 0; i < steps.Count; i++)
            {
                string output = File.Exists(Path.Combine(root, $"out.{i}")) ? WithoutProgress(File.ReadAllText(Path.Combine(root, $"out.{i}"))) : $"(not run) {complaint}";
                string code = File.Exists(Path.Combine(root, $"code.{i}")) ? File.ReadAllText(Path.Combine(root, $"code.{i}")).Trim() : "none";
                bool told = i + 1 < steps.Count && steps[i + 1].Command == "echo $?";
                Assert.True(told || code == "0", $"$ {steps[i].Command}\nended with {code}:\n{output}");
                Assert.True(steps[i].Fits(output), $"$ {steps[i].Command}\nwrites\n{output}\nand not\n{steps[i].Expected}");
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Whether a text is what a pattern says, where <c>...</c> stands for anything.</summary>
    public static bool Fits(string pattern, string text) =>
        Regex.IsMatch(text.TrimEnd(), $"^{Regex.Escape(pattern.TrimEnd()).Replace(@"\.\.\.", ".*", StringComparison.Ordinal)}$", RegexOptions.Singleline);

    /// <summary>A busy machine takes longer than ten seconds, and then says how far it is.</summary>
    private static string WithoutProgress(string output) => Regex.Replace(output, @"^[0-9hms ]+: [0-9]+/[0-9]+\+? files, .*\n", "", RegexOptions.Multiline);

    /// <summary>The root of the checkout.</summary>
    public static string Repository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", ".."));

    /// <summary>How a shell calls the program: as <c>./test</c> compiled it ahead, else as it was built.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("GODWIT_TEST_PROGRAM") is { Length: > 0 } program
        ? $"'{program}'"
        : $"dotnet '{Path.Combine(AppContext.BaseDirectory, "godwit.dll")}'";

    private static IReadOnlyList<Step> StepsOf(string page)
    {
        var steps = new List<Step>();
        bool inside = false;
        foreach (string line in page.Split('\n'))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = line == "```console";
            }
            else if (inside && line.StartsWith("$ ", StringComparison.Ordinal))
            {
                steps.Add(new Step(line[2..]));
            }
            else if (inside)
            {
                steps[^1].Expect(line);
            }
        }

        return steps;
    }

    private static IEnumerable<(string Name, string Content)> FilesOf(string page) => Regex.Matches(page, @"^```[a-z]+ ([a-z.]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)
        .Select(block => (block.Groups[1].Value, block.Groups[2].Value));

    private static async Task<string> RunAsync(string root, IReadOnlyList<Step> steps, (string Name, string Value)[] environment)
    {
        var script = new StringBuilder("chmod 755 godwit\nrc=0\n");
        script.Append("mkdir home && cd work && cp -a \"$EXAMPLES/night\" night || exit 1\n");
        for (int i = 0; i < steps.Count; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(root, $"cmd.{i}"), steps[i].Command);
            script.Append($"(exit $rc); . ../cmd.{i} >../out.{i} 2>&1; rc=$?; echo $rc >../code.{i}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(root, "godwit"), $"#!/bin/sh\nexec {Program} \"$@\"\n");
        var start = new ProcessStartInfo("bash", ["--norc", "--noprofile", "-c", script.ToString()])
        {
            WorkingDirectory = root,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("GODWIT_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["HOME"] = Path.Combine(root, "home");
        start.Environment["PATH"] = $"{root}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["EXAMPLES"] = Path.Combine(Repository(), "examples");
        start.Environment.Remove("XDG_STATE_HOME");
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        try
        {
            string error = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return error;
        }
        catch (OperationCanceledException)
        {
            // What waits for something that does not come is seen at the command that has no answer.
            process.Kill(entireProcessTree: true);
            return "The page took longer than eight minutes.";
        }
    }

    private sealed class Step(string command)
    {
        private readonly List<string> _expected = [];

        public string Command { get; } = command;

        public string Expected => string.Join('\n', _expected);

        public void Expect(string line) => _expected.Add(line);

        public bool Fits(string output) => _expected.Count == 0 || PageRun.Fits(Expected, output);
    }
}
