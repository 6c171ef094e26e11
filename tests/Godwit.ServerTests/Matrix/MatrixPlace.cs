using System.Text;
using Godwit.Backends.Gfal;
using Godwit.Backends.Local;
using Godwit.Backends.Sftp;
using Godwit.ServerTests.Gfal;
using Godwit.ServerTests.S3;
using Godwit.ServerTests.Sftp;
using Godwit.Storage;

namespace Godwit.ServerTests.Matrix;

/// <summary>A kind of store, with a real server of it: a directory for each name, two servers where copies go from one to another.</summary>
/// <param name="name">Its scheme.</param>
/// <param name="title">What people call it.</param>
internal abstract class MatrixPlace(string name, string title) : IAsyncDisposable
{
    /// <summary>All kinds, by scheme.</summary>
    public static IReadOnlyList<string> Names { get; } = ["file", "s3", "sftp", "gsiftp", "root"];

    /// <summary>Its scheme.</summary>
    public string Name => name;

    /// <summary>What people call it.</summary>
    public string Title => title;

    /// <summary>The program whose version says what it was tried against, with its argument; null where it is the system itself.</summary>
    public virtual (string Program, string Argument)? Version => null;

    /// <summary>What commands need in their environment to reach it.</summary>
    public virtual IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>();

    /// <summary>Reaches one.</summary>
    /// <param name="name">Its scheme.</param>
    /// <param name="isSecond">Whether it is to be the second one of a pair, on another server where there is one.</param>
    public static async Task<MatrixPlace> ReachAsync(string name, bool isSecond) => name switch
    {
        "file" => new LocalPlace(),
        "s3" => new BucketPlace(await S3Bucket.MakeAsync()),
        "sftp" => new SftpPlace(),
        "gsiftp" => new GridPlace("gsiftp", "GridFTP", isSecond ? "gridftp-b" : "gridftp"),
        _ => new GridPlace("root", "XRootD", isSecond ? "xrootd-b" : "xrootd"),
    };

    /// <summary>The address of the directory.</summary>
    public abstract string Url { get; }

    /// <summary>The directory as a store.</summary>
    public abstract Task<IStore> OpenAsync();

    /// <summary>The bytes of a file there: where this machine sees them, not by way of the store.</summary>
    public abstract Task<byte[]> ReadAsync(string file);

    /// <summary>What an endpoint of the configuration says of it besides its address, as lines of YAML; secrets are files beside that one.</summary>
    public virtual IReadOnlyList<string> Endpoint { get; } = [];

    /// <summary>The files that <see cref="Endpoint"/> names, with their content.</summary>
    public virtual IReadOnlyDictionary<string, string> Secrets { get; } = new Dictionary<string, string>();

    /// <summary>All that is there, also what the store would not show, and uploads under way: by path.</summary>
    public abstract Task<IReadOnlyList<string>> LeftAsync();

    public abstract ValueTask DisposeAsync();

    private static Task<IReadOnlyList<string>> FilesBelow(string directory) => Task.FromResult<IReadOnlyList<string>>(
        Directory.Exists(directory)
            ? [.. Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
                .Select(file => Path.GetRelativePath(directory, file)).Order(StringComparer.Ordinal)]
            : []);

    private sealed class LocalPlace() : MatrixPlace("file", "local directory")
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("godwit-matrix-").FullName;

        public override string Url => _directory;

        public override Task<IStore> OpenAsync() =>
            Task.FromResult<IStore>(LocalStore.In(Encoding.UTF8.GetBytes(_directory), new LocalOptions { CreateRoot = true }));

        public override Task<byte[]> ReadAsync(string file) => File.ReadAllBytesAsync(Path.Combine(_directory, file));

        public override Task<IReadOnlyList<string>> LeftAsync() => FilesBelow(_directory);

