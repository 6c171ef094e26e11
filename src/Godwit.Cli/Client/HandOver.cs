using System.Net;
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
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    /// <summary>Hands it over.</summary>
    /// <param name="key">What the request is called.</param>
    /// <param name="waits">Whether its end is waited for, too.</param>
    /// <param name="ct">Cancels the call; the service may have it all the same.</param>
    /// <returns>What the service answers.</returns>
    /// <exception cref="CommandException">The service refuses it, still cannot be reached, or does not answer; where it may have the transfer all the same, that is said.</exception>
    public async Task<JsonElement> SendAsync(string key, bool waits, CancellationToken ct)
    {
        long begun = service.Time.GetTimestamp();
        TimeSpan patience = waits ? LongPatience : Patience;
        bool mayBeDone = false;
        for (string told = ""; ;)
        {
            TimeSpan pause;
            try
            {
                TimeSpan left = patience - service.Time.GetElapsedTime(begun);
                return await TryAsync(key, left > Patience ? left : Patience, ct).ConfigureAwait(false);
            }
            catch (CommandException e)
            {
                mayBeDone |= e.MayBeDone;
                if (e.TryAgainAfter is not { } after || service.Time.GetElapsedTime(begun) + after >= patience)
                {
                    throw mayBeDone ? NotKnown(e, key) : e;
                }

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

    /// <summary>One try, which ends when no answer has come for a while after all was sent; how long sending takes is nobody's fault.</summary>
    private async Task<JsonElement> TryAsync(string key, TimeSpan limit, CancellationToken ct)
    {
        using var silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, service.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, ct);
        using var content = new OrderContent(body, () => silence.CancelAfter(limit));
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        try
        {
            return await service.SendAsync(HttpMethod.Post, "transfers", content, key, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Fatal, $"The service at {service.Server} was sent the request and did not answer within {limit.TotalSeconds:0} s.")
            {
                TryAgainAfter = s_soon,
                MayBeDone = true,
            };
        }
    }

    /// <summary>What was refused at last may have been taken at a try before.</summary>
    private static CommandException NotKnown(CommandException last, string key)
    {
        string word = key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? key : $"'{ArgumentText.Show(key)}'";
        return new CommandException(
            last.Code, [.. last.Sentences, $"Whether the transfer was accepted is not known: the same command with --key {word} finds out, and makes no second one."]);
    }

    /// <summary>An order that says when all of it was sent.</summary>
    private sealed class OrderContent(ReadOnlyMemory<byte> body, Action sent) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(body, cancellationToken).ConfigureAwait(false);
            sent();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
