using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Godwit.Cli;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>A fresh home with a configuration, and the command line run in this process with nothing else of an environment.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class ConfigurationFolder : IDisposable
{
    public ConfigurationFolder()
    {
        Root = Directory.CreateTempSubdirectory("godwit-config-").FullName;
        Variables["HOME"] = Root;
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
    }

    public string Root { get; }

    public string File => In(".config/godwit/godwit.yaml");

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>What else the command line is connected to.</summary>
    public Func<Wiring, Wiring> Wire { get; init; } = wiring => wiring;

    public string In(string name) => Path.Combine(Root, name);

    public void Write(string yaml) => System.IO.File.WriteAllText(File, yaml);

    /// <summary>Writes a file that only its owner may read.</summary>
    public string Put(string name, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        System.IO.File.WriteAllText(In(name), content);
        System.IO.File.SetUnixFileMode(In(name), mode);
        return In(name);
    }

    /// <summary>Runs a command; its output is what it wrote to standard output, in whatever way.</summary>
    public async Task<Answer> RunAsync(params string[] args)
    {
        using var bytes = new MemoryStream();
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        Wiring wiring = Wire(new Wiring { Environment = Variables.GetValueOrDefault, OpenOutput = () => bytes });
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)args, wiring, output, error, CancellationToken.None);
        return new Answer(code, Encoding.UTF8.GetString(bytes.ToArray()) + output, error.ToString());
    }

    public async Task<Answer> SucceedAsync(params string[] args)
    {
        Answer answer = await RunAsync(args);
        Assert.True(answer.Code == 0, $"{string.Join(' ', args)} ended with {answer.Code}: {answer.Error}");
        return answer;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
