using System.Globalization;
using System.Text;
using System.Text.Json;
using Godwit.Cli;

namespace Godwit.Tests.Cli;

/// <summary>A fresh directory with a source, a destination and a state, and the command line run in this process.</summary>
internal sealed class CommandLineFolder : IDisposable
{
    public CommandLineFolder()
    {
        Root = Directory.CreateTempSubdirectory("godwit-cli-").FullName;
        Directory.CreateDirectory(Source);
    }

    public string Root { get; }

    public string Source => Path.Combine(Root, "src");

    public string Destination => Path.Combine(Root, "dst");

    public Wiring Wiring { get; set; } = new() { Environment = _ => null };

    public void Dispose()
    {
        // The runtime cannot delete names that are not UTF-8.
        using var remove = System.Diagnostics.Process.Start("rm", ["-rf", "--", Root]);
        remove.WaitForExit();
    }

    public string In(string name) => Path.Combine(Root, name);

    public void Put(string name, string content)
    {
        string file = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    public Task<Answer> CopyAsync(params string[] options) => RunAsync(["copy", Source, Destination, .. options]);

    public Task<Answer> RunAsync(string[] args, CancellationToken ct = default) =>
        RunBareAsync(args.Contains("--help") ? args : [.. args, "--state", In("state")], ct);

    /// <summary>Runs a command that has no state.</summary>
    public async Task<Answer> RunBareAsync(string[] args, CancellationToken ct = default)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, Wiring, output, error, ct);
        return new Answer(code, output.ToString(), error.ToString());
    }

    public JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllText(In(name), Encoding.UTF8)).RootElement;

    /// <summary>Every file below a directory with its content.</summary>
    public static SortedDictionary<string, string> Tree(string directory) => new(
        Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(directory, file), File.ReadAllText)
            : [],
        StringComparer.Ordinal);
}

/// <summary>What a command said.</summary>
internal sealed record Answer(int Code, string Output, string Error)
{
    public IReadOnlyList<JsonElement> Events =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
