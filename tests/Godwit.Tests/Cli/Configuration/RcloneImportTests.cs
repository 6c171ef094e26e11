using System.Diagnostics;
using System.Runtime.Versioning;
using Godwit.Cli.Configuration.Rclone;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>rclone's remotes become endpoints: what can be taken over is, the rest is named, and nothing that is there is changed.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RcloneImportTests : IDisposable
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const string Remotes = """
        # by rclone
        [ceph]
        type = s3
        provider = Ceph
        access_key_id = AKIA
        secret_access_key = hush=hush
        endpoint = s3.example.org
        region =
        acl = private

        [aws]
        type = s3
        provider = AWS
        env_auth = true
        profile = site
        region = eu-west-1
        storage_class = GLACIER
        server_side_encryption = aws:kms
        sse_kms_key_id = key-1
        requester_pays = true

        [tencent]
        type = s3
        provider = TencentCOS
        endpoint = cos.example.org

        [old]
        type = s3
        endpoint = http://s3.example.org/path
        env_auth = true

        [v2]
        type = s3
        region = other-v2-signature
        env_auth = true

        [9x]
        type = s3

        [drive]
        type = drive
        token = {"access_token":"hush"}

        """;

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task S3_remotes_are_taken_over_and_the_rest_is_named()
    {
        string file = _folder.Put("rclone.conf", Remotes);
        Answer answer = await _folder.SucceedAsync("config", "import", "rclone", file);
        Assert.Equal(
            """
            endpoints:
              ceph:
                url: 's3://'
                options:
                  endpoint: 'https://s3.example.org'
                credentials:
                  access-key: 'AKIA'
                  secret-key: { file: 'secrets/ceph.secret-key' }
              aws:
                url: 's3://'
                options:
                  region: 'eu-west-1'
                  storage-class: 'GLACIER'
                  encryption: 'aws:kms'
                  encryption-key: 'key-1'
                  requester-pays: 'yes'
                  profile: 'site'
              tencent:
                url: 's3://'
                options:
                  endpoint: 'https://cos.example.org'
                  path-style: 'no'
              v2:
                url: 's3://'

            """,
            await File.ReadAllTextAsync(_folder.File));
        string[] left = [.. answer.Output.Split('\n').Where(line => line.StartsWith("not taken over: ", StringComparison.Ordinal)).Select(line => line[16..])];
        Assert.Collection(
            left,
            line => Assert.StartsWith("ceph: acl: there is no such setting", line, StringComparison.Ordinal),
            line => Assert.StartsWith("tencent: no credential: rclone reads such a remote anonymously", line, StringComparison.Ordinal),
            line => Assert.StartsWith("old: endpoint is \"http://s3.example.org/path\": write http://host:port", line, StringComparison.Ordinal),
            line => Assert.StartsWith("v2: region: other-v2-signature", line, StringComparison.Ordinal),
            line => Assert.StartsWith("9x: no endpoint can have this name", line, StringComparison.Ordinal),
            line => Assert.StartsWith("drive: a remote of the kind \"drive\"", line, StringComparison.Ordinal));
        Assert.DoesNotContain("hush", answer.Output + answer.Error, StringComparison.Ordinal);
        await _folder.SucceedAsync("config", "check");
    }

    [Fact]
    public async Task Where_a_path_after_a_slash_lies_elsewhere_than_for_rclone_is_said_for_sftp()
    {
        Answer answer = await _folder.SucceedAsync(
            "config", "import", "rclone", _folder.Put("rclone.conf", "[box]\ntype = sftp\nhost = h.example.org\nuser = me\n[b]\ntype = s3\nenv_auth = true\n"));
        Assert.Contains(
            "not as in rclone: box:/x is below the endpoint's url here, as box:x is, and that is the account's directory. "
            + "What rclone calls box:/x, from the server's top, is sftp://me@h.example.org/x\n",
            answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_in_files_that_only_this_user_can_read()
    {
        await _folder.SucceedAsync("config", "import", "rclone", _folder.Put("rclone.conf", Remotes));
        string secret = _folder.In(".config/godwit/secrets/ceph.secret-key");
        Assert.Equal("hush=hush\n", await File.ReadAllTextAsync(secret));
        Assert.Equal(Own, File.GetUnixFileMode(secret));
        Assert.Equal(Own | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(secret)!));
        Assert.Equal(Own, File.GetUnixFileMode(_folder.File));
        Assert.DoesNotContain("hush", await File.ReadAllTextAsync(_folder.File), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_is_there_is_left_as_it_is_and_so_is_everything_a_person_wrote()
    {
        _folder.Write("# mine\nendpoints:\n    ceph:   # by hand\n        url: /x\n\n# later\ndefaults:\n    parts: 2\n");
        File.SetUnixFileMode(_folder.File, Own | UnixFileMode.GroupRead);
        string file = _folder.Put("rclone.conf", "[ceph]\ntype = s3\nenv_auth = true\n[new]\ntype = s3\nenv_auth = true\n");
        Answer answer = await _folder.SucceedAsync("config", "import", "rclone", file);
        Assert.Contains($"ceph: an endpoint of this name is there already ({_folder.File}:3)", answer.Output, StringComparison.Ordinal);
        string once = await File.ReadAllTextAsync(_folder.File);
        Assert.Equal(
            "# mine\nendpoints:\n    ceph:   # by hand\n        url: /x\n    new:\n      url: 's3://'\n\n# later\ndefaults:\n    parts: 2\n", once);
        Assert.Equal(Own | UnixFileMode.GroupRead, File.GetUnixFileMode(_folder.File));
        await _folder.SucceedAsync("config", "import", "rclone", file);
        Assert.Equal(once, await File.ReadAllTextAsync(_folder.File));
    }

    [Theory]
    [InlineData("", "endpoints:\n  new:\n    url: 's3://'\n")]
    [InlineData("# a\n", "# a\nendpoints:\n  new:\n    url: 's3://'\n")]
    [InlineData("defaults:\n  parts: 2", "defaults:\n  parts: 2\nendpoints:\n  new:\n    url: 's3://'\n")]
    [InlineData("endpoints:\n", "endpoints:\n  new:\n    url: 's3://'\n")]
    [InlineData("endpoints:\ndefaults:\n", "endpoints:\n  new:\n    url: 's3://'\ndefaults:\n")]
    [InlineData("---\nendpoints:\n  old: { url: /x }\n...\n", "---\nendpoints:\n  old: { url: /x }\n  new:\n    url: 's3://'\n...\n")]
    [InlineData("endpoints:\n  old:\n    url: /x\n  # about old\n", "endpoints:\n  old:\n    url: /x\n  # about old\n  new:\n    url: 's3://'\n")]
    public async Task Lines_are_added_where_they_belong(string before, string after)
    {
        _folder.Write(before);
        await _folder.SucceedAsync("config", "import", "rclone", _folder.Put("rclone.conf", "[new]\ntype = s3\nenv_auth = true\n"));
        Assert.Equal(after, await File.ReadAllTextAsync(_folder.File));
    }

    [Theory]
    [InlineData("endpoints: { old: { url: /x } }\n")]
    [InlineData("{ defaults: { parts: 2 } }\n")]
    public async Task A_file_in_braces_is_refused_and_left_as_it_is(string before)
    {
        _folder.Write(before);
        Answer answer = await _folder.RunAsync("config", "import", "rclone", _folder.Put("rclone.conf", Remotes));
        Assert.Equal(2, answer.Code);
        Assert.Contains("Write one endpoint below the other", answer.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_folder.File));
        Assert.False(Directory.Exists(_folder.In(".config/godwit/secrets")));
    }

    [Fact]
    public async Task A_configuration_that_is_a_link_stays_one()
    {
        string real = _folder.Put("dotfiles/godwit.yaml", "");
        File.CreateSymbolicLink(_folder.File, real);
        await _folder.SucceedAsync("config", "import", "rclone", _folder.Put("rclone.conf", "[new]\ntype = s3\nenv_auth = true\n"));
        Assert.Equal(real, File.ResolveLinkTarget(_folder.File, false)?.FullName);
        Assert.Contains("new:", await File.ReadAllTextAsync(real), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_is_there_is_not_overwritten()
    {
        string secret = _folder.Put(".config/godwit/secrets/ceph.secret-key", "mine");
        Answer answer = await _folder.SucceedAsync("config", "import", "rclone", _folder.Put("rclone.conf", Remotes));
        Assert.Contains($"ceph: the file {secret} is there already", answer.Output, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(secret));
    }

    [Theory]
    [InlineData("RCLONE_ENCRYPT_V0:\nabc\n")]
    [InlineData("# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc\n")]
    public async Task An_encrypted_configuration_is_refused_with_the_remedy(string content)
    {
        Answer answer = await _folder.RunAsync("config", "import", "rclone", _folder.Put("rclone.conf", content));
        Assert.Equal(2, answer.Code);
        Assert.Contains("rclone config show", answer.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File));
    }

    [Fact]
    public async Task The_file_is_found_where_rclone_finds_it()
    {
        Answer missing = await _folder.RunAsync("config", "import", "rclone");
        Assert.Equal(2, missing.Code);
        Assert.Contains(_folder.In(".config/rclone/rclone.conf"), missing.Error, StringComparison.Ordinal);
        _folder.Put(".config/rclone/rclone.conf", "[one]\ntype = s3\nenv_auth = true\n");
        Assert.Contains("taken over: one", (await _folder.SucceedAsync("config", "import", "rclone")).Output, StringComparison.Ordinal);
        _folder.Variables["RCLONE_CONFIG"] = _folder.Put("other.conf", "[two]\ntype = s3\nenv_auth = true\n");
        Assert.Contains("taken over: two", (await _folder.SucceedAsync("config", "import", "rclone")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sftp_remotes_are_kept_with_passwords_that_rclone_itself_obscured()
    {
        const string Password = "pässword that is much longer than the sixteen bytes of a block; '\"#{}";
        string file = _folder.Put(
            "rclone.conf",
            $"[site]\ntype = sftp\nhost = host.example.org\nuser = me\nport = 2222\npass = {ByRclone(Password)}\nkey_file = ~/.ssh/key\n"
            + $"key_file_pass = {ByRclone("p")}\nshell_type = unix\n[bad]\ntype = sftp\nhost = h.example.org\npass = hush\n");
        Answer answer = await _folder.SucceedAsync("config", "import", "rclone", file);
        Assert.Equal(Password + "\n", await File.ReadAllTextAsync(_folder.In(".config/godwit/secrets/site.password")));
        Assert.Equal("p\n", await File.ReadAllTextAsync(_folder.In(".config/godwit/secrets/site.passphrase")));
        string yaml = await File.ReadAllTextAsync(_folder.File);
        Assert.Contains("url: 'sftp://me@host.example.org:2222'", yaml, StringComparison.Ordinal);
        Assert.Contains("key-file: '~/.ssh/key'", yaml, StringComparison.Ordinal);
        Assert.Contains("not taken over: site: shell_type", answer.Output, StringComparison.Ordinal);
        Assert.Contains("not taken over: bad: pass: it is not what rclone obscure writes", answer.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", answer.Output, StringComparison.Ordinal);
        Assert.Equal(7, (await _folder.RunAsync("ls", "site:x", "--sftp-ssh-command", "false")).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAP__")]
    public void What_rclone_did_not_obscure_is_refused(string text) => Assert.Throws<FormatException>(() => Obscured.Reveal(text));

    private static string ByRclone(string password)
    {
        var start = new ProcessStartInfo("rclone", ["obscure", "-"]) { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        using Process rclone = Process.Start(start)!;
        rclone.StandardInput.Write(password);
        rclone.StandardInput.Close();
        string obscured = rclone.StandardOutput.ReadToEnd().Trim();
        rclone.WaitForExit();
        return obscured;
    }
}
