using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Amazon;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>The way to a server: its name, its port, its certificate, its answer and its clock. Asked without a credential.</summary>
internal sealed class S3Way(S3Connection connection, DiagnosisScope scope)
{
    private static readonly TimeSpan s_eachAddress = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_renewal = TimeSpan.FromDays(14);
    private static readonly TimeSpan s_clock = TimeSpan.FromSeconds(30);

    private readonly Uri _server = ServerOf(connection.Options, connection.Region);
    private IPAddress[] _addresses = [];
    private (DateTimeOffset End, string Subject)? _certificate;
    private Answered? _answer;
    private Exception? _fault;

    /// <summary>What a connection is made to: the server, or the proxy before it.</summary>
    private Uri Next => HttpClient.DefaultProxy.IsBypassed(_server) ? _server : HttpClient.DefaultProxy.GetProxy(_server) ?? _server;

    private string Who => Next == _server ? Next.Host : $"{Next.Host} (a proxy on the way to {_server.Host})";

    public async ValueTask<Finding?> NameAsync(CancellationToken ct)
    {
        try
        {
            _addresses = await Dns.GetHostAddressesAsync(Next.IdnHost, ct).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            return new Finding(
                FindingOutcome.Failed, $"the name {Who} is not known: {e.Message}",
                Next == _server ? "Correct --s3-endpoint or the endpoint's option of that name, or look at this machine's name server." : "Correct HTTPS_PROXY or HTTP_PROXY.");
        }

        return new Finding(
            FindingOutcome.Ok, IPAddress.TryParse(Next.Host.Trim('[', ']'), out _) ? $"{Who} is an address" : $"{Who} is {string.Join(", ", _addresses.AsEnumerable())}");
    }

    public async ValueTask<Finding?> PortAsync(CancellationToken ct)
    {
        var refusals = new List<string>();
        bool silent = false;
        foreach (IPAddress address in _addresses)
        {
            var place = new IPEndPoint(address, Next.Port);
            long start = Stopwatch.GetTimestamp();
            (string? refusal, bool noAnswer) = await ConnectAsync(place, ct).ConfigureAwait(false);
            if (refusal is null)
            {
                string seen = string.Create(CultureInfo.InvariantCulture, $"{place} accepts connections ({Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms)");
                return refusals.Count == 0 || !silent
                    ? new Finding(FindingOutcome.Ok, seen)
                    : new Finding(
                        FindingOutcome.Warning, $"{seen}; {string.Join("; ", refusals)}", "Have that address taken out of the name, or its network mended: each connection waits for it first.");
            }

            refusals.Add(refusal);
            silent |= noAnswer;
        }

        return new Finding(
            FindingOutcome.Failed, string.Join("; ", refusals),
            silent ? "See that the server is up, and that no firewall on the way drops connections to this port." : "See that the server runs, and that the port is the right one.");
    }

    public async ValueTask<Finding?> CertificateAsync(CancellationToken ct)
    {
        await AskAsync(ct).ConfigureAwait(false);
        if (_fault is not null && HasCause<AuthenticationException>(_fault))
        {
            throw connection.Errors.Of(_fault, StorePath.Root);
        }

        if (_server.Scheme == "http")
        {
            return IsHere()
                ? new Finding(FindingOutcome.Ok, "none is needed: http, within this machine")
                : new Finding(FindingOutcome.Warning, "none: over http everybody on the way can read what is moved", "Use https where the server offers it.");
        }

        if (_certificate is not { } first)
        {
            return null;
        }

        TimeSpan left = first.End - connection.Time.GetUtcNow();
        string seen = string.Create(CultureInfo.InvariantCulture, $"trusted; \"{first.Subject}\" ends on {first.End.UtcDateTime:yyyy-MM-dd}, {S3Span.Show(left)}");
        return left < s_renewal || left < scope.Work
            ? new Finding(FindingOutcome.Warning, seen, "Have it renewed at the server.")
            : new Finding(FindingOutcome.Ok, seen);
    }

