using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Godwit.Backends.S3;

namespace Godwit.Tests.Backends.S3;

/// <summary>A listener that answers as the test says: for what no server does on demand.</summary>
internal sealed class S3StandIn : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly Func<HttpListenerRequest, Task<Answer>> _answer;
    private readonly Task _serving;

    /// <summary>Begins to answer.</summary>
    /// <param name="answer">The answer to each request; asked from many threads at once.</param>
    public S3StandIn(Func<HttpListenerRequest, Answer> answer)
        : this(request => Task.FromResult(answer(request)))
    {
    }

    /// <summary>Begins to answer.</summary>
    /// <param name="answer">The answer to each request; asked from many threads at once.</param>
    public S3StandIn(Func<HttpListenerRequest, Task<Answer>> answer)
    {
        _answer = answer;
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Endpoint = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
        probe.Stop();
        _listener.Prefixes.Add(Endpoint.AbsoluteUri);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint { get; }

    /// <summary>Method and target of each request so far.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    /// <summary>The options to reach it.</summary>
    public S3Options Options => new() { Bucket = "bucket", Endpoint = Endpoint, Keys = new S3AccessKeys("KEY", "secret") };

    /// <summary>A store on it.</summary>
    public S3Store Open(Func<S3Options, S3Options>? change = null) => new((change ?? (same => same))(Options), TimeProvider.System);

    /// <summary>An error as S3 says it.</summary>
    public static Answer Error(int status, string code, string says = "It is so.", params (string Name, string Value)[] headers) =>
        new(status, $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{says}</Message></Error>", headers);

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext asked = await _listener.GetContextAsync();
            _ = Task.Run(() => RespondAsync(asked));
        }
    }

    private async Task RespondAsync(HttpListenerContext asked)
    {
        _asked.Enqueue($"{asked.Request.HttpMethod} {asked.Request.RawUrl}");
        await asked.Request.InputStream.CopyToAsync(Stream.Null);
        Answer answer = await _answer(asked.Request);
        asked.Response.StatusCode = answer.Status;
        foreach ((string name, string value) in answer.Headers)
        {
            asked.Response.Headers[name] = value;
        }

        // With its length: the listener would end the empty body of a HEAD with the last chunk of none, which the next answer then begins with.
        byte[] body = asked.Request.HttpMethod == "HEAD" ? [] : Encoding.UTF8.GetBytes(answer.Body);
        if (!answer.Headers.Any(header => header.Name == "Content-Length"))
        {
            asked.Response.ContentLength64 = body.Length;
        }

        await asked.Response.OutputStream.WriteAsync(body);
        asked.Response.Close();
    }

    /// <summary>What it answers.</summary>
    internal sealed record Answer(int Status, string Body, params (string Name, string Value)[] Headers);
}
