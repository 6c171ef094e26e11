using System.Diagnostics;
using System.Globalization;
using System.Text;
using Godwit.Cli;
using Godwit.Drill;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>A fresh directory, commands that reach the server from it, and other programs beside them.</summary>
internal sealed class SftpCommandLine : IDisposable
{
    private const int Killed = 128 + 9;

    public SftpCommandLine()
    {
        // A copy of its own, so that the ssh processes of this one can be told from all others.
        File.Copy(SftpTestServer.Config, Config);
        Directory.CreateDirectory(In("state"));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("godwit-sftp-cli-").FullName;

    /// <summary>What ssh is configured with.</summary>
    public string Config => In("ssh_config");

    /// <summary>A directory of the account with a shell, which is taken away at the end.</summary>
    public string Remote { get; } = SftpTestServer.Fresh();

    /// <summary>The same directory as this machine sees it.</summary>
    public string OnDisk => Path.Combine(SftpTestServer.Home, Remote);

    public string Url(string name = "") => $"sftp://shell/~/{Remote}{(name.Length > 0 ? "/" : "")}{name}";

    public string In(string name) => Path.Combine(Root, name);

    public void Dispose()
    {
        // Not by .NET: names need not be Unicode.
        Run(0, "rm", "-rf", Root, OnDisk);
    }

    /// <summary>Runs a command of Godwit in this process, and gives what it wrote.</summary>
    public async Task<string> RunAsync(int expected, params string[] args)
    {
        (int code, string said) = await TryAsync(args);
        Assert.True(expected == code, $"{string.Join(' ', args)} ended with {code}: {said}");
        return said;
    }

    /// <summary>What stands around each store in this process.</summary>
    public Func<IStore, StoreSide, IStore> Dress { get; set; } = (store, _) => store;

    /// <summary>The clock of commands in this process.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Runs a command of Godwit in this process, whatever comes of it.</summary>
    public async Task<(int Code, string Said)> TryAsync(string[] args)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        var wiring = new Wiring { Environment = Variables.GetValueOrDefault, OpenOutput = () => bytes, Time = Time, DressStore = (store, side) => Dress(store, side) };
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)[.. args, .. State(args)], wiring, output, error, CancellationToken.None);
        return (code, output + Encoding.UTF8.GetString(bytes.ToArray()) + error);
    }

    /// <summary>Runs a command of Godwit as a process that kills itself at a step.</summary>
    /// <returns>Whether the step was met.</returns>
    public bool RunAndKill(string step, params string[] args)
    {
        (int code, string said) = Finish(Apart([("GODWIT_DRILL_KILL", step)], args));
        Assert.True(code is 0 or Killed, said);
        return code == Killed;
    }

    /// <summary>Runs a command of Godwit as a process with variables of its own.</summary>
    public string RunApart(int expected, IEnumerable<(string Name, string Value)> variables, params string[] args)
    {
        (int code, string said) = Finish(Apart(variables, args));
        Assert.True(expected == code, $"{string.Join(' ', args)} ended with {code}: {said}");
        return said;
    }

    /// <summary>Runs another program.</summary>
    public static string Run(int expected, string program, params string[] args)
    {
        (int code, string said) = Finish(Started(program, args));
        Assert.True(expected == code, $"{program} {string.Join(' ', args)} ended with {code}: {said}");
        return said;
    }

    /// <summary>Two trees of this machine are the same, names and bytes.</summary>
    public static void RequireSame(string left, string right) => Run(0, "diff", "-r", "--no-dereference", left, right);

    /// <summary>The ssh processes that commands of this one started and that still run.</summary>
    public int SshProcesses() => Directory.GetDirectories("/proc").Count(directory =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, "cmdline")).Contains(Config, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private Dictionary<string, string> Variables => new() { ["GODWIT_SSH_COMMAND"] = $"ssh -F {Config}", ["HOME"] = Root };

    private string[] State(string[] args) => args[0] is "copy" or "sync" or "move" ? ["--state", In("state")] : [];

    private ProcessStartInfo Apart(IEnumerable<(string Name, string Value)> variables, string[] args)
    {
        ProcessStartInfo start = Started("dotnet", [DrillProcess.Program, .. args, .. State(args)]);
        foreach ((string name, string value) in Variables.Select(variable => (variable.Key, variable.Value)).Concat(variables))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static ProcessStartInfo Started(string program, IEnumerable<string> args) =>
        new(program, args) { RedirectStandardError = true, RedirectStandardOutput = true };

    private static (int Code, string Said) Finish(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error + output.GetAwaiter().GetResult());
    }
}
