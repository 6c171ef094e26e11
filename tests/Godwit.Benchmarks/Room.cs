using System.Globalization;

namespace Godwit.Benchmarks;

/// <summary>A directory for one scenario, thrown away at its end.</summary>
/// <remarks>Every run writes to a new place: ext4 avoids the inodes of what was deleted in the last minutes, and deleting between rounds
/// would measure that.</remarks>
internal sealed class Room(string below, Size size) : IDisposable
{
    private const int FilesOfDirectory = 1_000;

    private readonly string _path = Directory.CreateDirectory(Path.Combine(below, $"godwit-bench-{Guid.NewGuid():N}")).FullName;
    private readonly Random _random = new(1);
    private int _places;

    public Size Size { get; } = size;

    /// <summary>The program: compiled ahead, as <c>./godwit</c> runs it.</summary>
    public static string Godwit { get; } = FindGodwit();

    /// <summary>A path in the room.</summary>
    public string At(string name) => Path.Combine(_path, name);

    /// <summary>A path that nobody had before.</summary>
    public string Fresh(string name) => At(name + "-" + (++_places).ToString(CultureInfo.InvariantCulture));

    /// <summary>Makes files of equal size, a thousand to a directory.</summary>
    public string SmallFiles(int count, int bytes)
    {
        string root = At("here");
        var content = new byte[bytes];
        _random.NextBytes(content);
        for (int i = 0; i < count; i++)
        {
            string directory = Path.Combine(root, $"d{i / FilesOfDirectory}");
            if (i % FilesOfDirectory == 0)
            {
                Directory.CreateDirectory(directory);
            }

            File.WriteAllBytes(Path.Combine(directory, $"f{i % FilesOfDirectory}"), content);
        }

        return root;
    }

    /// <summary>Makes large files that nothing can compress.</summary>
    public string LargeFiles(int count, long bytes)
    {
        string root = At("here");
        Directory.CreateDirectory(root);
        var block = new byte[1 << 20];
        for (int i = 0; i < count; i++)
        {
            using FileStream file = File.Create(Path.Combine(root, $"large{i}"));
            for (long left = bytes; left > 0; left -= block.Length)
            {
                _random.NextBytes(block);
                file.Write(block, 0, (int)Math.Min(left, block.Length));
            }
        }

        return root;
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private static string FindGodwit()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string script = Path.Combine(at.FullName, "godwit");
            if (File.Exists(script) && File.Exists(Path.Combine(at.FullName, "Godwit.slnx")))
            {
                return script;
            }
        }

        throw new InvalidOperationException("This is not a checkout of Godwit: there is no ./godwit above the benchmarks.");
    }
}
