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

    [Theory]
    [InlineData("a/root", "a")]
    [InlineData("a/root", "a/root")]
    public async Task A_link_that_was_put_in_the_way_since_is_not_followed(string path, string swapped)
    {
        Directory.CreateDirectory($"{_folder}/{path}");
        Directory.CreateDirectory($"{_folder}/secret/root");
        await File.WriteAllTextAsync($"{_folder}/secret/root/file", "x");
        await File.WriteAllTextAsync($"{_folder}/secret/file", "x");
        await using var store = LocalStore.In(Encoding.UTF8.GetBytes($"{_folder}/{path}"));
        Directory.Move($"{_folder}/{swapped}", $"{_folder}/away");
        File.CreateSymbolicLink($"{_folder}/{swapped}", $"{_folder}/secret");
        Assert.Null(await store.StatAsync(StorePath.FromText("file"), default));
        await Assert.ThrowsAsync<StoreException>(async () => await store.OpenReadAsync(StorePath.FromText("file"), default));
    }

    [Fact]
    public async Task Nothing_is_made_through_a_link_that_was_put_in_the_way_since()
    {
        Directory.CreateDirectory($"{_folder}/a");
        Directory.CreateDirectory($"{_folder}/elsewhere");
        await using var store = LocalStore.In(Encoding.UTF8.GetBytes($"{_folder}/a/b/c"), new LocalOptions { CreateRoot = true });
        Directory.Delete($"{_folder}/a");
        File.CreateSymbolicLink($"{_folder}/a", $"{_folder}/elsewhere");
        await Assert.ThrowsAsync<StoreException>(() => store.Directories!.CreateAsync(StorePath.FromText("d"), default).AsTask());
        Assert.Empty(Directory.EnumerateFileSystemEntries($"{_folder}/elsewhere"));
    }

    [Fact]
    public void What_is_missing_is_found_below_what_is_there()
    {
        Directory.CreateDirectory($"{_folder}/real");
        File.CreateSymbolicLink($"{_folder}/link", "real");
        Assert.Equal($"{_folder}/real/a/c".TrimStart('/'), LocalStore.In(Encoding.UTF8.GetBytes($"{_folder}/link/a/b/../c")).Identity.Root.ToString());
    }
}
