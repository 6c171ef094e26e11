using System.Text;
using Godwit.Conformance.Memory;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Commands;

/// <summary>A tree against lists of checksums, both ways.</summary>
public sealed class ManifestCheckTests : IDisposable
{
    private readonly FilesFolder _folder = new();

    public ManifestCheckTests()
    {
        foreach (byte[] name in FilesFolder.HostileNames)
        {
            _folder.Put([.. "d/"u8, .. name], $"content of {name.Length}");
        }

        _folder.Put("d/deeper/empty", "");
    }

    private static int Files => FilesFolder.HostileNames.Count + 1;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sha256sum")]
    [InlineData("md5sum")]
    [InlineData("sha1sum")]
    [InlineData("sha512sum")]
    [InlineData("sha512sum", "--tag")]
    [InlineData("sha256sum", "--binary")]
    public async Task Lists_of_the_real_sum_programs_are_compared_both_ways(string program, params string[] options)
    {
        byte[] list = Sums($"{program} {string.Join(' ', options)}");
        Said same = await CheckAsync(list);
        Assert.True(same.Code == 0, same.Text + same.Error);
        Assert.Contains($"{Files} the same, 0 differ (0 by what the store tells, {Files} read)", same.Text, StringComparison.Ordinal);

        _folder.Put("d/plain", "something else");
        _folder.Put("d/stray", "new");
        _folder.System([], "rm", "d/deeper/empty");
        Said changed = await CheckAsync(list, "--combined", "-");
        Assert.Equal(1, changed.Code);
        Assert.Equal(["* plain", "+ deeper/empty", "- stray"], changed.Lines.Where(line => line[0] != '=').Order(StringComparer.Ordinal));
        Assert.Equal("deeper/empty\n", (await CheckAsync(list, "--missing", "-")).Text);
        Assert.Equal("plain\n", (await CheckAsync(list, "--differ", "-")).Text);
        Assert.DoesNotContain("stray", (await CheckAsync(list, "--one-way")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--include", "*.nope", "no file passed --include")]
    [InlineData("--min-size", "1G", "no file passed the filters")]
    public async Task Filters_that_take_nothing_say_nothing_about_the_names_of_the_list(string option, string value, string why)
    {
        Said said = await CheckAsync(Sums("sha256sum "), option, value);
        Assert.Equal(1, said.Code);
        Assert.DoesNotContain("relative to", said.Error, StringComparison.Ordinal);
        Assert.Contains(why, said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patterns_that_take_nothing_are_said_also_where_a_line_means_nothing()
    {
        Said said = await CheckAsync([.. Sums("sha256sum "), .. "no sum\n"u8], "--include", "*.nope");
        Assert.Equal(1, said.Code);
        Assert.Contains("no file passed --include", said.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("relative to", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_ends_of_another_system_are_borne()
    {
        byte[] list = Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("x"u8))}  file\r\n");
        _folder.Put("w/file", "x");
        Said said = await _folder.RunAsync(list, false, "check", "--manifest", "-", _folder.In("w"));
        Assert.True(said.Code == 0, said.Text + said.Error);
    }

    [Fact]
    public async Task The_manifest_of_a_copy_is_compared_in_each_form_also_where_it_lies_in_the_tree()
    {
        foreach (string kind in (string[])["sha256", "md5", "json"])
        {
            string to = _folder.In("copy-" + kind);
            Said copied = await _folder.RunAsync("copy", _folder.In("d"), to, "--manifest", _folder.In("list"), "--manifest-kind", kind, "--state", _folder.In("state"));
            Assert.True(copied.Code == 0, copied.Error);
            File.Move(_folder.In("list"), Path.Combine(to, "list"));
            Said said = await _folder.RunAsync("check", "--manifest", Path.Combine(to, "list"), to);
            Assert.True(said.Code == 0, said.Text + said.Error);
            Assert.Contains($"{Files} the same", said.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Where_nothing_is_found_it_is_said_what_names_are_relative_to()
    {
        byte[] list = Sums("sha256sum", ".", "d");
        Said check = await CheckAsync(list);
        Assert.Equal(1, check.Code);
        Assert.Contains("are relative to the directory in which the list was made: name that directory.", check.Error, StringComparison.Ordinal);
        Said checksum = await _folder.RunAsync(list, false, "checksum", "--check", "-", _folder.In("d"));
        Assert.Contains("are relative to the directory in which the list was made: name that directory.", checksum.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("are relative", (await CheckAsync(Sums("sha256sum"))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_list_or_leads_outside_is_told()
    {
        foreach (byte[] none in (byte[][])[[], "nonsense\n"u8.ToArray(), "{\"files\":[]}"u8.ToArray()])
        {
            Said refused = await CheckAsync(none);
            Assert.Equal((2, ""), (refused.Code, refused.Text));
            Assert.Contains("is not a manifest: it holds no line of a checksum and a name.", refused.Error, StringComparison.Ordinal);
        }

        byte[] list = Sums("sha256sum");
        Said unread = await CheckAsync([.. list, .. "nonsense\n"u8]);
        Assert.Equal(1, unread.Code);
        Assert.Contains("1 line of the list is not a checksum and a name", unread.Error, StringComparison.Ordinal);
        Said outside = await CheckAsync([.. list, .. Encoding.ASCII.GetBytes(new string('0', 64) + "  ../x\n")]);
        Assert.True(outside.Code == 6, outside.Error);
        Assert.Contains("../x", outside.Error, StringComparison.Ordinal);
        Said twice = await CheckAsync([.. list, .. Encoding.ASCII.GetBytes(new string('0', 64) + "  plain\n")]);
        Assert.Contains("* plain: sha256 differs", twice.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_files_from_names_and_is_nowhere_is_an_error()
    {
        File.WriteAllBytes(_folder.In("list"), Sums("sha256sum"));
        Said said = await _folder.RunAsync("plain\ngone\n"u8.ToArray(), false, "check", "--manifest", _folder.In("list"), _folder.In("d"), "--files-from", "-");
        Assert.Equal(6, said.Code);
        Assert.Contains("! gone", said.Error, StringComparison.Ordinal);
        Assert.Contains("1 the same", said.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_store_tells_is_believed_unless_download_is_asked_for(bool download)
    {
        var store = new MemoryStore(new MemorySpace(TimeProvider.System), "bucket");
        await store.WriteAsync(StorePath.FromText("x"), WriteSource.From("x"u8.ToArray()), WriteOptions.Default, default);
        _folder.DressStore = (_, _) => store;
        Said said = await CheckAsync("9dd4e461268c8034f5c8564e155c67a6  x\n"u8.ToArray(), download ? ["--download"] : []);
        Assert.True(said.Code == 0, said.Text + said.Error);
        Assert.Contains(download ? "(0 by what the store tells, 1 read)" : "(1 by what the store tells, 0 read)", said.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("--one-way")]
    public async Task Filters_hold_for_both_sides(string? option)
    {
        byte[] list = Sums("sha256sum");
        _folder.Put("d/stray.tmp", "new");
        _folder.Put("d/plain", "something else");
        string[] options = ["--include", "/deeper/**", .. option is null ? Array.Empty<string>() : [option]];
        Said said = await CheckAsync(list, options);
        Assert.True(said.Code == 0, said.Text + said.Error);
        Assert.Contains("1 the same", said.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_listed_is_an_error_and_nothing_in_it_is_called_missing()
    {
        byte[] list = Sums("sha256sum");
        _folder.DressStore = (store, _) => new LayeredStore(store, new RefusingLayer(StoreVerb.List, "deeper", StoreErrorKind.Forbidden));
        Said said = await CheckAsync(list, "--combined", "-");
        Assert.Equal(6, said.Code);
        Assert.Equal(["! deeper", "! deeper/empty"], said.Lines.Where(line => line[0] != '=').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("DST is missing", "d")]
    [InlineData("one address", "--manifest", "x", "d", "d")]
    [InlineData("one address", "--bag", "d", "d")]
    [InlineData("contradict", "--manifest", "x", "--bag", "d")]
    [InlineData("--compare says nothing", "--bag", "--compare", "size", "d")]
    public async Task Forms_that_contradict_are_refused(string says, params string[] args)
    {
        Said said = await _folder.RunAsync(["check", .. args]);
        Assert.Equal(2, said.Code);
        Assert.Contains(says, said.Error, StringComparison.Ordinal);
    }

    private byte[] Sums(string program, string at = "d", string of = ".") =>
        _folder.System([], "sh", "-c", $"cd {at}; find {of} -type f -print0 | xargs -0 {program}").Output;

    private Task<Said> CheckAsync(byte[] list, params string[] options) =>
        _folder.RunAsync(list, false, ["check", "--manifest", "-", _folder.In("d"), .. options]);
}
