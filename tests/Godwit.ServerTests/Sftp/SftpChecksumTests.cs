using System.Text;
using Godwit.Backends.Sftp;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>Checksums by a shell of the account: when they are there, when not, and that none is ever another file's.</summary>
public sealed class SftpChecksumTests
{
    private const string Here = "cd \"$home\"; PATH=\"$tools:$PATH\" exec sh -c \"$command\"";

    [Theory]
    [InlineData("shell", true)]
    [InlineData("chroot", false)]
    [InlineData("bare", false)]
    [InlineData("proftpd", false)]
    public async Task An_account_has_them_where_it_has_a_shell(string account, bool expected)
    {
        await using SftpConnections connections = SftpTestServer.Connect(account);
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        Assert.Equal(expected, store.StoredChecksum is not null);
        Assert.Equal(expected, store.PartedWrite!.UnpublishedChecksum is not null);
    }

    [Fact]
    public async Task They_can_be_switched_off()
    {
        using var ssh = new SshStandIn("");
        await using SftpConnections connections = Connect(ssh, options => options with { ShellChecksums = false });
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        Assert.Null(store.StoredChecksum);
        Assert.Equal(0, ssh.Begun);
    }

    [Theory]
    [InlineData("exit 1", "a shell that ends at once")]
    [InlineData("exec sleep 600", "a shell that never answers")]
    [InlineData("cat >/dev/null; exit 0", "a shell that says nothing")]
    [InlineData("cd /; exec sh -c \"$command\"", "another directory")]
    [InlineData("cd \"$home\"; cd ..; exec sh -c \"$command\"", "a directory beside it")]
    [InlineData("cd \"$home\"; PATH=/nowhere exec /bin/sh -c \"${command#exec sh -c }\"", "no tools")]
    [InlineData("yes noise", "noise without end")]
    public async Task A_shell_that_will_not_do_is_left_alone(string shell, string what)
    {
        using var ssh = new SshStandIn(shell);
        await using var connections = new SftpConnections(Options(ssh), new HastyTime());
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        Assert.True(store.StoredChecksum is null && store.PartedWrite!.UnpublishedChecksum is null, what);
        Assert.Equal(1, ssh.Begun);
    }

    [Theory]
    [InlineData("")] // ssh itself
    [InlineData("echo 'Welcome to the machine'; printf 'a\\0b'; exec ssh \"$@\"")]
    [InlineData(Here)]
    public async Task Each_file_gets_its_own_whatever_its_name(string shell)
    {
        using var ssh = new SshStandIn(shell);
        await RequireOwnAsync(ssh, mayLack: false);
    }

    /// <summary>Before coreutils 8.25 md5sum ended its lines with a line end, and BusyBox changes no name: one could forge a line.</summary>
    [Theory]
    [InlineData("case $1 in -z) exit 1;; esac; exec /usr/bin/md5sum \"$@\"")]
    [InlineData("case $1 in -z) exit 1;; esac; for f; do printf '%s  %s\\n' \"$(/usr/bin/md5sum <\"$f\" | cut -c1-32)\" \"$f\"; done")]
    public async Task Old_tools_tell_of_no_file_what_another_ones_name_says(string md5sum)
    {
        using var ssh = new SshStandIn(Here, ("md5sum", md5sum));
        await RequireOwnAsync(ssh, mayLack: true);
    }

    [Fact]
    public async Task Many_files_are_asked_for_in_one_shell()
    {
        using var ssh = new SshStandIn("");
        await using SftpConnections connections = Connect(ssh);
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        StorePath[] paths = [.. Enumerable.Range(0, 300).Select(i => StorePath.FromText($"d{i % 3}/file{i}"))];
        await Task.WhenAll(paths.Select(path => PutAsync(store, path)));
        Checksum?[] told = await Task.WhenAll(paths.Select(path => store.StoredChecksum!.GetAsync(path, ChecksumKind.Md5, default).AsTask()));
        Assert.Equal(paths.Select(path => (Checksum?)Md5(path.Bytes)), told);
        Assert.Equal(1, ssh.Begun);
        await SftpTestServer.CleanAsync(store);
    }

