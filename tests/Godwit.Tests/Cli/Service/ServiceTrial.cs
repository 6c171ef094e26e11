using System.Text.Json;

namespace Godwit.Tests.Cli.Service;

/// <summary>A service that runs in this process, and the commands that talk to it, as somebody types them.</summary>
internal sealed class ServiceTrial : IAsyncDisposable
{
    private CancellationTokenSource _stop = new();
    private readonly LinesOf _log = new();
    private readonly StringWriter _output = new();
    private readonly Dictionary<string, string> _variables = [];
    private Task<int> _running = Task.FromResult(0);

    /// <summary>Files, and where they go.</summary>
    public CommandLineFolder Folder { get; } = new();

    /// <summary>What it wrote to standard output.</summary>
    public string Output => _output.ToString();

    /// <summary>What it logged so far.</summary>
    public string Log => _log.ToString();

    /// <summary>Its exit code, when it has ended.</summary>
    public Task<int> Running => _running;

    /// <summary>Further variables of the service's environment.</summary>
    public Dictionary<string, string> Variables => _variables;

    /// <summary>Further arguments of the service.</summary>
    public List<string> Arguments { get; } = [];

    /// <summary>The service's clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>What SIGHUP does.</summary>
    public Action Hangup { get; private set; } = () => { };

    /// <summary>One that does not run yet.</summary>
    public static ServiceTrial Prepare() => new();

    /// <summary>Starts it, and waits until it listens.</summary>
    public Task StartAsync() => StartAtAsync("127.0.0.1:0");

    /// <summary>Stops it and starts it again, at the same address.</summary>
    public async Task RestartAsync()
    {
        string address = new Uri(Folder.Wiring.Environment("GODWIT_SERVER")!).Authority;
        await StopAsync();
        _stop.Dispose();
        _stop = new CancellationTokenSource();
        await StartAtAsync(address);
    }

    /// <summary>Runs a command that talks to it.</summary>
    public Task<Answer> AskAsync(params string[] args) => Folder.RunBareAsync(args);

    /// <summary>Hands a copy over.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> SubmitAsync(params string[] args)
    {
        Answer answer = await AskAsync(["submit", .. args]);
        Assert.True(answer.Code == 0, answer.Error);
        return answer.Output.Trim();
    }

    /// <summary>Waits until a transfer is in a state.</summary>
    public async Task<JsonElement> UntilAsync(string id, string state)
    {
        while (true)
        {
            JsonElement transfer = JsonDocument.Parse((await AskAsync("status", id, "--json")).Output).RootElement;
            if (transfer.GetProperty("state").GetString() == state)
            {
                return transfer;
            }

            await Task.Yield();
        }
    }

    /// <summary>Stops it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        Folder.Dispose();
        await _log.DisposeAsync();
        await _output.DisposeAsync();
    }

    private async Task StartAtAsync(string listen)
    {
        int before = Log.Length;
        string[] args = ["serve", "--data", Folder.In("data"), "--listen", listen, "--drain", "0s", .. Arguments];
        _running = Godwit.Cli.GodwitCommandLine.RunAsync(
            (IReadOnlyList<string>)args, WiringOfService(), _output, _log, _stop.Token);
        while (!Log[before..].Contains("service.started", StringComparison.Ordinal) && !_running.IsCompleted)
        {
            await Task.Yield();
        }

        Assert.False(_running.IsCompleted, Log);
        string line = Log.Split('\n').Last(line => line.Contains("service.started", StringComparison.Ordinal));
        string address = JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()!.Split(' ').First(word => word.StartsWith("http", StringComparison.Ordinal)).TrimEnd(';', ',');
        Folder.Wiring = new Godwit.Cli.Wiring
        {
            Environment = name => name switch
            {
                "GODWIT_SERVER" => address,
                "GODWIT_TOKEN" => File.ReadAllText(Folder.In("data/admin.token")),
                _ => null,
            },
        };
    }

    private Godwit.Cli.Wiring WiringOfService() => new()
    {
        Environment = _variables.GetValueOrDefault,
        Time = Time,
        OnHangup = action =>
        {
            Hangup = action;
            return null;
        },
    };

    /// <summary>Text that one thread writes and another one reads.</summary>
    private sealed class LinesOf : StringWriter
    {
        private readonly Lock _lock = new();

        public override void WriteLine(string? value)
        {
            lock (_lock)
            {
                base.WriteLine(value);
            }
        }

        public override string ToString()
        {
            lock (_lock)
            {
                return base.ToString();
            }
        }
    }
}
