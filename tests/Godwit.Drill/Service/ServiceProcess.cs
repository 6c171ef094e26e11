using System.Diagnostics;
using System.Text.Json;

namespace Godwit.Drill.Service;

/// <summary>A service in a process of its own that kills itself at a step (<see cref="Plug"/>).</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _log;
    private readonly TaskCompletionSource<Uri?> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _lines = [];

    private ServiceProcess(Process process) => (_process, _log) = (process, Task.Run(ReadLogAsync));

    /// <summary>Where it listens; null once it has ended without listening.</summary>
    public Task<Uri?> Address => _address.Task;

    /// <summary>Done when it has ended.</summary>
    public Task Ended => _process.WaitForExitAsync();

    /// <summary>Its exit code.</summary>
    public int Code => _process.ExitCode;

    /// <summary>What it said last.</summary>
    public string Said
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines.TakeLast(20));
            }
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="data">Its directory.</param>
    /// <param name="kill">Where it is killed, as <see cref="Plug"/> takes it; null for nowhere.</param>
    /// <param name="steps">The file that gets the steps that were met; null for none.</param>
    /// <param name="arguments">Further arguments; it listens at a free port unless they say where.</param>
    public static ServiceProcess Start(string data, string? kill, string? steps, params string[] arguments) =>
        StartWith(data, new Dictionary<string, string?> { ["GODWIT_DRILL_KILL"] = kill, ["GODWIT_DRILL_STEPS"] = steps }, arguments);

    /// <summary>Starts one.</summary>
    /// <param name="data">Its directory.</param>
    /// <param name="variables">Variables that it has besides those of this process.</param>
    /// <param name="arguments">Further arguments; it listens at a free port unless they say where.</param>
    public static ServiceProcess StartWith(string data, IReadOnlyDictionary<string, string?> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [DrillProcess.Program, "serve", "--data", data, .. arguments.Contains("--listen") ? Array.Empty<string>() : ["--listen", "127.0.0.1:0"], "--drain", "0s", .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach ((string name, string? value) in variables)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return new ServiceProcess(process);
    }

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task StopAsync()
    {
        using (var stop = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await stop.WaitForExitAsync();
        }

        await Ended;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _log;
        _process.Dispose();
    }

    private async Task ReadLogAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }

            if (line.Contains("\"service.started\"", StringComparison.Ordinal))
            {
                string message = JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!;
                _address.TrySetResult(new Uri(message.Split(' ').First(word => word.StartsWith("http", StringComparison.Ordinal)).TrimEnd(';', ',')));
            }
        }

        _address.TrySetResult(null);
    }
}
