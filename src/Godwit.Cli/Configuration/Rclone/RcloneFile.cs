namespace Godwit.Cli.Configuration.Rclone;

/// <summary>One remote of rclone's configuration.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Values">What is said of it, by key; empty values are left out, because they mean the same as none.</param>
internal sealed record RcloneRemote(string Name, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>What kind it is; empty where it does not say.</summary>
    public string Type => this["type"] ?? "";

    /// <summary>A value; null for none.</summary>
    public string? this[string key] => Values.GetValueOrDefault(key);

    /// <summary>The name alone: values hold secrets.</summary>
    public override string ToString() => Name;
}

/// <summary>Reads rclone's configuration.</summary>
internal static class RcloneFile
{
    /// <summary>Where rclone would look.</summary>
    public static string Default(Func<string, string?> environment)
    {
        if (environment("RCLONE_CONFIG") is { Length: > 0 } named)
        {
            return named;
        }

        string home = environment("HOME") ?? "/";
        string[] places =
        [
            .. environment("XDG_CONFIG_HOME") is { Length: > 0 } xdg ? [Path.Combine(xdg, "rclone", "rclone.conf")] : Array.Empty<string>(),
            Path.Combine(home, ".config", "rclone", "rclone.conf"),
            Path.Combine(home, ".rclone.conf"),
        ];
        return places.FirstOrDefault(File.Exists) ?? places[0];
    }

    /// <summary>The remotes, in the order of the file.</summary>
    /// <exception cref="CommandException">The file cannot be read, or it is encrypted.</exception>
    /// <exception cref="OperationCanceledException">Stopped while nobody wrote to a pipe of this name.</exception>
    public static IReadOnlyList<RcloneRemote> Read(string file, CancellationToken ct)
    {
        string[] lines;
        try
        {
            lines = InputFile.Read(file, () => File.ReadAllLines(file), ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Usage, $"rclone's configuration {ArgumentText.Show(file)} cannot be read: {e.Message} Name it: godwit config import rclone FILE");
        }

        string? first = lines.FirstOrDefault(line => !IsRemark(line.Trim()));
        return first?.StartsWith("RCLONE_ENCRYPT_V", StringComparison.Ordinal) == true
            ? throw new CommandException(
                ExitCode.Usage,
                $"rclone's configuration {ArgumentText.Show(file)} is encrypted. Write it in clear with \"umask 077; rclone config show > FILE\" "
                + "(rclone asks for its password), import that FILE, and delete it.")
            : Remotes(lines);
    }

    private static List<RcloneRemote> Remotes(string[] lines)
    {
        var remotes = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        Dictionary<string, string>? values = null;
        foreach (string line in lines.Select(line => line.Trim()).Where(line => !IsRemark(line)))
        {
            if (line is ['[', .. var name, ']'])
            {
                values = remotes.TryGetValue(name, out Dictionary<string, string>? before) ? before : remotes[name] = new(StringComparer.Ordinal);
            }
            else if (line.IndexOf('=', StringComparison.Ordinal) is var at and > 0 && line[(at + 1)..].Trim() is { Length: > 0 } value && values is not null)
            {
                values[line[..at].Trim()] = value;
            }
        }

        return [.. remotes.Select(remote => new RcloneRemote(remote.Key, remote.Value))];
    }

    private static bool IsRemark(string line) => line is "" or ['#', ..] or [';', ..];
}
