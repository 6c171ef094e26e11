using System.Text;
using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Tests.Backends.Local;

/// <summary>Where a path leads. One that cannot be followed leads nowhere, and never to the root of the machine.</summary>
public sealed class LocalRootTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("godwit").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("loop")]
    [InlineData("loop/below")]
    [InlineData("loop/../other")]
    [InlineData("through/below")]
    public void A_loop_of_links_is_an_error(string path)
    {
        File.CreateSymbolicLink($"{_folder}/loop", "loop");
        File.CreateSymbolicLink($"{_folder}/through", "loop/deeper");
        StoreException refused = Assert.Throws<StoreException>(() => LocalStore.In(Encoding.UTF8.GetBytes($"{_folder}/{path}")));
        Assert.Contains($"{_folder}/{path}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_no_system_has_is_an_error()
    {
        string path = $"{_folder}/{new string('n', 300)}/x";
        Assert.Throws<StoreException>(() => LocalStore.In(Encoding.UTF8.GetBytes(path)));
    }

    [Fact]
    public void What_is_missing_is_found_below_what_is_there()
    {
        Directory.CreateDirectory($"{_folder}/real");
        File.CreateSymbolicLink($"{_folder}/link", "real");
        Assert.Equal($"{_folder}/real/a/c".TrimStart('/'), LocalStore.In(Encoding.UTF8.GetBytes($"{_folder}/link/a/b/../c")).Identity.Root.ToString());
    }
}
