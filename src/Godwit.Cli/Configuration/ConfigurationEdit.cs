using System.Text;

namespace Godwit.Cli.Configuration;

/// <summary>Adds endpoints to a configuration that a person wrote, and changes nothing else of it.</summary>
internal static class ConfigurationEdit
{
    /// <summary>The text with endpoints behind those that are there.</summary>
    /// <param name="text">What the file holds; without a fault.</param>
    /// <param name="endpoints">Each as its lines, without indentation before its name.</param>
    /// <param name="place">Where the file is.</param>
    /// <exception cref="CommandException">The file is written in a way that lines cannot be added to.</exception>
    public static string WithEndpoints(string text, IReadOnlyList<IEnumerable<string>> endpoints, ConfigurationPlace place)
    {
        List<string> lines = [.. text.Split('\n').Select(line => line.TrimEnd('\r'))];
        (int at, string indent, bool isNew) = PlaceIn(lines, YamlFile.Read(text, new Faults(place.File)) as YamlMap);
        List<string> added = [.. endpoints.SelectMany(endpoint => endpoint).Select(line => indent + line)];
        lines.InsertRange(at, isNew ? added.Prepend("endpoints:") : added);
        string after = string.Join('\n', lines).TrimEnd('\n') + "\n";
        Require(text, after, endpoints.Count, place);
        return after;
    }

    /// <summary>Puts the text in the file's place at once; a link stays a link, and who may read the file stays the same.</summary>
    /// <exception cref="IOException">It cannot be written; what was there is still there.</exception>
    public static void Replace(string file, string text)
    {
        string real = File.Exists(file) ? File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file : file;
        Directory.CreateDirectory(Path.GetDirectoryName(real)!);
        string partial = $"{real}.{Guid.NewGuid():N}.partial";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File.Exists(real) ? File.GetUnixFileMode(real) : UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(partial, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, real, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Where lines go, how far they are indented, and whether the map of endpoints is still to be begun.</summary>
    private static (int At, string Indent, bool IsNew) PlaceIn(List<string> lines, YamlMap? top)
    {
        int key = top is null ? -1 : top.Pairs.ToList().FindIndex(pair => pair.Key.Text == "endpoints");
        if (key < 0)
        {
            return (EndOf(lines, lines.Count), "  ", true);
        }

        (YamlScalar name, YamlNode value) = top!.Pairs[key];
        if (value is not YamlMap { Pairs: [var (first, _), ..] })
        {
            return (name.Line, "  ", false);
        }

        string line = lines[first.Line - 1];
        int next = key + 1 < top.Pairs.Count ? top.Pairs[key + 1].Key.Line - 1 : lines.Count;
        return (EndOf(lines, next), line[..(line.Length - line.TrimStart().Length)], false);
    }

    /// <summary>Before what belongs to the next key: empty lines, remarks at the left, and the mark of the end.</summary>
    private static int EndOf(List<string> lines, int end)
    {
        bool isBeforeKey = end < lines.Count;
        while (end > 0 && (lines[end - 1].Trim() is "" or "..." || (isBeforeKey && lines[end - 1].StartsWith('#'))))
        {
            end--;
        }

        return end;
    }

    /// <summary>Reads what would be written: nothing is replaced by a file that cannot be used.</summary>
    private static void Require(string before, string after, int added, ConfigurationPlace place)
    {
        var faults = new Faults(place.File);
        GodwitConfiguration now = ConfigurationReader.Read(after, place, faults);
        IEnumerable<string> were = ConfigurationReader.Read(before, place, new Faults(place.File)).Endpoints.Select(endpoint => endpoint.Name);
        if (!faults.IsEmpty || now.Endpoints.Count != were.Count() + added || were.Any(name => now.Find(name) is null))
        {
            throw new CommandException(
                ExitCode.Usage,
                $"{ArgumentText.Show(place.File)} is written in a way that lines cannot be added to, such as endpoints in braces. "
                + "Write one endpoint below the other, or import into another file with --config FILE.");
        }
    }
}
