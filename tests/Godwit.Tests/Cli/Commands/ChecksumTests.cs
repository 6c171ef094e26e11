namespace Godwit.Tests.Cli.Commands;

public sealed class ChecksumTests : IDisposable
{
    private readonly FilesFolder _folder = new();

    public ChecksumTests()
    {
        foreach (byte[] name in FilesFolder.HostileNames)
        {
            _folder.Put([.. "d/"u8, .. name], $"content of {name.Length}");
        }

        _folder.Put("d/deeper/empty", "");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sha256")]
    [InlineData("md5")]
    public async Task The_real_sum_programs_accept_the_list_and_find_a_changed_file(string kind)
    {
        Said said = await _folder.RunAsync("checksum", "-r", "--kind", kind, _folder.In("d"));
        Assert.Equal(0, said.Code);
        (int code, _, string error) = _folder.System(said.Output, kind + "sum", "--strict", "--quiet", "-c", "-");
        Assert.True(code == 0, error);
        Assert.Equal(FilesFolder.HostileNames.Count + 1, said.Output.Count(b => b == '\n'));

        _folder.Put("d/plain", "something else");
        Assert.Equal(1, _folder.System(said.Output, kind + "sum", "--quiet", "-c", "-").Code);
    }

    [Theory]
    [InlineData("sha256sum")]
    [InlineData("md5sum")]
    [InlineData("sha256sum", "--tag")]
    [InlineData("sha256sum", "--binary")]
    public async Task Lists_of_the_real_sum_programs_are_verified(string program, params string[] options)
    {
        (int made, byte[] list, string error) = _folder.System([], "sh", "-c", $"find d -type f -print0 | xargs -0 {program} {string.Join(' ', options)}");
        Assert.True(made == 0, error);
        Said said = await _folder.RunAsync(list, false, "checksum", "--check", "-", _folder.Root);
        Assert.True(said.Code == 0, said.Text + said.Error);
        Assert.Equal(FilesFolder.HostileNames.Count + 1, said.Lines.Count(line => line.EndsWith(": OK", StringComparison.Ordinal)));

        _folder.Put("d/deeper/empty", "no more");
        Said changed = await _folder.RunAsync(list, false, "checksum", "--check", "-", _folder.Root, "--quiet");
        Assert.Equal((1, "d/deeper/empty: FAILED\n"), (changed.Code, changed.Text));
    }

    [Fact]
    public async Task Own_lists_of_every_kind_are_verified()
    {
        Said all = await _folder.RunAsync("checksum", "-r", "--kind", "sha256,md5,adler32,crc32c,crc64nvme", _folder.In("d"));
        Said verified = await _folder.RunAsync(all.Output, false, "checksum", "--check", "-", _folder.Root);
        Assert.True(verified.Code == 0, verified.Text + verified.Error);
        Assert.Equal(5 * (FilesFolder.HostileNames.Count + 1), verified.Lines.Length);
        Said adler = await _folder.RunAsync("checksum", "--kind", "adler32", _folder.In("d/plain"));
        Assert.Equal(0, (await _folder.RunAsync(adler.Output, false, "checksum", "--check", "-", _folder.Root, "--kind", "adler32")).Code);
        Assert.Equal(2, (await _folder.RunAsync(adler.Output, false, "checksum", "--check", "-", _folder.Root)).Code);
    }

    [Fact]
    public async Task The_manifest_of_a_copy_is_verified_in_each_form()
    {
        foreach (string kind in (string[])["sha256", "md5", "json"])
        {
            string to = _folder.In("copy-" + kind);
            string manifest = _folder.In("manifest-" + kind);
            Said copied = await _folder.RunAsync("copy", _folder.In("d"), to, "--manifest", manifest, "--manifest-kind", kind, "--state", _folder.In("state"));
            Assert.True(copied.Code == 0, copied.Error);
            Said said = await _folder.RunAsync("checksum", "--check", manifest, to);
            Assert.True(said.Code == 0, said.Text + said.Error);
            Assert.Equal(FilesFolder.HostileNames.Count + 1, said.Lines.Length);
            File.WriteAllText(Path.Combine(to, "plain"), "other");
            Assert.Equal(1, (await _folder.RunAsync("checksum", "--check", manifest, to)).Code);
        }
    }

    [Fact]
    public async Task A_name_that_leads_outside_and_a_missing_file_are_failures()
    {
        string zeros = new('0', 64);
        byte[] list = System.Text.Encoding.UTF8.GetBytes($"{zeros}  ../x\n{zeros}  /etc/passwd\n{zeros}  gone\n");
        Said said = await _folder.RunAsync(list, false, "checksum", "--check", "-", _folder.In("d"));
        Assert.Contains("../x: FAILED open or read", said.Text, StringComparison.Ordinal);
        Assert.Contains("/etc/passwd: FAILED open or read", said.Text, StringComparison.Ordinal);
        Assert.Contains("gone: FAILED open or read", said.Text, StringComparison.Ordinal);
        Assert.Equal(3, said.Lines.Length);
        Assert.True(said.Code is 5 or 6);
    }

    [Fact]
    public async Task A_line_that_is_none_is_told_and_is_no_success()
    {
        Said sums = await _folder.RunAsync("checksum", _folder.In("d/plain"));
        Said said = await _folder.RunAsync([.. sums.Output, .. "nonsense\n"u8], false, "checksum", "--check", "-", _folder.Root);
        Assert.Equal(1, said.Code);
        Assert.Contains("1 line of the list is not", said.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await _folder.RunAsync("nonsense\n"u8.ToArray(), false, "checksum", "--check", "-", _folder.Root)).Code);
    }

    [Fact]
    public async Task Directories_need_r_and_missing_files_are_4()
    {
        Assert.Equal(2, (await _folder.RunAsync("checksum", _folder.In("d"))).Code);
        Assert.Equal(4, (await _folder.RunAsync("checksum", _folder.In("gone"))).Code);
        Assert.Equal(2, (await _folder.RunAsync("checksum")).Code);
    }
}
