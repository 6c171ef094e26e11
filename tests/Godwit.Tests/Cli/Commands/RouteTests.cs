namespace Godwit.Tests.Cli.Commands;

public sealed class RouteTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("copy", "")]
    [InlineData("copy", "--dry-run")]
    [InlineData("sync", "")]
    [InlineData("move", "")]
    public async Task A_route_that_the_two_places_do_not_have_is_refused_once_and_before_anything_is_done(string verb, string option)
    {
        _folder.Put("src/a", "one");
        string[] options = option.Length > 0 ? [option] : [];
        Answer answer = await _folder.RunAsync([verb, _folder.Source, _folder.Destination, "--route", "third-party", .. options]);
        Assert.Equal(2, answer.Code);
        Assert.Contains("leave out --route third-party", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("FAILED", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Destination) && Directory.EnumerateFileSystemEntries(_folder.Destination).Any());
    }

    [Theory]
    [InlineData("--bandwidth", "1MiB", "--bandwidth cannot be kept with --route third-party")]
    [InlineData("--checksum", "sha256", "cannot be had with --route third-party")]
    public async Task What_only_holds_where_bytes_pass_contradicts_it(string option, string value, string said)
    {
        _folder.Put("src/a", "one");
        Answer answer = await _folder.CopyAsync("--route", "third-party", option, value);
        Assert.Equal(2, answer.Code);
        Assert.Contains(said, answer.Error, StringComparison.Ordinal);
    }
}
