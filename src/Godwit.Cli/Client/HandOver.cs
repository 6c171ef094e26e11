using System.Net.Http.Headers;
using System.Text.Json;

namespace Godwit.Cli.Client;

/// <summary>Hands a transfer to a service that may be just starting, or that takes nothing at the moment: it is asked again for a while, with the same key, so that what
/// it took is not taken twice, also where its answer was lost.</summary>
/// <param name="service">The service.</param>
/// <param name="body">The order.</param>
/// <param name="type">Its media type.</param>
/// <param name="error">Where it is said what is waited for.</param>
internal sealed class HandOver(ServiceClient service, ReadOnlyMemory<byte> body, string type, TextWriter error)
{
    /// <summary>How long it is tried: as long as a service takes to start.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long whoever waits for the end tries it: as long as a machine takes to start again.</summary>
    public static readonly TimeSpan LongPatience = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(200);

    /// <summary>Hands it over.</summary>
    /// <param name="key">What the request is called.</param>
    /// <param name="waits">Whether its end is waited for, too.</param>
    /// <param name="ct">Cancels the call; the service may have it all the same.</param>
    /// <returns>What the service answers.</returns>
    /// <exception cref="CommandException">The service refuses it, or still cannot be reached.</exception>
    public async Task<JsonElement> SendAsync(string key, bool waits, CancellationToken ct)
    {
        long begun = service.Time.GetTimestamp();
        TimeSpan patience = waits ? LongPatience : Patience;
        for (string told = ""; ;)
        {
            TimeSpan pause;
            try
            {
                using var content = new ReadOnlyMemoryContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue(type);
                return await service.SendAsync(HttpMethod.Post, "transfers", content, key, ct).ConfigureAwait(false);
            }
            catch (CommandException e) when (e.TryAgainAfter is { } after && service.Time.GetElapsedTime(begun) + after < patience)
            {
                pause = after > s_shortest ? after : s_shortest;
                if (told != e.Message)
                {
                    told = e.Message;
                    await error.WriteLineAsync(ArgumentText.Show($"{told} It is asked again until {patience.TotalSeconds:0} s have passed.")).ConfigureAwait(false);
                }
            }

            await Task.Delay(pause, service.Time, ct).ConfigureAwait(false);
        }
    }
}
