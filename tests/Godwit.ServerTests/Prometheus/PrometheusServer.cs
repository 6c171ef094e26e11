using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Godwit.ServerTests.Prometheus;

/// <summary>A Prometheus of a test's own, which scrapes one service every second with the configuration and the rules that Godwit brings.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly HttpClient _client;
    private readonly Task<string> _said;

    private PrometheusServer(Process process, int port)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _said = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="folder">An empty directory for it.</param>
    /// <param name="service">The service's address.</param>
    /// <param name="token">The token that it shows there.</param>
    public static async Task<PrometheusServer> StartAsync(string folder, Uri service, string token)
    {
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "godwit.token");
        await File.WriteAllTextAsync(file, token + "\n");
        string scrape = await File.ReadAllTextAsync(Path.Combine(PromTool.Files, "scrape.yml"));
        string settings = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(
            settings,
            $"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [{Path.Combine(PromTool.Files, "alerts.yml")}]\n"
            + Replaced(Replaced(scrape, "/etc/prometheus/godwit.token", file), "127.0.0.1:7480", service.Authority));
        await PromTool.RequireAsync(null, "check", "config", settings);
        for (int tries = 1; ; tries++)
        {
            int port = FreePort();
            var server = new PrometheusServer(
                PromTool.Start("prometheus", [$"--config.file={settings}", $"--storage.tsdb.path={folder}/data{tries}", $"--web.listen-address=127.0.0.1:{port}"]), port);
            if (await server.IsReadyAsync())
            {
                return server;
            }

            string said = await server._said;
            await server.DisposeAsync();
            Assert.True(tries < 5 && said.Contains("address already in use", StringComparison.Ordinal), $"prometheus ended before it answered: {said}");
        }
    }

    /// <summary>Asks until an answer is as expected.</summary>
    public async Task<JsonElement> UntilAsync(string path, Func<JsonElement, bool> isExpected)
    {
        using var limit = new CancellationTokenSource(s_limit);
        string last = "nothing";
        try
        {
            while (true)
            {
                last = await _client.GetStringAsync(path, limit.Token);
                JsonElement data = JsonDocument.Parse(last).RootElement.GetProperty("data");
                if (isExpected(data))
                {
                    return data;
                }

                await Task.Delay(s_pause, TimeProvider.System, limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"For {s_limit} Prometheus has not answered {path} as expected; at last: {last}");
        }
    }

    /// <summary>Waits until a query gives one number.</summary>
    public Task UntilAsync(string query, double value) => UntilAsync(
        "/api/v1/query?query=" + Uri.EscapeDataString(query),
        data => data.GetProperty("result") is { } result && result.GetArrayLength() == 1
            && double.Parse(result[0].GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture) == value);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        while (!_process.HasExited)
        {
            try
            {
                using HttpResponseMessage answer = await _client.GetAsync("/-/ready", limit.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(s_pause, TimeProvider.System, limit.Token);
        }

        return false;
    }

    private static string Replaced(string text, string part, string by)
    {
        Assert.Contains(part, text, StringComparison.Ordinal);
        return text.Replace(part, by, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