    [Fact]
    public async Task A_shell_that_breaks_off_is_opened_once_more()
    {
        // The second request of the first shell is its last.
        using var ssh = new SshStandIn(Here, ("head", "echo x >>\"${0%/*}/calls\"; [ $(wc -l <\"${0%/*}/calls\") = 2 ] && kill -9 $PPID; exec /usr/bin/head \"$@\""));
        await using SftpConnections connections = Connect(ssh);
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        await PutAsync(store, StorePath.FromText("file"));
        Assert.Equal(Md5("file"u8), await store.StoredChecksum!.GetAsync(StorePath.FromText("file"), ChecksumKind.Md5, default));
        Assert.Equal(2, ssh.Begun);
        await SftpTestServer.CleanAsync(store);
    }

    [Theory]
    [InlineData("kill -9 $(ps -o ppid= -p $PPID)")]
    [InlineData("exec sleep 600")]
    public async Task A_shell_that_breaks_off_again_or_hangs_is_left_alone_for_a_while(string then)
    {
        using var ssh = new SshStandIn(Here, ("md5sum", $"[ $1$2 = -z/dev/null ] || {{ {then}; }}; exec /usr/bin/md5sum \"$@\""));
        await using var connections = new SftpConnections(Options(ssh), new HastyTime());
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        await PutAsync(store, StorePath.FromText("file"));
        Assert.Null(await store.StoredChecksum!.GetAsync(StorePath.FromText("file"), ChecksumKind.Md5, default));
        Assert.Equal(2, ssh.Begun);
        Assert.Null(await store.StoredChecksum!.GetAsync(StorePath.FromText("file"), ChecksumKind.Md5, default));
        Assert.Equal(2, ssh.Begun);
        await SftpTestServer.CleanAsync(store);
    }

    private static async Task RequireOwnAsync(SshStandIn ssh, bool mayLack)
    {
        await using SftpConnections connections = Connect(ssh);
        SftpStore store = await SftpTestServer.OpenAsync(connections);
        byte[][] names =
        [
            "plain"u8.ToArray(), "-rf"u8.ToArray(), "two words"u8.ToArray(), "new\nline"u8.ToArray(), "back\\slash"u8.ToArray(), "carriage\rreturn"u8.ToArray(), "\\"u8.ToArray(),
            "$(touch owned)"u8.ToArray(), "it's"u8.ToArray(), "\"q\""u8.ToArray(), "*"u8.ToArray(), "Größe"u8.ToArray(), [(byte)'x', 0xff, 0xfe], "end\n"u8.ToArray(),
            Encoding.UTF8.GetBytes($"x\n{new string('0', 32)}  "), "godwit-checksums 2"u8.ToArray(), "a\n\ngodwit-checksums 2\n"u8.ToArray(),
        ];
        StorePath forger = StorePath.FromBytes(names[14]).Child("forged"u8);
        StorePath[] paths = [.. names.Where(name => name != names[14]).Select(name => StorePath.FromBytes(name)), forger];
        await Task.WhenAll(paths.Select(path => PutAsync(store, path)));
        Checksum?[] told = await Task.WhenAll(paths.Select(path => store.StoredChecksum!.GetAsync(path, ChecksumKind.Md5, default).AsTask()));
        foreach ((StorePath path, Checksum? sum) in paths.Zip(told))
        {
            bool isPlain = !path.Bytes.ContainsAny("\n\r\\"u8);
            Assert.True(sum == Md5(path.Bytes) || (mayLack && !isPlain && sum is null), $"{path} is told as {sum}");
        }

        await SftpTestServer.CleanAsync(store);
    }

    private static SftpOptions Options(SshStandIn ssh) => SftpTestServer.Options("shell") with { Command = [ssh.Program, "-F", SftpTestServer.Config] };

    private static SftpConnections Connect(SshStandIn ssh, Func<SftpOptions, SftpOptions>? change = null) =>
        new((change ?? (same => same))(Options(ssh)), TimeProvider.System);

    private static async Task PutAsync(SftpStore store, StorePath path) =>
        await store.WriteAsync(path, WriteSource.From(path.Bytes.ToArray()), WriteOptions.Default, default);

    private static Checksum Md5(ReadOnlySpan<byte> bytes)
    {
        using var running = RunningChecksum.Start(ChecksumKind.Md5);
        running.Append(bytes);
        return running.Finish();
    }

    /// <summary>Loses patience ten times as fast.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.FromSeconds(1) ? dueTime / 10 : dueTime, period);
    }
}
