using System.Diagnostics;
using System.Globalization;
using Godwit.Backends.Gfal;
using Godwit.Cli;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.ServerTests.Gfal;

/// <summary>A fresh directory, commands as Alice from it, and other programs of the grid beside them.</summary>
internal sealed class GridCommandLine : IDisposable
{
    private const int Aborted = 128 + 6;
    private const int Segmented = 128 + 11;

    private readonly string _remote = GridServer.Fresh();
    private readonly Dictionary<string, string> _variables = new()
    {
        ["X509_USER_PROXY"] = GridServer.Setting("X509_ALICE"),
        ["X509_CERT_DIR"] = GridServer.Setting("X509_CERT_DIR"),

        // Its script asks for a program that is called python.
        ["GFAL_PYTHONBIN"] = "/usr/bin/python3",
    };

    public GridCommandLine() => Directory.CreateDirectory(In("state"));

    public string Root { get; } = Directory.CreateTempSubdirectory("godwit-grid-cli-").FullName;

    public string In(string name) => Path.Combine(Root, name);

    /// <summary>The address of a fresh directory at a server, or of one below it.</summary>
    public string Url(string server, string name = "") => GridServer.Url(server, _remote) + (name.Length > 0 ? "/" + name : "");

    public void Dispose()
    {
        foreach (string directory in GridServer.OnDisk(_remote).Append(Root).Where(Directory.Exists))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Runs a command of Godwit in this process.</summary>
    public async Task GodwitAsync(params string[] args)
    {
        using var said = new StringWriter(CultureInfo.InvariantCulture);
        var wiring = new Wiring { Environment = _variables.GetValueOrDefault };
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)[.. args, "--state", In("state"), "--quiet"], wiring, said, said, default);
        Assert.True(code == 0, $"{string.Join(' ', args)} ended with {code}: {said}");
    }

    /// <summary>Runs another program, and gives what it wrote. Those with libgfal2 crash now and then, one time in forty with GridFTP, which says
    /// nothing of what is asked here: they are started again.</summary>
    public async Task<string> RunAsync(string program, params string[] args)
    {
        const int Attempts = 4;
        (int code, string output, string error) = (0, "", "");
        bool mayCrash = program.StartsWith("gfal-", StringComparison.Ordinal);
        for (int attempt = 0; attempt < Attempts && (attempt == 0 || (mayCrash && code is (Aborted or Segmented))); attempt++)
        {
            (code, output, error) = await TryAsync(program, args);
        }

        Assert.True(code == 0, $"{program} {string.Join(' ', args)} ended with {code}: {error}");
        return output;
    }

    private async Task<(int Code, string Output, string Error)> TryAsync(string program, string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in _variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, error);
    }

    /// <summary>Two trees of this machine are the same, names and bytes.</summary>
    public Task RequireSameAsync(string left, string right) => RunAsync("diff", "-r", In(left), In(right));

    /// <summary>The receipts of a copy from this machine.</summary>
    public async Task<IReadOnlyList<Receipt>> ReceiptsAsync(string from, string server, string name)
    {
        await using SqliteLedger ledger = await SqliteLedger.OpenAsync(In("state"), TimeProvider.System, default);
        await using var here = Backends.Local.LocalStore.In(System.Text.Encoding.UTF8.GetBytes(In(from)));
        await using GfalWorkers workers = GridServer.Connect(server);
        await using GfalStore there = GridServer.Open(workers, server, $"{_remote}/{name}");
        var scope = new ReceiptScope(here.Identity.Space, here.Identity.Root, there.Identity.Space, there.Identity.Root);
        return await ledger.ListReceiptsAsync(scope, null, int.MaxValue, default);
    }
}
