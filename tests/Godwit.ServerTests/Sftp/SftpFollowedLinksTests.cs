namespace Godwit.ServerTests.Sftp;

/// <summary><c>--links follow</c> over SFTP does what it does on this machine, whose links were tested before.</summary>
public sealed class SftpFollowedLinksTests : IDisposable
{
    private const string Make = """
        mkdir -p "$1/d/deep" "$1/a" "$1/b" && cd "$1" && echo file >file && echo below >d/deep/below && echo one >a/one && echo two >b/two
        ln -s file to-file; ln -s d to-directory; ln -s "$1/file" absolute; ln -s "$1/d" absolute-directory; ln -s "$1x/file" beside
        ln -s .. d/up; ln -s . here; ln -s self self; ln -s y x; ln -s x y; ln -s none dangling
        ln -s /etc/passwd out; ln -s /etc out-directory; ln -s ../../../../../etc/passwd out-relative; ln -s "d/../../$2/file" out-and-back
        ln -s ../b a/to-b; ln -s ../a b/to-a; ln -s to-directory/deep/below through; ln -s to-directory/../file back; ln -s .//d/./deep/below dots
        ln -s file/ not-a-directory; ln -s file/x below-a-file; ln -s ../../file d/deep/up-twice; ln -s ../to-directory a/link-to-link; mkfifo pipe; ln -s pipe to-pipe
        i=0; ln -s file chain0; while [ $i -lt 50 ]; do ln -s chain$i chain$((i + 1)); i=$((i + 1)); done
        """;

    private readonly SftpCommandLine _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Links_are_followed_as_on_this_machine()
    {
        SftpCommandLine.Run(0, "sh", "-c", Make, "-", _cli.OnDisk, _cli.Remote);
        string here = await _cli.RunAsync(0, "copy", _cli.OnDisk, _cli.In("here"), "--links", "follow");
        foreach (string checksums in (string[])["auto", "off"])
        {
            string there = await _cli.RunAsync(0, "copy", _cli.Url(), _cli.In(checksums), "--links", "follow", "--sftp-checksums", checksums);
            SftpCommandLine.RequireSame(_cli.In("here"), _cli.In(checksums));
            Assert.Equal(Counts(here), Counts(there));
            await _cli.RunAsync(9, "copy", _cli.Url(), _cli.In(checksums), "--links", "follow", "--error-on-no-transfer");
        }

        Assert.True(File.Exists(_cli.In("here/a/to-b/two")));
        Assert.False(Path.Exists(_cli.In("here/out")));
    }

    [Fact]
    public async Task Within_one_server_links_are_followed_too()
    {
        SftpCommandLine.Run(0, "sh", "-c", Make, "-", Path.Combine(_cli.OnDisk, "from"), "from");
        SftpCommandLine.Run(0, "chmod", "777", _cli.OnDisk);
        await _cli.RunAsync(0, "copy", Path.Combine(_cli.OnDisk, "from"), _cli.In("here"), "--links", "follow");
        await _cli.RunAsync(0, "copy", _cli.Url("from"), _cli.Url("to"), "--links", "follow");
        SftpCommandLine.RequireSame(_cli.In("here"), Path.Combine(_cli.OnDisk, "to"));
    }

    [Fact]
    public async Task A_server_that_mistakes_links_is_refused() =>
        Assert.Contains("Links cannot be followed", await _cli.RunAsync(7, "copy", "sftp://proftpd/~", _cli.In("to"), "--links", "follow"), StringComparison.Ordinal);

    private static (string Delivered, string Skipped) Counts(string said)
    {
        string[] words = said.Split([", ", "; "], StringSplitOptions.None);
        return (words[0], words.Single(word => word.Contains("links skipped", StringComparison.Ordinal)));
    }
}
