using System.Text;

namespace Godwit.Cli.Configuration.Rclone;

/// <summary>Secrets in files of their own beside the configuration, for this user alone.</summary>
/// <param name="configuration">The configuration's file.</param>
internal sealed class SecretFiles(string configuration)
{
    private const string Name = "secrets";
    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The directory that holds them.</summary>
    public string Folder { get; } = Path.Combine(Path.GetDirectoryName(configuration)!, Name);

    /// <summary>A file as the configuration names it, so that both can be moved together.</summary>
    public static string Reference(string endpoint, string key) => $"{Name}/{endpoint}.{key}";

    /// <summary>The file's whole path.</summary>
    public string FileOf(string endpoint, string key) => Path.Combine(Path.GetDirectoryName(Folder)!, Reference(endpoint, key));

    /// <summary>Writes a secret into a new file.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be written, or is there already.</exception>
    public string Write(string endpoint, string key, string secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            // There, a directory below the user's own is his alone.
            Directory.CreateDirectory(Folder);
        }
        else
        {
            Directory.CreateDirectory(Folder, OwnFile | UnixFileMode.UserExecute);
            options.UnixCreateMode = OwnFile;
        }

        string file = FileOf(endpoint, key);
        using var stream = new FileStream(file, options);
        stream.Write(Encoding.UTF8.GetBytes($"{secret}\n"));
        stream.Flush(flushToDisk: true);
        return file;
    }
}
