using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;

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
            Address.Parse("URL", parsed.GetRequiredValue(url)), parsed.GetValue(offset) ?? 0, parsed.GetValue(count) ?? long.MaxValue, context, ct));
        return command;
    }

    private static async Task<int> RunAsync(Address address, long offset, long count, CommandContext context, CancellationToken ct)
    {
        var found = AddressedEntry.Followed(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = found.ConfigureAwait(false);
        StoreEntry entry = await found.RequireAsync(ct).ConfigureAwait(false);
        if (entry.Kind != EntryKind.File)
        {
            throw new CommandException(ExitCode.Usage, $"\"{address}\" is a {Words.Of(entry.Kind)}; cat writes files.");
        }

        try
        {
            long from = offset < 0 ? Math.Max(0, entry.Length + offset) : Math.Min(offset, entry.Length);
            long length = Math.Min(count, entry.Length - from);
            Stream body = await OpenAsync(found.Store, entry, from, length, ct).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable closingBody = body.ConfigureAwait(false);
            Stream output = context.Wiring.OpenOutput();
            await using ConfiguredAsyncDisposable closingOutput = output.ConfigureAwait(false);
            await CopyAsync(body, output, length, entry.Path, ct).ConfigureAwait(false);
            return (int)ExitCode.Success;
        }
        catch (StoreException e)
        {
            return (int)(await new ExitFacts().ReportAsync(e, found.Path, context.Error).ConfigureAwait(false)).Choose();
        }
    }

    private static async Task<Stream> OpenAsync(IStore store, StoreEntry entry, long offset, long length, CancellationToken ct)
    {
        if (store.RangedRead is { } ranged && (offset > 0 || length < entry.Length))
        {
            return await ranged.OpenRangeAsync(entry.Path, entry.Version, offset, length, ct).ConfigureAwait(false);
        }

        StoreBody body = await store.OpenReadAsync(entry.Path, ct).ConfigureAwait(false);
        await CopyAsync(body.Content, Stream.Null, offset, entry.Path, ct).ConfigureAwait(false);
        return body.Content;
    }

    private static async Task CopyAsync(Stream body, Stream output, long length, StorePath path, CancellationToken ct)
    {
        var block = new byte[(int)Math.Min(BlockBytes, Math.Max(length, 1))];
        for (long left = length; left > 0;)
        {
            int read = await body.ReadAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)), ct).ConfigureAwait(false);
            if (read == 0)
            {
                throw new StoreException(StoreErrorKind.Interrupted, $"The file ended {left} bytes early.") { Path = path };
            }

            await output.WriteAsync(block.AsMemory(0, read), ct).ConfigureAwait(false);
            left -= read;
        }
    }
}