        public override ValueTask DisposeAsync()
        {
            Directory.Delete(_directory, recursive: true);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class BucketPlace(S3Bucket bucket) : MatrixPlace("s3", "S3 bucket")
    {
        public override (string Program, string Argument)? Version => ("radosgw", "--version");

        public override IReadOnlyDictionary<string, string> Variables => S3CommandLine.Variables;

        public override string Url => $"s3://{bucket.Name}/matrix";

        public override Task<IStore> OpenAsync() =>
            Task.FromResult<IStore>(bucket.Open(options => options with { Prefix = StorePath.FromText("matrix") }));

        public override Task<byte[]> ReadAsync(string file) => S3Bucket.ReadAsync(bucket.Store, $"matrix/{file}");

        public override IReadOnlyList<string> Endpoint { get; } =
        [
            "options:", $"  endpoint: {S3Server.Endpoint.GetLeftPart(UriPartial.Authority)}",
            "credentials:", $"  access-key: {S3Server.Keys.AccessKey}", "  secret-key: { file: s3.secret }",
        ];

        public override IReadOnlyDictionary<string, string> Secrets { get; } = new Dictionary<string, string> { ["s3.secret"] = S3Server.Keys.SecretKey };

        public override async Task<IReadOnlyList<string>> LeftAsync() =>
        [
            .. (await bucket.KeysAsync()).Select(key => key["matrix/".Length..]).Order(StringComparer.Ordinal),
            .. (await bucket.UploadsAsync()).Select(upload => $"upload of {upload.Key}"),
        ];

        public override ValueTask DisposeAsync() => bucket.DisposeAsync();
    }

    private sealed class SftpPlace() : MatrixPlace("sftp", "SFTP server")
    {
        private readonly string _name = SftpTestServer.Fresh();
        private readonly SftpConnections _connections = SftpTestServer.Connect("shell");

        public override (string Program, string Argument)? Version => ("ssh", "-V");

        public override IReadOnlyDictionary<string, string> Variables { get; } =
            new Dictionary<string, string> { ["GODWIT_SSH_COMMAND"] = $"ssh -F {SftpTestServer.Config}" };

        public override string Url => $"sftp://shell/~/{_name}";

        public override async Task<IStore> OpenAsync() => await SftpTestServer.OpenAsync(_connections, _name);

        public override Task<byte[]> ReadAsync(string file) => File.ReadAllBytesAsync(Path.Combine(SftpTestServer.Home, _name, file));

        public override IReadOnlyList<string> Endpoint { get; } = ["options:", $"  ssh-command: ssh -F {SftpTestServer.Config}"];

        public override Task<IReadOnlyList<string>> LeftAsync() => FilesBelow(Path.Combine(SftpTestServer.Home, _name));

        public override async ValueTask DisposeAsync()
        {
            await _connections.DisposeAsync();
            if (Directory.Exists(Path.Combine(SftpTestServer.Home, _name)))
            {
                Directory.Delete(Path.Combine(SftpTestServer.Home, _name), recursive: true);
            }
        }
    }

    private sealed class GridPlace(string name, string title, string server) : MatrixPlace(name, title)
    {
        private readonly GfalWorkers _workers = GridServer.Connect(server);
        private readonly string _directory = GridServer.Fresh();

        public override (string Program, string Argument)? Version =>
            Name == "root" ? ("xrootd", "-v") : ("globus-gridftp-server", "--version");

        public override IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
        {
            ["X509_USER_PROXY"] = GridServer.Setting("X509_ALICE"),
            ["X509_CERT_DIR"] = GridServer.Setting("X509_CERT_DIR"),
        };

        public override string Url => $"{GridServer.Server(server)}{(Name == "root" ? "//" : "/")}{GridServer.Home(server)}/{_directory}";

        public override Task<IStore> OpenAsync() => Task.FromResult<IStore>(GridServer.Open(_workers, server, _directory));

        public override Task<byte[]> ReadAsync(string file) => File.ReadAllBytesAsync(GridServer.OnDisk(server, $"{_directory}/{file}"));

        public override IReadOnlyList<string> Endpoint { get; } =
            ["options:", $"  x509-proxy: {GridServer.Setting("X509_ALICE")}", $"  x509-ca: {GridServer.Setting("X509_CERT_DIR")}"];

        public override Task<IReadOnlyList<string>> LeftAsync() => FilesBelow(GridServer.OnDisk(server, _directory));

        public override ValueTask DisposeAsync() => _workers.DisposeAsync();
    }
}
