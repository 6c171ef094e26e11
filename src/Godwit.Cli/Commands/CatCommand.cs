using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers.Verify;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit cat URL</c>: a file's bytes on standard output.</summary>
internal static class CatCommand
{
    private const int BlockBytes = 1 << 20;

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var url = new Argument<string>("URL") { Description = "A file." };
        Option<long?> offset = SettingOption.Of<long?>(
            "--offset", "SIZE", "Begin at this byte; with a minus, so far before the end.",
            text => text.StartsWith('-') ? -SizeText.Parse(text[1..]) : SizeText.Parse(text));
        Option<long?> count = SettingOption.Of<long?>("--count", "SIZE", "Write so many bytes at most.", text => SizeText.Parse(text));
        var command = new Command("cat", "Writes the bytes of a file to standard output.") { url, offset, count };
        command.SetAction((parsed, ct) => RunAsync(
            Address.Parse("URL", parsed.GetRequiredValue(url), context.Wiring), parsed.GetValue(offset) ?? 0, parsed.GetValue(count) ?? long.MaxValue, context, ct));
        return command;
    }

    private static async Task<int> RunAsync(Address address, long offset, long count, CommandContext context, CancellationToken ct)
    {
        var found = AddressedEntry.Followed(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = found.ConfigureAwait(false);
        StoreEntry entry = await found.RequireAsync(ct).ConfigureAwait(false);
        if (entry.Kind != EntryKind.File)
        {
            throw new CommandException(ExitCode.Usage, $"\"{address}\" is {Words.One(entry.Kind)}; cat writes files.");
        }

        try
        {
            long from = offset < 0 ? Math.Max(0, entry.Length + offset) : Math.Min(offset, entry.Length);
            long length = Math.Min(count, entry.Length - from);
            Stream output = context.Wiring.OpenOutput();
            await using ConfiguredAsyncDisposable closingOutput = output.ConfigureAwait(false);
            await (found.Store.RangedRead is { } ranged && length < entry.Length
                ? WriteRangeAsync(ranged, entry, from, length, output, ct)
                : WriteAsync(found.Store, entry.Path, from, length, output, ct)).ConfigureAwait(false);
            return (int)ExitCode.Success;
        }
        catch (StoreException e)
        {
            return (int)(await new ExitFacts().ReportAsync(e, found.Path, context.Error, found.Store.Identity).ConfigureAwait(false)).Choose();
        }
    }

    private static async Task WriteRangeAsync(
        IRangedRead ranged, StoreEntry entry, long from, long length, Stream output, CancellationToken ct)
    {
        Stream body = await ranged.OpenRangeAsync(entry.Path, entry.Version, from, length, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = body.ConfigureAwait(false);
        await CopyAsync(body, length, entry.Path, read => output.WriteAsync(read, ct), ct).ConfigureAwait(false);
    }

    /// <summary>Reads from the first byte on, so that a whole file can be held against what its store says of it.</summary>
    private static async Task WriteAsync(IStore store, StorePath path, long from, long length, Stream output, CancellationToken ct)
    {
        StoreBody body = await store.OpenReadAsync(path, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = body.ConfigureAwait(false);
        await CopyAsync(body.Content, from, path, _ => ValueTask.CompletedTask, ct).ConfigureAwait(false);
        using var reading = new ProveReading(body.Entry);
        await CopyAsync(
            body.Content,
            length,
            path,
            read =>
            {
                reading.Append(read.Span);
                return output.WriteAsync(read, ct);
            },
            ct).ConfigureAwait(false);
        if (length == body.Entry.Length)
        {
            reading.Require();
        }
    }

    private static async Task CopyAsync(Stream body, long length, StorePath path, Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken ct)
    {
        var block = new byte[(int)Math.Min(BlockBytes, Math.Max(length, 1))];
        for (long left = length; left > 0;)
        {
            int read = await body.ReadAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)), ct).ConfigureAwait(false);
            if (read == 0)
            {
                throw new StoreException(StoreErrorKind.Interrupted, $"The file ended {left} bytes early.") { Path = path };
            }

            await take(block.AsMemory(0, read)).ConfigureAwait(false);
            left -= read;
        }
    }
}
