using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Godwit.Cli;
using Godwit.Drill.Service;
using Godwit.ServerTests.Matrix;
using Godwit.Storage;
using Godwit.Tests.Cli;

namespace Godwit.ServerTests.Serve;

/// <summary>A service in a process of its own that knows two places by the names <c>from</c> and <c>to</c>, and the commands that talk to it.</summary>
internal sealed class EndsTrial : IAsyncDisposable
{
    private const string Bytes = "godwit_bytes_transferred_total{";

    private readonly CommandLineFolder _folder = new();
    private ServiceProcess? _service;

    private EndsTrial(MatrixPlace source, MatrixPlace destination) => (Source, Destination) = (source, destination);

    /// <summary>The place that is called <c>from</c>.</summary>
    public MatrixPlace Source { get; }

    /// <summary>The place that is called <c>to</c>.</summary>
    public MatrixPlace Destination { get; }

    /// <summary>Reaches both places, and puts files into the first one.</summary>
    public static async Task<EndsTrial> MakeAsync(string from, string to, IReadOnlyDictionary<string, byte[]> files)
    {
        var trial = new EndsTrial(await MatrixPlace.ReachAsync(from, isSecond: false), await MatrixPlace.ReachAsync(to, isSecond: true));
        await using IStore store = await trial.Source.OpenAsync();
        foreach ((string file, byte[] content) in files)
        {
            await store.WriteAsync(StorePath.FromText(file), WriteSource.From(content), WriteOptions.Default, default);
        }

        return trial;
    }

    /// <summary>Starts the service, and waits until it listens.</summary>
    /// <param name="limits">What its endpoints are held to, as lines of YAML.</param>
    public async Task StartAsync(params string[] limits)
    {
        List<string> lines = ["endpoints:"];
        foreach ((string name, MatrixPlace place) in ((string, MatrixPlace)[])[("from", Source), ("to", Destination)])
        {
            lines.AddRange([$"  {name}:", $"    url: {place.Url}", .. place.Endpoint.Concat(limits).Select(line => "    " + line)]);
            foreach ((string file, string secret) in place.Secrets)
            {
                await File.WriteAllTextAsync(_folder.In(file), secret + "\n");
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(_folder.In(file), UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }
        }

        await File.WriteAllLinesAsync(_folder.In("godwit.yaml"), lines);
        _service = ServiceProcess.Start(_folder.In("data"), null, null, "--config", _folder.In("godwit.yaml"));
        Uri address = await _service.Address ?? throw new InvalidOperationException(_service.Said);
        string token = (await File.ReadAllTextAsync(_folder.In("data/admin.token"))).Trim();
        _folder.Wiring = new Wiring { Environment = name => name == "GODWIT_SERVER" ? address.ToString() : name == "GODWIT_TOKEN" ? token : null };
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        await _service!.DisposeAsync();
        _service = null;
    }

    /// <summary>Runs a command, which has to end so.</summary>
    public async Task<Answer> AskAsync(int expected, params string[] args)
    {
        Answer answer = await _folder.RunBareAsync(args);
        Assert.True(answer.Code == expected, $"{string.Join(' ', args)} ended with {answer.Code}: {answer.Error}{answer.Output}{_service?.Said}");
        return answer;
    }

    /// <summary>Waits for the end of a transfer.</summary>
    /// <returns>All that the service tells of it.</returns>
    public async Task<JsonElement> EndAsync(int expected, string id)
    {
        await AskAsync(expected, "status", id, "--wait");
        return JsonElement.Parse((await AskAsync(0, "status", id, "--json")).Output);
    }

    /// <summary>Hands a copy over by the interface itself.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> PostAsync(string body)
    {
        using HttpClient http = Client();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(new Uri("api/v1/transfers", UriKind.Relative), content);
        string said = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == 201, said);
        return JsonElement.Parse(said).GetProperty("id").GetString()!;
    }

    /// <summary>Waits until the service has sent so many bytes.</summary>
    public async Task UntilSentAsync(long bytes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await SentAsync() < bytes)
        {
            Assert.False(patience.IsCancellationRequested, _service!.Said);
            await Task.Yield();
        }
    }

    /// <summary>How many bytes the service has sent since it was started.</summary>
    public async Task<long> SentAsync()
    {
        using HttpClient http = Client();
        string metrics = await http.GetStringAsync(new Uri("metrics", UriKind.Relative));
        return metrics.Split('\n').Where(line => line.StartsWith(Bytes, StringComparison.Ordinal))
            .Sum(line => (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        await Source.DisposeAsync();
        await Destination.DisposeAsync();
        _folder.Dispose();
    }

    private HttpClient Client()
    {
        var http = new HttpClient { BaseAddress = new Uri(_folder.Wiring.Environment("GODWIT_SERVER")!) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _folder.Wiring.Environment("GODWIT_TOKEN"));
        return http;
    }
}
