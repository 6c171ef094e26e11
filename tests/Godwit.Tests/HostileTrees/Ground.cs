using System.Text;
using System.Text.Json;
using Godwit.Cli;
using Godwit.Storage;
using Godwit.Tests.Cli;

namespace Godwit.Tests.HostileTrees;

/// <summary>Where one case plays: a source, a destination, and a place outside of both that must stay as it is.</summary>
internal sealed class Ground : IDisposable
{
    private readonly CommandLineFolder _folder = new();
    private readonly List<string> _mounts = [];

    public Ground()
    {
        Directory.CreateDirectory(Outside);
        Directory.CreateDirectory(Destination);

        // Another user has to come through.
        Run("chmod", "755", _folder.Root);
    }

    public string Source => _folder.Source;

    public string Destination => _folder.Destination;

    public string Outside => _folder.In("outside");

    public string Root => _folder.Root;

    /// <summary>Puts a file into the source.</summary>
    public void Put(string path, string content = "content") => RawFiles.Write(Source, path, Encoding.UTF8.GetBytes(content));

    public void PutAll(string[] paths) => Array.ForEach(paths, path => Put(path, $"content of {path}"));

    public void Append(string path, string more) => RawFiles.Write(Source, path, Encoding.UTF8.GetBytes(more), append: true);

    public void Remove(string path) => RawFiles.Remove(Source, path);

    public void Link(string path, string target) => RawFiles.MakeLink(Source, path, target);

    /// <summary>Puts a file where the destination is.</summary>
    public void PutThere(string path, string content) => RawFiles.Write(Destination, path, Encoding.UTF8.GetBytes(content));

    public void PutOutside(string path, string content) => RawFiles.Write(Outside, path, Encoding.UTF8.GetBytes(content));

    public static void Run(string command, params string[] arguments) => Backends.Local.LocalFolder.Run(command, arguments);

    /// <summary>Puts a small file system of its own in the destination's place.</summary>
    public void MountDestination(string options)
    {
        Run("mount", "-t", "tmpfs", "-o", options, "godwit-hostile", Destination);
        _mounts.Add(Destination);
    }

    /// <summary>Everything in the source was last changed long ago, so that no run waits for a clock to tick.</summary>
    public void LetAnHourPass()
    {
        var past = new DateTimeOffset(2024, 2, 29, 12, 0, 0, TimeSpan.Zero);
        foreach (string path in RawFiles.Tree(Source).Keys)
        {
            RawFiles.SetTime(Source, path, past);
        }
    }

    /// <summary>Runs the command line as it is, in this process.</summary>
    public async Task<RunSeen> RunAsync(string[] arguments, Func<IStore, StoreSide, IStore> dress)
    {
        _folder.Wiring = new Wiring { Environment = _ => null, DressStore = dress };
        string report = _folder.In("report");
        File.Delete(report);
        Answer answer = await _folder.RunAsync([.. arguments, "--json", "--report", report]);
        return new RunSeen(answer, File.Exists(report) ? JsonDocument.Parse(File.ReadAllText(report)).RootElement : null);
    }

    public void Dispose()
    {
        foreach (string mount in _mounts)
        {
            // A program that another test is just starting has our open files for a moment, until it has become itself.
            Run("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do umount \"$1\" 2>/dev/null && exit; sleep 0.1; done; umount \"$1\"", "-", mount);
        }

        _folder.Dispose();
    }
}

/// <summary>What a run showed to other programs.</summary>
internal sealed record RunSeen(Answer Answer, JsonElement? Report)
{
    public string[] Delivered => [.. Of("file.delivered").Where(e => !e.GetProperty("route").ValueEquals("link")).Select(PathOf).Order(StringComparer.Ordinal)];

    public string[] LinksMade => [.. Of("entry.made").Where(e => e.GetProperty("kind").ValueEquals("link")).Select(PathOf).Order(StringComparer.Ordinal)];

    /// <summary>Failed files as the events tell them: path, kind, side.</summary>
    public string[] Failed => [.. Of("file.failed").Select(Failure).Order(StringComparer.Ordinal)];

    /// <summary>Failed files as the report tells them.</summary>
    public string[] FailedInReport => [.. Report!.Value.GetProperty("failed").EnumerateArray().Select(Failure).Order(StringComparer.Ordinal)];

    public long Total(string name) => Report!.Value.GetProperty("totals").GetProperty(name).GetInt64();

    private IEnumerable<JsonElement> Of(string name) => Answer.Events.Where(e => e.GetProperty("event").ValueEquals(name));

    private static string Failure(JsonElement e) => $"{PathOf(e)}: {e.GetProperty("kind")}, {e.GetProperty("side")}";

    private static string PathOf(JsonElement e) => PathText.Escape(
        e.TryGetProperty("path_base64", out JsonElement bytes) ? bytes.GetBytesFromBase64() : Encoding.UTF8.GetBytes(e.GetProperty("path").GetString()!));
}
