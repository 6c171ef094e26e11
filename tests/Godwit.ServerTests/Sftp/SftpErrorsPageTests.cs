using Godwit.Conformance;
using Godwit.Storage;
using Godwit.Tests.Cli.Pages;

namespace Godwit.ServerTests.Sftp;

/// <summary>The rows of <c>docs/errors.md</c> that need an SFTP server, each made to happen.</summary>
public sealed class SftpErrorsPageTests : IDisposable
{
    private readonly SftpCommandLine _cli = new();
    private PrivateSshd? _sshd;

    public static TheoryData<string> Situations { get; } = [.. ErrorTable.OverSftp];

    public void Dispose()
    {
        _sshd?.Dispose();
        _cli.Dispose();
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_situation_is_told_as_the_page_says(string situation)
    {
        ErrorRow row = ErrorTable.Rows[situation];
        SftpCommandLine.Run(0, "sh", "-c", "mkdir \"$1\" && head -c 10000 /dev/zero >\"$1/a\" && cp \"$1/a\" \"$1/b\"", "-", _cli.In("src"));
        string server = $"127.0.0.1:{SftpTestServer.Port}";
        string[] copy = situation switch
        {
            "the key or the password is not accepted" => [_cli.In("src"), $"sftp://{server}/x", "--sftp-key-file", NewKey(), "--sftp-known-hosts", SftpTestServer.KnownHosts],
            "the server's host key is not known" => [$"sftp://{server}/x", _cli.In("new"), "--sftp-known-hosts", "/dev/null"],
            "nothing listens at the port" => [_cli.In("src"), "sftp://shell:9/~/x"],
            "there is no ssh" => [_cli.In("src"), _cli.Url(), "--sftp-ssh-command", "/nowhere/ssh"],
            "the account may not write there" => [_cli.In("src"), "sftp://shell/etc/x"],
            "the account may not read a file" => [Filled("chmod 600 \"$1/a\""), _cli.In("new")],
            "the server goes away in the middle, for good" => [_cli.In("src"), UntilItIsKilled()],
            "the server's disk is full" => [_cli.In("src"), Filled("rm \"$1\"/* && mount -t tmpfs -o size=8k,mode=777 none \"$1\"")],
            _ => throw new ArgumentException(situation),
        };
        try
        {
            (int code, string said) = await _cli.TryAsync(["copy", .. copy]);
            row.Require(code, said);
        }
        finally
        {
            SftpCommandLine.Run(0, "sh", "-c", "! mountpoint -q \"$1\" || umount \"$1\"", "-", _cli.OnDisk);
        }
    }

    /// <summary>A directory there with the two files, made ready by a command of this machine.</summary>
    private string Filled(string command)
    {
        SftpCommandLine.Run(0, "sh", "-c", "cp -r \"$2\" \"$1\" && chmod 755 \"$1\" && " + command, "-", _cli.OnDisk, _cli.In("src"));
        return _cli.Url();
    }

    /// <summary>A place on a server that ends once the first file is to be written.</summary>
    private string UntilItIsKilled()
    {
        _sshd = new PrivateSshd(_cli);
        _cli.Time = new HurriedTime(40);
        _cli.Dress = (store, _) => new LayeredStore(store, new AtEachCall((call, moment, _) =>
        {
            if (call.Verb == StoreVerb.WritePart && moment == CallMoment.Before)
            {
                _sshd.Kill();
            }

            return ValueTask.CompletedTask;
        }));
        return $"sftp://private/~/{_cli.Remote}";
    }

    private string NewKey()
    {
        SftpCommandLine.Run(0, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _cli.In("key"));
        return _cli.In("key");
    }
}
