using System.Globalization;
using System.Text;
using Godwit.Cli;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>A fresh directory, and commands that reach the server, run in this process.</summary>
internal sealed class S3CommandLine : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("godwit-s3-cli-").FullName;

    /// <summary>Stands around every store that a command opens.</summary>
    public Func<IStore, StoreSide, IStore> DressStore { get; set; } = (store, _) => store;

    /// <summary>What a program needs in its environment to reach the server.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL_S3"] = S3Server.Endpoint.ToString(),
        ["AWS_ACCESS_KEY_ID"] = S3Server.Keys.AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = S3Server.Keys.SecretKey,
    };

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public string In(string name) => Path.Combine(Root, name);

    public void Put(string name, byte[] content, DateTime? modified = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllBytes(In(name), content);
        if (modified is { } moment)
        {
            File.SetLastWriteTimeUtc(In(name), moment);
        }
    }

    /// <summary>Runs a command, and gives what it wrote: to standard output, then to standard error.</summary>
    public async Task<(string Output, string Error)> RunAsync(int expected, params string[] args)
    {
        (int code, string output, string error) = await RunAnyAsync(args);
        Assert.True(expected == code, $"{string.Join(' ', args)} ended with {code}: {error}{output}");
        return (output, error);
    }

    /// <summary>The same for a command that may end in any way.</summary>
    public async Task<(int Code, string Output, string Error)> RunAnyAsync(string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        var wiring = new Wiring { Environment = Variables.GetValueOrDefault, OpenOutput = () => bytes, DressStore = DressStore };
        string[] state = args[0] is "copy" or "cleanup" ? ["--state", In("state")] : [];
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)[.. args, .. state], wiring, output, error, CancellationToken.None);
        return (code, output + Encoding.UTF8.GetString(bytes.ToArray()), error.ToString());
    }
}
