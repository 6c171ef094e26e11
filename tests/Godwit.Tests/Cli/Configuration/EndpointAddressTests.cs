using System.Runtime.Versioning;
using System.Text;
using Godwit.Cli;
using Godwit.Cli.Addresses;

namespace Godwit.Tests.Cli.Configuration;

/// <summary><c>name:path</c> is the place that the endpoint's URL says, in every command.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class EndpointAddressTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public EndpointAddressTests() => _folder.Write($"""
        endpoints:
          disk: {_folder.In("store")}
        """.Replace("disk: ", "disk:\n    url: ", StringComparison.Ordinal) + """

          home: { url: ~/store }
          top: { url: / }
          percent: { url: "file:///a%20b" }
          lab: { url: s3://bucket/pre/fix/ }
          bucket: { url: s3://bucket }
          any: { url: "s3://" }
          site: { url: sftp://me@host/x }
          own: { url: sftp://me@host }

        """);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("disk:a/b", null, "ROOT/store/a/b")]
    [InlineData("disk:/a", null, "ROOT/store/a")]
    [InlineData("disk:", null, "ROOT/store/")]
    [InlineData("disk:a/", null, "ROOT/store/a/")]
    [InlineData("disk:a:b", null, "ROOT/store/a:b")]
    [InlineData("disk:100%20", null, "ROOT/store/100%20")]
    [InlineData("home:a", null, "ROOT/store/a")]
    [InlineData("top:a", null, "/a")]
    [InlineData("top:", null, "/")]
    [InlineData("percent:a", null, "/a b/a")]
    [InlineData("lab:a/b", "bucket", "pre/fix/a/b")]
    [InlineData("lab:", "bucket", "pre/fix/")]
    [InlineData("bucket:a", "bucket", "a")]
    [InlineData("bucket:", "bucket", "")]
    [InlineData("any:other/a/b", "other", "a/b")]
    [InlineData("any:/other", "other", "")]
    [InlineData("site:a/b%20", null, "/x/a/b%20")]
    [InlineData("site:", null, "/x/")]
    [InlineData("own:a", null, "a")]
    [InlineData("own:", null, "")]
    public void The_path_lies_below_the_url(string text, string? bucket, string path)
    {
        Address address = Parse(text);
        Assert.Equal(bucket, address.Bucket);
        Assert.Equal(path.Replace("ROOT", _folder.Root, StringComparison.Ordinal), Encoding.UTF8.GetString(address.Path));
        Assert.Equal(text, address.ToString());
        Assert.Equal(text.Split(':')[0], address.Endpoint?.Name);
    }

    [Theory]
    [InlineData("disk:a/../../b", "holds \"..\"")]
    [InlineData("lab:..", "holds \"..\"")]
    [InlineData("lab:a//b", "cannot be a path in a bucket")]
    [InlineData("any:", "names no bucket")]
    [InlineData("any:b", "no bucket can have this name")]
    [InlineData("dsk:x", "The nearest in CONFIG is \"disk\". A local file of that name is written ./dsk:x.")]
    [InlineData("me@cluster:/archive", "sftp://user@host/path. A local file of that name is written ./me@cluster:/archive.")]
    [InlineData("me@cluster:archive", "sftp://user@host/path. A local file of that name is written ./me@cluster:archive.")]
    [InlineData("10.0.0.5:/data", "sftp://user@host/path. A local file of that name is written ./10.0.0.5:/data.")]
    [InlineData("dsk.example.org:/data", "sftp://user@host/path. A local file of that name is written ./dsk.example.org:/data.")]
    [InlineData("My Drive:x", "\"My Drive\" before it cannot be the name of an endpoint: write two or more")]
    [InlineData("\u00e91:x", "A local file of that name is written ./\u00e91:x.")]
    [InlineData("disk\u00e9:x", "A local file of that name is written ./disk\u00e9:x.")]
    [InlineData("12:30", "A local file of that name is written ./12:30.")]
    [InlineData("a:b", "A local file of that name is written ./a:b.")]
    [InlineData(":s3:b", "A local file of that name is written ./:s3:b.")]
    [InlineData("a\n:b", "A local file of that name is written ./a\\x0a:b.")]
    public void What_cannot_be_an_address_is_told(string text, string sentence)
    {
        CommandException refused = Assert.Throws<CommandException>(() => Parse(text));
        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.Contains(sentence.Replace("CONFIG", _folder.File, StringComparison.Ordinal), refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./disk:a", "./disk:a")]
    [InlineData("./12:30", "./12:30")]
    [InlineData("../a:b", "../a:b")]
    [InlineData("x/disk:a", "x/disk:a")]
    [InlineData("/disk:a", "/disk:a")]
    public void A_local_name_with_a_colon_stays_local(string text, string path)
    {
        Address address = Parse(text);
        Assert.Null(address.Endpoint);
        Assert.Equal(path, Encoding.UTF8.GetString(address.Path));
    }

    [Fact]
    public async Task An_endpoint_goes_before_a_file_of_the_same_name_and_a_missing_endpoint_does_not_fall_back_to_one()
    {
        _folder.Put("store/x", "endpoint");
        string local = _folder.Put("none:x", "local");
        Assert.Equal("endpoint", (await _folder.SucceedAsync("cat", "disk:x")).Output);
        Assert.Equal(2, (await _folder.RunAsync("cat", "none:x")).Code);
        Assert.Equal("local", (await _folder.SucceedAsync("cat", local)).Output);
    }

    [Fact]
    public async Task A_move_to_an_address_of_another_tool_leaves_the_source_alone_and_makes_no_directory()
    {
        string file = _folder.Put("src/a", "one");
        foreach (string to in (string[])["me@cluster:/archive", "10.0.0.5:/data", "My Drive:x", "é1:x"])
        {
            Assert.Equal(2, (await _folder.RunAsync("move", _folder.In("src"), to)).Code);
            Assert.False(Directory.Exists(to.Split('/')[0]));
        }

        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task Every_command_takes_the_name_of_an_endpoint()
    {
        _folder.Put("src/a", "one");
        _folder.Put("src/b/c", "two");
        await _folder.SucceedAsync("copy", _folder.In("src"), "disk:tree");
        Assert.Equal("two", File.ReadAllText(_folder.In("store/tree/b/c")));
        await _folder.SucceedAsync("check", _folder.In("src"), "disk:tree");
        Assert.Equal("a\nb/\nb/c\n", (await _folder.SucceedAsync("ls", "-R", "disk:tree")).Output);
        Assert.Contains("3", (await _folder.SucceedAsync("stat", "disk:tree/a")).Output, StringComparison.Ordinal);
        Assert.Equal("one", (await _folder.SucceedAsync("cat", "disk:tree/a")).Output);
        Assert.EndsWith("  disk:tree/a\n", (await _folder.SucceedAsync("checksum", "disk:tree/a")).Output, StringComparison.Ordinal);
        await _folder.SucceedAsync("cleanup", "disk:tree");
        await _folder.SucceedAsync("mkdir", "disk:made/below");
        Assert.True(Directory.Exists(_folder.In("store/made/below")));
        await _folder.SucceedAsync("store", "check", "disk:made");
        _folder.Put("store/tree/d", "too much");
        await _folder.SucceedAsync("sync", _folder.In("src"), "disk:tree");
        Assert.False(File.Exists(_folder.In("store/tree/d")));
        await _folder.SucceedAsync("move", "disk:tree", "home:moved");
        Assert.False(File.Exists(_folder.In("store/tree/a")));
        await _folder.SucceedAsync("rm", "disk:moved/a");
        await _folder.SucceedAsync("rm", "-r", "disk:moved");
        Assert.False(Directory.Exists(_folder.In("store/moved")));
    }

    [Fact]
    public async Task The_root_of_an_endpoint_is_not_deleted()
    {
        _folder.Put("store/a", "x");
        foreach (string root in (string[])["disk:", "disk:/", "disk:.", "disk:./"])
        {
            Assert.Equal(2, (await _folder.RunAsync("rm", "-r", root)).Code);
        }

        Assert.True(File.Exists(_folder.In("store/a")));
    }

    [Fact]
    public async Task A_single_file_goes_into_an_endpoint_that_is_not_there_yet()
    {
        string file = _folder.Put("a", "x");
        await _folder.SucceedAsync("copy", file, "disk:");
        Assert.Equal("x", File.ReadAllText(_folder.In("store/a")));
    }

    [Fact]
    public async Task By_name_or_by_path_it_is_the_same_transfer()
    {
        _folder.Put("src/a", "one");
        await _folder.SucceedAsync("copy", _folder.In("src"), _folder.In("store"));
        string[] again = ["copy", _folder.In("src"), "disk:", "--compare", "ledger", "--error-on-no-transfer"];
        Assert.Equal(9, (await _folder.RunAsync(again)).Code);

        // Planted the other way round: a destination that the ledger does not know is copied to.
        again[2] = "disk:elsewhere";
        Assert.Equal(0, (await _folder.RunAsync(again)).Code);
    }

    [Fact]
    public async Task The_same_place_is_noticed_behind_two_names()
    {
        _folder.Put("store/a", "x");
        Answer answer = await _folder.RunAsync("copy", "disk:", "home:");
        Assert.Equal(2, answer.Code);
        Assert.Contains("are the same directory", answer.Error, StringComparison.Ordinal);
    }

    private Address Parse(string text) => Address.Parse("URL", text, new Wiring { Environment = _folder.Variables.GetValueOrDefault });
}
