using Godwit.Conformance.Memory;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Commands;

/// <summary>Bags (BagIt, RFC 8493), whole and broken in each way.</summary>
public sealed class BagCheckTests : IDisposable
{
    private const string Declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

    private readonly FilesFolder _folder = new();

    public BagCheckTests()
    {
        _folder.Put("bag/bagit.txt", Declaration);
        _folder.Put("bag/bag-info.txt", "Source-Organization: here\nPayload-Oxum: 9.3\n");
        _folder.Put("bag/data/one", "one");
        _folder.Put("bag/data/deep/two", "two");
        _folder.Put("bag/data/per%cent\nline", "odd");
        Shell("for k in sha512 md5; do for f in data/one data/deep/two; do ${k}sum $f; done >manifest-$k.txt; ${k}sum <data/per* | sed 's/ .*/  data\\/per%25cent%0Aline/' >>manifest-$k.txt; done; sha256sum bagit.txt bag-info.txt manifest-*.txt >tagmanifest-sha256.txt");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_whole_bag_is_valid()
    {
        Said said = await CheckAsync();
        Assert.True(said.Code == 0, said.Text + said.Error);
        Assert.Contains("7 the same, 0 differ", said.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("printf eno >data/one", 1, "* data/one: sha512 differs, as it was read")]
    [InlineData("rm data/deep/two", 1, "+ data/deep/two: in the manifest, and not there")]
    [InlineData("echo x >data/stray", 1, "- data/stray: not in the manifest")]
    [InlineData("rm data/deep/two; echo 'https://example.org/two 3 data/deep/two' >fetch.txt", 1, "+ data/deep/two: not there; fetch.txt says")]
    [InlineData("echo more >>bag-info.txt", 1, "* bag-info.txt: sha256 differs")]
    [InlineData("sed -i /one/d manifest-md5.txt; rm tag*", 1, "* data/one: the manifest of md5 does not name it")]
    [InlineData("sed -i /one/d manifest-*.txt; rm tag*", 1, "- data/one: not in the manifest")]
    [InlineData("sed -i s/9.3/9.4/ bag-info.txt; rm tag*", 1, "* bag-info.txt: Payload-Oxum says 9 bytes in 4 files, and there are 9 in 3")]
    [InlineData("printf '%064d  data/one\\n' 0 >>tagmanifest-sha256.txt", 6, "tag manifests name files outside data/")]
    [InlineData("printf '%032d  ../data/one\\n' 0 >>manifest-md5.txt; rm tag*", 6, "which leads out of the bag")]
    [InlineData("echo nonsense >>manifest-md5.txt; rm tag*", 6, "a line is not a md5 and a name: nonsense")]
    [InlineData("echo x >manifest-whirlpool.txt", 6, "this kind of checksum is not known here")]
    [InlineData("echo 'https://example.org/x 3 data/unnamed' >fetch.txt", 1, "+ data/unnamed: not there, and the manifest of ")]
    [InlineData("echo 'https://example.org/x 3 data/unnamed' >fetch.txt; sed -i s/1.0/0.97/ bagit.txt; rm tag*", 1, "+ data/unnamed: not there, and no manifest names it")]
    [InlineData("echo 'https://example.org/x 3 data/new' >fetch.txt; echo x >data/new; rm bag-info.txt; sed -i s/1.0/0.97/ bagit.txt; rm tag*", 1, "data/new: no manifest names it")]
    [InlineData("rm data/one; echo 'https://example.org/x 3 data/one' >fetch.txt; sed -i /one/d manifest-md5.txt; rm tag*", 1, "+ data/one: not there, and the manifest of md5 does not name it")]
    [InlineData("echo 'https://example.org/x 3 notes.txt' >fetch.txt", 6, "fetch.txt: it names \"notes.txt\", which it may not: only files in data/")]
    [InlineData("echo 'https://example.org/data/x' >fetch.txt", 6, "a line is not a URL, a length and a name: https://example.org/data/x")]
    [InlineData("sed -i s/9.3/999/ bag-info.txt; rm tag*", 6, "Payload-Oxum is not BYTES.FILES: 999")]
    [InlineData("sed -i 's/9.3/9.3.1/' bag-info.txt; rm tag*", 6, "Payload-Oxum is not BYTES.FILES: 9.3.1")]
    [InlineData("echo 'Payload-Oxum: 9.3' >>bag-info.txt; sed -i '2s/9.3/7.7/' bag-info.txt; rm tag*", 6, "Payload-Oxum is not BYTES.FILES: 7.7, 9.3")]
    [InlineData("rm -r data tag* bag-info.txt; : >manifest-md5.txt; : >manifest-sha512.txt", 6, "data/ is not there")]
    [InlineData("rm -r data tag* bag-info.txt; : >manifest-md5.txt; : >manifest-sha512.txt; echo x >data", 6, "data/ is not there")]
    [InlineData("rm manifest-*", 2, "no manifest-ALGORITHM.txt")]
    [InlineData("rm bagit.txt", 2, "This is no bag")]
    [InlineData("echo x >bagit.txt", 2, "does not say BagIt-Version")]
    [InlineData("sed -i s/UTF-8/UTF-16/ bagit.txt; rm tag*", 2, "does not say BagIt-Version")]
    [InlineData("sed -i /Version/d bagit.txt; rm tag*", 2, "does not say BagIt-Version")]
    [InlineData("rm data/deep/two; echo 'https://example.org/two 3 data/deep/two' >fetch.txt", 1, "godwit: 1 file of fetch.txt is not there")]
    public async Task A_bag_that_is_broken_is_not(string broken, int code, string says)
    {
        Shell(broken);
        Said said = await CheckAsync();
        Assert.True(said.Code == code, $"{said.Code}: {said.Text}{said.Error}");
        Assert.Contains(says, said.Text + said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tag_file_that_is_as_its_checksum_says_and_wrong_in_itself_is_one_line()
    {
        Shell("sed -i s/9.3/9.4/ bag-info.txt; echo nonsense >>manifest-md5.txt; echo more >>manifest-md5.txt; sha256sum bagit.txt bag-info.txt manifest-*.txt >tagmanifest-sha256.txt");
        Said said = await CheckAsync("--combined", "-");
        Assert.Equal(6, said.Code);
        Assert.Equal(
            ["! manifest-md5.txt", "* bag-info.txt", "= bagit.txt", "= manifest-sha512.txt"],
            said.Text.TrimEnd('\n').Split('\n').Where(line => line.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("name: nonsense; a line is not a md5 and a name: more", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_version_1_one_manifest_of_several_is_enough_and_tag_files_need_none()
    {
        Shell("sed -i s/1.0/0.97/ bagit.txt; sed -i /one/d manifest-md5.txt; rm tag*; echo x >notes.txt");
        Said said = await CheckAsync();
        Assert.True(said.Code == 0, said.Text + said.Error);
    }

    [Theory]
    [InlineData("sed -i 's/  data.one/ *data\\/one/' manifest-md5.txt; rm tag*")]
    [InlineData("printf '\\357\\273\\277' | cat - bagit.txt >x; mv x bagit.txt; rm tag*")]
    [InlineData("sed -i 's/$/\\r/' bagit.txt bag-info.txt manifest-md5.txt manifest-sha512.txt; rm tag*")]
    public async Task What_tools_of_other_systems_write_is_borne(string written)
    {
        Shell(written);
        Said said = await CheckAsync();
        Assert.True(said.Code == 0, said.Text + said.Error);
        Assert.Contains(" 3 the same", " " + said.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_way_passes_over_what_no_manifest_names()
    {
        Shell("sed -i /Oxum/d bag-info.txt; rm tag*; echo x >data/stray");
        Assert.Equal(1, (await CheckAsync()).Code);
        Assert.Equal(0, (await CheckAsync("--one-way")).Code);
    }

    [Fact]
    public async Task What_files_from_names_and_is_nowhere_is_an_error()
    {
        Said said = await _folder.RunAsync("data/one\ndata/gone\n"u8.ToArray(), false, "check", "--bag", _folder.In("bag"), "--files-from", "-");
        Assert.Equal(6, said.Code);
        Assert.Contains("! data/gone", said.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_store_tells_is_believed_unless_download_is_asked_for(bool download)
    {
        var store = new MemoryStore(new MemorySpace(TimeProvider.System), "bucket");
        foreach ((string name, string content) in (IEnumerable<(string, string)>)
            [("bagit.txt", Declaration), ("manifest-md5.txt", "9dd4e461268c8034f5c8564e155c67a6  data/x\n"), ("data/x", "x")])
        {
            await store.WriteAsync(StorePath.FromText(name), WriteSource.From(System.Text.Encoding.UTF8.GetBytes(content)), WriteOptions.Default, default);
        }

        _folder.DressStore = (_, _) => store;
        Said said = await CheckAsync(download ? ["--download"] : []);
        Assert.True(said.Code == 0, said.Text + said.Error);
        Assert.Contains(download ? "(0 by what the store tells, 1 read)" : "(1 by what the store tells, 0 read)", said.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bag_of_nothing_is_valid()
    {
        Shell("rm -r data tag* bag-info.txt; mkdir data; : >manifest-md5.txt; : >manifest-sha512.txt");
        Said said = await CheckAsync();
        Assert.True(said.Code == 0, said.Text + said.Error);
    }

    [Fact]
    public async Task What_is_to_be_fetched_is_told_as_such_only_where_every_manifest_names_it()
    {
        Shell("rm data/one; printf 'https://example.org/1 3 data/one\nhttps://example.org/2 3 data/unnamed\n' >fetch.txt");
        Said said = await CheckAsync();
        Assert.Equal(1, said.Code);
        Assert.Contains("+ data/one: not there; fetch.txt says where", said.Text, StringComparison.Ordinal);
        Assert.Contains("1 file of fetch.txt is not there", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_of_a_bag_may_be_looked_at()
    {
        Said said = await CheckAsync("--include", "/data/deep/**");
        Assert.True(said.Code == 0, said.Text + said.Error);
        Assert.Contains("1 the same", said.Text, StringComparison.Ordinal);
    }

    private void Shell(string script)
    {
        (int code, _, string error) = _folder.System([], "bash", "-c", $"cd bag; {script}");
        Assert.True(code == 0, error);
    }

    private Task<Said> CheckAsync(params string[] options) => _folder.RunAsync(["check", "--bag", _folder.In("bag"), .. options]);
}
