using System.Globalization;
using System.Text;
using Godwit.Cli;
using Godwit.ServerTests.Gfal;

namespace Godwit.ServerTests.Matrix;

/// <summary>Both halves of a relay with real servers: a bucket whose files go on to every kind of store, and every kind of store as the drop box.</summary>
public sealed class RelayedTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("godwit-relayed-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    private static readonly Dictionary<string, byte[]> s_files = new()
    {
        ["empty"] = [],
        ["night 1/a #%41 'ü$(x).fits"] = Encoding.UTF8.GetBytes("one"),
        ["night 1/raw/pixels"] = Pixels(20 << 20),
        ["night 1/raw/noise"] = Noise(9 << 20),
    };

    public static TheoryData<string, string> Ways()
    {
        var ways = new TheoryData<string, string>();
        foreach (string place in MatrixPlace.Names)
        {
            ways.Add("s3", place);
            if (place != "s3")
            {
                ways.Add(place, "file");
            }
        }

        return ways;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_file_goes_through_the_box_bit_for_bit_and_leaves_no_bytes_there(string kept, string to)
    {
        await using MatrixPlace box = await MatrixPlace.ReachAsync(kept, isSecond: false);
        await using MatrixPlace destination = await MatrixPlace.ReachAsync(to, isSecond: true);
        foreach ((string name, string value) in box.Variables.Concat(destination.Variables))
        {
            _variables[name] = value;
        }

        foreach ((string file, byte[] content) in s_files)
        {
            string path = Path.Combine(_folder, "site", file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, content);
        }

        await RunAsync("4 of 4 files delivered", "relay", "push", Path.Combine(_folder, "site"), box.Url, "--state", Path.Combine(_folder, "pushing"));
        await RunAsync("waiting    4 files", "relay", "status", box.Url);
        await RunAsync("4 of 4 files delivered", "relay", "pull", box.Url, destination.Url, "--state", Path.Combine(_folder, "pulling"));
        foreach ((string file, byte[] content) in s_files)
        {
            byte[] arrived = await destination.ReadAsync(file);
            Assert.True(arrived.AsSpan().SequenceEqual(content), $"{file} from {kept} to {to} differs");
        }

        await RunAsync("waiting    0 files\nunder way  0 files\ndelivered  4 files", "relay", "status", box.Url);
        await RunAsync("nothing waits", "relay", "pull", box.Url, destination.Url, "--state", Path.Combine(_folder, "pulling"));
        await RunAsync("freed 0 uploads", "relay", "prune", box.Url, "--older-than", "0s");
    }

    private async Task RunAsync(string expected, params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        var wiring = new Wiring { Environment = _variables.GetValueOrDefault, GfalWorker = GridServer.Worker, OpenOutput = () => bytes };
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, wiring, output, error, CancellationToken.None);
        string said = output + Encoding.UTF8.GetString(bytes.ToArray());
        Assert.True(code == 0, $"{string.Join(' ', args)} ended with {code}: {error}{said}");
        Assert.Contains(expected, said, StringComparison.Ordinal);
    }

    /// <summary>What shrinks, in several parts.</summary>
    private static byte[] Pixels(int length)
    {
        byte[] bytes = Noise(length);
        for (int at = 0; at < length; at += 2)
        {
            bytes[at] = 3;
        }

        return bytes;
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
