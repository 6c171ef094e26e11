using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Godwit.ServerTests.Matrix;

public sealed partial class StoresPageTests
{
    [Fact]
    public async Task The_page_of_stores_is_what_the_servers_show()
    {
        var places = new List<MatrixPlace>();
        var found = new List<StoreFound>();
        try
        {
            foreach (string name in MatrixPlace.Names)
            {
                MatrixPlace first = await MatrixPlace.ReachAsync(name, isSecond: false);
                places.Add(first);
                MatrixPlace second = await MatrixPlace.ReachAsync(name, isSecond: true);
                places.Add(second);
                found.Add(new StoreFound(name, first.Title, VersionOf(first), await first.OpenAsync(), await second.OpenAsync()));
            }

            Require(StoresPage.Of(found));
        }
        finally
        {
            foreach (StoreFound store in found)
            {
                await store.First.DisposeAsync();
                await store.Second.DisposeAsync();
            }

            foreach (MatrixPlace place in places)
            {
                await place.DisposeAsync();
            }
        }
    }

    /// <summary>What a program says its version is, to the second number: later ones are repairs.</summary>
    private static string VersionOf(MatrixPlace place)
    {
        if (place.Version is not { } asked)
        {
            return "Linux";
        }

        using var process = Process.Start(new ProcessStartInfo(asked.Program, asked.Argument) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Match number = Number().Match(said);
        Assert.True(number.Success, $"{asked.Program} says \"{said}\"");
        return $"{asked.Program switch { "radosgw" => "Ceph", "ssh" => "OpenSSH", "xrootd" => "XRootD", _ => "Grid Community Toolkit" }} {number.Value}";
    }

    private static void Require(string page, [CallerFilePath] string here = "")
    {
        string path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "stores.md"));
        if (Environment.GetEnvironmentVariable("GODWIT_ACCEPT_PAGES") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.True(File.Exists(path) && File.ReadAllText(path) == page, $"{path} differs from what the servers show. To accept that, run this test with GODWIT_ACCEPT_PAGES=1.");
    }

    [GeneratedRegex("[0-9]+\\.[0-9]+")]
    private static partial Regex Number();
}
