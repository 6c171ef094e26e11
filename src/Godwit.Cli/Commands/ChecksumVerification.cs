using System.Runtime.CompilerServices;
using System.Text;
using Godwit.Cli.Addresses;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>Verifies the files that a list names, below one directory. A name that leads out of it is a failure.</summary>
internal sealed class ChecksumVerification(string list, IReadOnlyList<ChecksumKind> asked, bool quiet, CommandContext context)
{
    private ExitFacts _facts = new();
    private long _right;
    private long _wrong;
    private long _unread;
    private long _missing;
    private byte[]? _first;

    /// <summary>Verifies them. Exit 1 when a file is not what the list says, 5 or 6 when one could not be read, 2 for a list that is none.</summary>
    public async Task<ExitCode> RunAsync(string url, CancellationToken ct)
    {
        var address = Address.Parse("URL", url, context.Wiring);
        var place = AddressedEntry.Followed(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = place.ConfigureAwait(false);
        if ((await place.RequireAsync(ct).ConfigureAwait(false)).Kind != EntryKind.Directory)
        {
            throw new CommandException(ExitCode.DirectoryNotFound, $"\"{address}\" is not a directory.");
        }

        IStore tree = AddressedEntry.Tree(address, context.Wiring);
        await using ConfiguredAsyncDisposable closingTree = tree.ConfigureAwait(false);
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        await foreach (ChecksumLine? line in new ChecksumList("--check", list, asked, context.Wiring).ReadAsync(ct).ConfigureAwait(false))
        {
            if (line?.Expected(asked.Count == 1 ? asked[0] : null) is { } expected)
            {
                await VerifyAsync(tree, line.Name, expected, output, ct).ConfigureAwait(false);
            }
            else
            {
                _unread++;
            }
        }

        return await EndAsync(address).ConfigureAwait(false);
    }

    private async Task VerifyAsync(IStore tree, byte[] name, Checksum expected, ByteOutput output, CancellationToken ct)
    {
        try
        {
            StorePath path = ChecksumList.PathBelow(tree, name);
            (IReadOnlyList<Checksum> found, _) = await ChecksumReading.OfAsync(tree, path, [expected.Kind], ct).ConfigureAwait(false);
            bool right = found[0] == expected;
            (_right, _wrong) = right ? (_right + 1, _wrong) : (_right, _wrong + 1);
            if (!right || !quiet)
            {
                Say(name, right ? ": OK" : ": FAILED", output);
            }
        }
        catch (StoreException e)
        {
            _missing += e.Kind == StoreErrorKind.NotFound ? 1 : 0;
            _first ??= name;
            Say(name, ": FAILED open or read", output);
            _facts = await _facts.ReportAsync(e, tree.Identity.Root, context.Error).ConfigureAwait(false);
        }
    }

    private async Task<ExitCode> EndAsync(Address address)
    {
        if (_right + _wrong + _facts.MayPass + _facts.ForGood == 0)
        {
            throw new CommandException(ExitCode.Usage, $"--check \"{ArgumentText.Show(list)}\" holds no line of a checksum and a name. "
                + "Write --kind for a kind that the number of digits does not tell, such as adler32.");
        }

        if (_missing > 0 && _missing == _right + _wrong + _facts.MayPass + _facts.ForGood)
        {
            await context.Error.WriteLineAsync($"godwit: {ChecksumList.NothingThere(list, address, _first!)}").ConfigureAwait(false);
        }

        if (_unread > 0)
        {
            string files = _unread == 1 ? "is not a checksum and a name; its file was" : "are not a checksum and a name; their files were";
            await context.Error.WriteLineAsync($"godwit: {Amount.Of(_unread, "line")} of the list {files} not verified.").ConfigureAwait(false);
        }

        if (_wrong > 0)
        {
            await context.Error.WriteLineAsync($"godwit: {Amount.Of(_wrong, "file")} {(_wrong == 1 ? "does" : "do")} not match.").ConfigureAwait(false);
        }

        return (_facts with { Other = _wrong + _unread > 0 }).Choose();
    }

    private static void Say(byte[] name, string what, ByteOutput output)
    {
        ReadOnlySpan<byte> mark = name.AsSpan().ContainsAny("\\\n\r"u8) ? "\\"u8 : default;
        output.Line([.. mark, .. PathList.Escape(name), .. Encoding.ASCII.GetBytes(what)]);
    }
}
