using System.Globalization;
using System.Text;
using Godwit.Cli;

namespace Godwit.ServerTests.S3;

/// <summary>The command line in a directory of its own, with the test server as the one that <c>s3://</c> means.</summary>
internal sealed class CommandTrial : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("godwit-s3-cli-").FullName;

    public string In(string name) => Path.Combine(_root, name);

    public void Put(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllBytes(In(name), content);
    }

    /// <summary>Runs a command, and gives what it said: what was asked for when that went well, else what went wrong.</summary>
    public async Task<string> RunAsync(int expected, params string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        var wiring = new Wiring { Environment = Variable, OpenOutput = () => bytes };
        string[] state = args[0] is "copy" ? ["--state", In("state")] : [];
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)[.. args, .. state], wiring, output, error, CancellationToken.None);
        Assert.True(expected == code, $"{string.Join(' ', args)} ended with {code}: {error}{output}");
        return code == 0 ? output + Encoding.UTF8.GetString(bytes.ToArray()) : error.ToString();
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string? Variable(string name) => name switch
    {
        "AWS_ENDPOINT_URL_S3" => S3Server.Endpoint.ToString(),
        "AWS_ACCESS_KEY_ID" => S3Server.Keys.AccessKey,
        "AWS_SECRET_ACCESS_KEY" => S3Server.Keys.SecretKey,
        _ => null,
    };
}
