using System.Globalization;
using System.Text;
using Godwit.Storage;

namespace Godwit.Drill.Relay;

/// <summary>A tree whose files change, and every version that each ever had.</summary>
/// <param name="root">Where it is.</param>
internal sealed class RelayTree(string root)
{
    private static readonly (string Name, int Length, bool Shrinks)[] s_files =
    [
        ("night1/a.log", 5_000, true), ("night1/b.fits", 70_000, false), ("night1/empty", 0, false), ("night!/c.log", 300, true),
        ("night!/d!", 1, false), ("night2/deep/e.fits", 9_000, false), ("f", 200_000, true), ("large/packed", 3 << 20, true),
        ("large/plain", (3 << 20) + 1, false), ("large/two-parts", 2 << 20, false),
    ];

    private readonly Dictionary<string, List<string>> _versions = [];
    private readonly Random _random = new(5);
    private int _changes;

    /// <summary>Where it is.</summary>
    public string Root => root;

    /// <summary>Writes every file, or new content to some of them. An empty file gets a new time.</summary>
    /// <param name="all">Whether to every one.</param>
    public void Change(bool all)
    {
        foreach ((string name, int length, bool shrinks) in s_files.Where(_ => all || _random.Next(4) == 0))
        {
            var content = new byte[length];
            _random.NextBytes(content.AsSpan(0, shrinks ? Math.Min(length, 64) : length));
            string file = Path.Combine(root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, content);
            File.SetLastWriteTimeUtc(file, new DateTime(2026, 11, 20, 0, 0, 0, DateTimeKind.Utc).AddSeconds(++_changes));
            if (!_versions.TryGetValue(name, out List<string>? versions))
            {
                _versions[name] = versions = [];
            }

            versions.Add(Known(content.Length, ChecksumOf(content)));
        }
    }

    /// <summary>How manieth version of a file it is, the last where several are the same; -1 for none of them.</summary>
    public int VersionOf(string name, string known) => _versions.TryGetValue(name, out List<string>? versions) ? versions.LastIndexOf(known) : -1;

    /// <summary>What content is known by.</summary>
    public static string Known(long length, Checksum? checksum) => string.Create(CultureInfo.InvariantCulture, $"{length} {checksum}");

    /// <summary>What the file of a tree is known by; null where there is none.</summary>
    public static string? Known(string root, string name)
    {
        string file = Path.Combine(root, name);
        byte[]? content = File.Exists(file) ? File.ReadAllBytes(file) : null;
        return content is null ? null : Known(content.Length, ChecksumOf(content));
    }

    /// <summary>The checksum that a box keeps.</summary>
    public static Checksum ChecksumOf(ReadOnlySpan<byte> content)
    {
        using var running = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
        running.Append(content);
        return running.Finish();
    }

    /// <summary>Every file of a tree with its time and what it is known by, one a line.</summary>
    public static string Described(string root)
    {
        var lines = new StringBuilder();
        IEnumerable<string> files = Directory.Exists(root)
            ? Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            : [];
        foreach (string name in files.Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal))
        {
            lines.Append(CultureInfo.InvariantCulture, $"{name} {File.GetLastWriteTimeUtc(Path.Combine(root, name)):o} {Known(root, name)}\n");
        }

        return lines.ToString();
    }
}
