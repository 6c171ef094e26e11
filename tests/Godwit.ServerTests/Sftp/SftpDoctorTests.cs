namespace Godwit.ServerTests.Sftp;

/// <summary>What the doctor says of a real server, and that it leaves nothing there.</summary>
public sealed class SftpDoctorTests : IDisposable
{
    private readonly SftpCommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("shell", "a shell of the account computes them (md5)")]
    [InlineData("chroot", "none: what is written is read back")]
    public async Task A_server_that_is_well_is_looked_at_from_the_program_to_its_space(string account, string checksums)
    {
        string there = account == "chroot" ? $"sftp://chroot/data/{_cli.Remote}" : _cli.Url();
        string said = await _cli.RunAsync(0, "doctor", _cli.Root, there, "--probe", "--state", _cli.In("state"));
        foreach (string check in (string[])["ssh ", "name ", "port ", "login ", "server ", "checksums ", "directory ", "space ", "probe ", "proof "])
        {
            Assert.Contains($"ok   {check}", said, StringComparison.Ordinal);
        }

        Assert.Contains("OpenSSH_", said, StringComparison.Ordinal);
        Assert.Contains(checksums, said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_cli.OnDisk));
    }

    [Fact]
    public async Task A_source_is_listed_and_read()
    {
        SftpCommandLine.Run(0, "sh", "-c", "mkdir -m 755 \"$1\" && echo content >\"$1/file\"", "-", _cli.OnDisk);
        string said = await _cli.RunAsync(0, "doctor", _cli.Url(), _cli.In("new"), "--state", _cli.In("state"));
        Assert.Contains("a byte of \"file\" came", said, StringComparison.Ordinal);
        said = await _cli.RunAsync(0, "doctor", _cli.Url("file"), _cli.In("new"), "--state", _cli.In("state"));
        Assert.Contains("a file of 8 bytes", said, StringComparison.Ordinal);
        Assert.Contains("is not there", await _cli.RunAsync(7, "doctor", _cli.Url("gone"), _cli.In("new"), "--state", _cli.In("state")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sftp://shell:9/x", "port ", "cannot be reached")]
    [InlineData("sftp://127.0.0.1:PORT/x", "login ", "The server's key is not known")]
    public async Task What_stands_in_the_way_is_told_at_its_step(string url, string step, string what)
    {
        string address = url.Replace("PORT", SftpTestServer.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        string said = await _cli.RunAsync(7, "doctor", address, "--sftp-known-hosts", "/dev/null", "--state", _cli.In("state"));
        Assert.Contains(said.Split('\n'), line => line.Contains(step, StringComparison.Ordinal) && line.Contains(what, StringComparison.Ordinal));
    }
}