    public async ValueTask<Finding?> ServerAsync(CancellationToken ct)
    {
        await AskAsync(ct).ConfigureAwait(false);
        if (_answer is not { } answer)
        {
            throw connection.Errors.Of(_fault!, StorePath.Root);
        }

        string seen = string.Create(
            CultureInfo.InvariantCulture,
            $"{_server.GetLeftPart(UriPartial.Authority)} answers in {answer.Took.TotalMilliseconds:0} ms{(answer.Name.Length > 0 ? $" ({PathText.Escape(System.Text.Encoding.UTF8.GetBytes(answer.Name))})" : "")}");
        return answer.Status >= 500
            ? new Finding(FindingOutcome.Warning, $"{seen}, with HTTP {answer.Status}", "See what the server, or the proxy before it, complains of.")
            : new Finding(FindingOutcome.Ok, seen);
    }

    public ValueTask<Finding?> ClockAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_answer?.Ahead is not { } ahead)
        {
            return ValueTask.FromResult<Finding?>(new Finding(FindingOutcome.Unknown, "the server does not tell its time"));
        }

        // The server tells whole seconds.
        if (ahead.Duration() < TimeSpan.FromSeconds(2))
        {
            return ValueTask.FromResult<Finding?>(new Finding(FindingOutcome.Ok, "as the server's, within 2 seconds"));
        }

        string seen = $"this machine is {S3Span.Length(ahead.Duration())} {(ahead > TimeSpan.Zero ? "behind" : "ahead of")} the server";
        return ValueTask.FromResult<Finding?>(ahead.Duration() < s_clock
            ? new Finding(FindingOutcome.Ok, seen)
            : new Finding(
                FindingOutcome.Warning, $"{seen}; from 15 minutes on servers refuse requests, which Godwit then signs by the server's clock",
                "Set this machine's clock (timedatectl, chronyc tracking), or have the server's set."));
    }

    private async Task AskAsync(CancellationToken ct)
    {
        if (_answer is not null || _fault is not null)
        {
            return;
        }

        using HttpClient client = S3HttpClients.Create(connection.Options, Note);
        using var request = new HttpRequestMessage(HttpMethod.Head, _server);
        try
        {
            DateTimeOffset sent = connection.Time.GetUtcNow();
            long start = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            _answer = new Answered((int)response.StatusCode, response.Headers.Server.ToString(), took, response.Headers.Date - sent - (took / 2));
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            _fault = e;
        }
    }

    private bool Note(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        bool good = S3Certificates.Check(sender, certificate, chain, errors);
        _certificate = chain?.ChainElements.Select(one => (new DateTimeOffset(one.Certificate.NotAfter.ToUniversalTime()), one.Certificate.Subject)).Min();
        return good;
    }

    /// <summary>Why no connection can be made there, and whether nobody answered at all; null when one can.</summary>
    private static async Task<(string? Refusal, bool NoAnswer)> ConnectAsync(IPEndPoint place, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_eachAddress);
        using var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(place, limit.Token).ConfigureAwait(false);
            return (null, false);
        }
        catch (SocketException e)
        {
            return ($"{place} does not accept connections: {e.Message}", e.SocketErrorCode == SocketError.TimedOut);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return ($"{place} does not answer within {s_eachAddress.TotalSeconds} seconds", true);
        }
    }

    private bool IsHere() => Next == _server && _addresses.Length > 0 && _addresses.All(IPAddress.IsLoopback);

    private static Uri ServerOf(S3Options options, string region)
    {
        Uri server = options.Endpoint ?? new Uri($"https://s3.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}");
        bool isLabel = options.Bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
        return (options.PathStyle ?? options.Endpoint is not null) || !isLabel
            ? new Uri(server, $"/{options.Bucket}")
            : new UriBuilder(server) { Host = $"{options.Bucket}.{server.Host}" }.Uri;
    }

    private static bool HasCause<T>(Exception fault)
    {
        for (Exception? at = fault; at is not null; at = at.InnerException)
        {
            if (at is T)
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Answered(int Status, string Name, TimeSpan Took, TimeSpan? Ahead);
}
