using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Godwit.Tests.Cli.Service;

/// <summary>An OpenTelemetry collector that takes what is sent by HTTP and keeps it as it came.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _taken = new();
    private readonly HttpListener _listener = new();
    private readonly Task _taking;

    public Collector()
    {
        // A port that is free may be taken the next moment: then another one.
        while (true)
        {
            Address = $"http://127.0.0.1:{FreePort()}/";
            _listener.Prefixes.Add(Address);
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException)
            {
                _listener.Prefixes.Clear();
            }
        }

        _taking = TakeAsync();
    }

    public string Address { get; }

    public bool IsEmpty => _taken.IsEmpty;

    /// <summary>Whether one request to a path holds all of these texts, which protobuf has as they are.</summary>
    public bool Has(string path, params string[] texts) => _taken.Any(one => one.Path == path && texts.All(text => one.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0));

    public override string ToString() => string.Join('\n', _taken.Select(one => $"{one.Path}: {Encoding.Latin1.GetString(one.Body)}"));

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _taking;
    }

    internal static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task TakeAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                _taken.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray()));
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The end.
        }
    }
}
