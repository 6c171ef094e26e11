using System.Diagnostics;
using Godwit.ServerTests.Gfal;
using Godwit.ServerTests.S3;
using Godwit.ServerTests.Sftp;

namespace Godwit.ServerTests.Serve;

/// <summary>A credential of an endpoint in a directory, which stops to count and is then replaced where it lies.</summary>
internal abstract class ServiceCredential
{
    /// <summary>What the endpoint says besides its address, as lines of YAML.</summary>
    public abstract IReadOnlyList<string> Lines { get; }

    /// <summary>Makes one.</summary>
    /// <param name="kind">For which kind of store.</param>
    /// <param name="directory">Where its files are.</param>
    public static async Task<ServiceCredential> MakeAsync(string kind, string directory)
    {
        ServiceCredential made = kind switch
        {
            "s3" => new Keys(Path.Combine(directory, "lab.secret")),
            "sftp" => new SshKey(directory),
            _ => new Proxy(Path.Combine(directory, "proxy.pem")),
        };
        await made.RenewAsync();
        return made;
    }

    /// <summary>It does not count any more.</summary>
    public abstract Task TakeAwayAsync();

    /// <summary>Another one is in its place.</summary>
    public abstract Task RenewAsync();

    /// <summary>Nothing is left of it at the server.</summary>
    public virtual Task RemoveAsync() => Task.CompletedTask;

    /// <summary>Ends what was let in before, which servers do not do: the next call has to show the credential again.</summary>
    private static void EndSessions(string directory)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(name => int.TryParse(Path.GetFileName(name), out int id) && id != Environment.ProcessId))
        {
            try
            {
                if ((File.ReadAllText(process + "/cmdline") + File.ReadAllText(process + "/environ")).Contains(directory + "/", StringComparison.Ordinal))
                {
                    using var session = Process.GetProcessById(int.Parse(Path.GetFileName(process)));
                    session.Kill();
                    session.WaitForExit();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
            {
                // It has ended by itself.
            }
        }
    }

    private static async Task ReplaceAsync(string file, string content)
    {
        await File.WriteAllTextAsync(file + ".new", content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>The server's administrator gives the access key another secret.</summary>
    private sealed class Keys(string file) : ServiceCredential
    {
        private readonly string _access = "GODWIT" + Guid.NewGuid().ToString("N")[..14].ToUpperInvariant();
        private string _secret = "";

        public override IReadOnlyList<string> Lines =>
        [
            "options:", $"  endpoint: {S3Server.Endpoint.GetLeftPart(UriPartial.Authority)}",
            "credentials:", $"  access-key: {_access}", $"  secret-key: {{ file: {file} }}",
        ];

        public override Task TakeAwayAsync()
        {
            _secret = Guid.NewGuid().ToString("N");
            return S3Server.AdministerAsync("key", "create", "--uid=godwit", "--key-type=s3", $"--access-key={_access}", $"--secret-key={_secret}");
        }

        public override async Task RenewAsync()
        {
            if (_secret.Length == 0)
            {
                await TakeAwayAsync();
            }

            await ReplaceAsync(file, _secret + "\n");
        }

        public override Task RemoveAsync() => S3Server.AdministerAsync("key", "rm", "--uid=godwit", "--key-type=s3", $"--access-key={_access}");
    }

    /// <summary>The server does not know the public key any more.</summary>
    private sealed class SshKey : ServiceCredential
    {
        private static readonly string s_known = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(SftpTestServer.Config))!, "keys", SftpTestServer.User);

        private readonly string _config;
        private readonly string _key;

        public SshKey(string directory)
        {
            (_config, _key) = (Path.Combine(directory, "ssh_config"), Path.Combine(directory, "key"));
            File.WriteAllLines(_config, File.ReadLines(SftpTestServer.Config).Where(line => !line.TrimStart().StartsWith("IdentityFile", StringComparison.Ordinal)));
        }

        public override IReadOnlyList<string> Lines => ["options:", $"  ssh-command: ssh -F {_config}", $"  key-file: {_key}"];

        public override Task TakeAwayAsync()
        {
            string name = Path.GetFileName(Path.GetDirectoryName(_key)!);
            File.WriteAllLines(s_known, File.ReadAllLines(s_known).Where(line => !line.EndsWith(name, StringComparison.Ordinal)));
            EndSessions(Path.GetDirectoryName(_key)!);
            return Task.CompletedTask;
        }

        public override async Task RenewAsync()
        {
            string made = _key + ".made";
            using var process = Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", Path.GetFileName(Path.GetDirectoryName(_key)!), "-f", made]);
            await process.WaitForExitAsync();
            await File.AppendAllTextAsync(s_known, await File.ReadAllTextAsync(made + ".pub"));
            File.Delete(made + ".pub");
            File.Move(made, _key, overwrite: true);
        }

        public override Task RemoveAsync() => TakeAwayAsync();
    }

    /// <summary>The proxy expires.</summary>
    private sealed class Proxy(string file) : ServiceCredential
    {
        public override IReadOnlyList<string> Lines => ["options:", $"  x509-proxy: {file}", $"  x509-ca: {GridServer.Setting("X509_CERT_DIR")}"];

        public override async Task TakeAwayAsync()
        {
            await ReplaceAsync(file, await File.ReadAllTextAsync(GridServer.Setting("X509_EXPIRED")));
            EndSessions(Path.GetDirectoryName(file)!);
        }

        public override async Task RenewAsync() => await ReplaceAsync(file, await File.ReadAllTextAsync(GridServer.Setting("X509_ALICE")));
    }
}
