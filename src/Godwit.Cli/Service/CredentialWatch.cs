using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Godwit.Cli.Service;

/// <summary>Warns of credentials that end soon: of each once a day, until it is renewed.</summary>
internal sealed class CredentialWatch : IDisposable
{
    /// <summary>How long before its end a credential is warned of.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromHours(6);

    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private readonly Dictionary<string, DateTimeOffset> _warned = new(StringComparer.Ordinal);
    private readonly Func<Task<IReadOnlyDictionary<string, DateTimeOffset>>> _ends;
    private readonly Action<string> _warn;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <summary>Begins to watch.</summary>
    /// <param name="ends">When credentials end, by endpoint.</param>
    /// <param name="warn">Takes a sentence.</param>
    /// <param name="time">The clock.</param>
    public CredentialWatch(Func<Task<IReadOnlyDictionary<string, DateTimeOffset>>> ends, Action<string> warn, TimeProvider time)
    {
        (_ends, _warn, _time) = (ends, warn, time);
        _timer = time.CreateTimer(_ => _ = LookAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    [SuppressMessage("Design", "CA1031", Justification = "Nothing that a file can hold ends the service.")]
    private async Task LookAsync()
    {
        try
        {
            DateTimeOffset now = _time.GetUtcNow();
            foreach ((string endpoint, DateTimeOffset end) in await _ends().ConfigureAwait(false))
            {
                Consider(endpoint, end, now);
            }
        }
        catch (Exception e)
        {
            _warn($"It could not be found out when credentials end: {e.Message}");
        }
        finally
        {
            // Not before this look is over: a file may take long to read.
            _timer.Change(s_look, Timeout.InfiniteTimeSpan);
        }
    }

    private void Consider(string endpoint, DateTimeOffset end, DateTimeOffset now)
    {
        if (end - now >= Soon)
        {
            _warned.Remove(endpoint);
        }
        else if (!_warned.TryGetValue(endpoint, out DateTimeOffset last) || now - last >= s_day)
        {
            _warned[endpoint] = now;
            _warn(Sentence(endpoint, end, now));
        }
    }

    private static string Sentence(string endpoint, DateTimeOffset end, DateTimeOffset now)
    {
        bool isOwn = endpoint == CredentialEnds.Service;
        string what = isOwn ? "The service's own certificate" : $"The credential of the endpoint \"{endpoint}\"";
        string remedy = isOwn ? "renew it, and send SIGHUP to this process" : "renew it where it is kept";
        return string.Create(CultureInfo.InvariantCulture, $"{what} {(end > now ? "expires" : "has expired")} at {end.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}: {remedy}.");
    }
}
