using System.Globalization;
using System.Text.Json;
using Godwit.Cli;
using Godwit.ServerTests.Gfal;
using Godwit.Storage;

namespace Godwit.ServerTests.Matrix;

/// <summary>Every kind of store with every other one, by every route that the two have: what <c>docs/stores.md</c> says of pairs.</summary>
public sealed class MatrixTests : IDisposable
{
    private const string Hostile = "-n #%41 'ü\"$(x)[*]+=;^~\\.txt";

    private static readonly Dictionary<string, byte[]> s_files = new()
    {
        ["empty"] = [],
        [Hostile] = Content(1_000),
        ["large"] = Content(40 << 20),
    };

    private readonly string _state = Directory.CreateTempSubdirectory("godwit-matrix-state-").FullName;

    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (string from in MatrixPlace.Names)
        {
            foreach (string to in MatrixPlace.Names)
            {
                pairs.Add(from, to);
            }
        }

        return pairs;
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Three_files_arrive_bit_for_bit_by_every_route(string from, string to)
    {
        await using MatrixPlace source = await MatrixPlace.ReachAsync(from, isSecond: false);
        await using MatrixPlace destination = await MatrixPlace.ReachAsync(to, isSecond: true);
        await using IStore store = await source.OpenAsync();
        foreach ((string file, byte[] content) in s_files)
        {
            await store.WriteAsync(StorePath.FromText(file), WriteSource.From(content), WriteOptions.Default, default);
        }

        await using IStore there = await destination.OpenAsync();
        foreach (string route in PairRoutes.Of(store, there))
        {
            Assert.Equal([route], await CopyAsync(source, destination, route));
            foreach ((string file, byte[] content) in s_files)
            {
                byte[] arrived = await destination.ReadAsync(file);
                Assert.True(arrived.AsSpan().SequenceEqual(content), $"{file} by {route} differs");
                await there.DeleteAsync(StorePath.FromText(file), default);
            }
        }
    }

    /// <summary>Copies, and gives the routes that the files took.</summary>
    private async Task<IEnumerable<string>> CopyAsync(MatrixPlace source, MatrixPlace destination, string route)
    {
        Dictionary<string, string> variables = [];
        foreach ((string name, string value) in source.Variables.Concat(destination.Variables))
        {
            variables[name] = value;
        }

        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var wiring = new Wiring { Environment = variables.GetValueOrDefault, GfalWorker = GridServer.Worker };
        string[] args = ["copy", source.Url, destination.Url, "--route", route, "--json", "--state", _state];
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, wiring, output, error, CancellationToken.None);
        Assert.True(code == 0, $"{string.Join(' ', args)} ended with {code}: {error}{output}");
        JsonElement[] events = [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
        JsonElement[] delivered = [.. events.Where(one => one.GetProperty("event").ValueEquals("file.delivered"))];
        Assert.Equal(s_files.Count, delivered.Length);
        return delivered.Select(one => one.GetProperty("route").GetString()!).Distinct();
    }

    private static byte[] Content(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
