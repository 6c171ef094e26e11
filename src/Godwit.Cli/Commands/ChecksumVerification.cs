using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Godwit.Cli.Addresses;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>Verifies the files that a list names, below one directory. A name that leads out of it is a failure.</summary>
internal sealed class ChecksumVerification(string list, IReadOnlyList<ChecksumKind> asked, bool quiet, CommandContext context)
{
    private ExitFacts _facts = new();
    private long _right;
    private long _wrong;
    private long _unread;

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
        await foreach (ChecksumLine? line in LinesAsync(ct).ConfigureAwait(false))
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

        return await EndAsync().ConfigureAwait(false);
    }

    private async Task VerifyAsync(IStore tree, byte[] name, Checksum expected, ByteOutput output, CancellationToken ct)
    {
        try
        {
            StorePath path = PathBelow(tree, name);
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
            Say(name, ": FAILED open or read", output);
            _facts = await _facts.ReportAsync(e, tree.Identity.Root, context.Error).ConfigureAwait(false);
        }
    }

    private async Task<ExitCode> EndAsync()
    {
        if (_right + _wrong + _facts.MayPass + _facts.ForGood == 0)
        {
            throw new CommandException(ExitCode.Usage, $"--check \"{ArgumentText.Show(list)}\" holds no line of a checksum and a name. "
                + "Write --kind for a kind that the number of digits does not tell, such as adler32.");
        }

        if (_unread > 0)
        {
            await context.Error.WriteLineAsync($"godwit: {_unread} lines of the list are not a checksum and a name; their files were not verified.")
                .ConfigureAwait(false);
        }

        if (_wrong > 0)
        {
            await context.Error.WriteLineAsync($"godwit: {_wrong} files do not match.").ConfigureAwait(false);
        }

        return (_facts with { Other = _wrong + _unread > 0 }).Choose();
    }

    private async IAsyncEnumerable<ChecksumLine?> LinesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        Stream stream = Open();
        await using ConfiguredAsyncDisposable closing = stream.ConfigureAwait(false);
        var reader = PipeReader.Create(stream);
        ReadResult beginning = await reader.ReadAsync(ct).ConfigureAwait(false);
        bool isJson = beginning.Buffer.FirstSpan is [(byte)'{', ..];
        reader.AdvanceTo(beginning.Buffer.Start);
        Stream whole = reader.AsStream();
        await using ConfiguredAsyncDisposable closingWhole = whole.ConfigureAwait(false);
        if (isJson)
        {
            foreach (ChecksumLine? line in await ReadJsonAsync(whole, ct).ConfigureAwait(false))
            {
                yield return line;
            }

            yield break;
        }

        await foreach ((_, byte[] piece) in PathList.SplitAsync(whole, (byte)'\n', ct).ConfigureAwait(false))
        {
            ReadOnlyMemory<byte> text = piece.AsMemory().TrimEnd((byte)'\r');
            if (text.Length > 0 && text.Span[0] != '#')
            {
                yield return ChecksumLine.Read(text.Span);
            }
        }
    }

    /// <summary>A manifest in JSON: of each file the strongest checksum that it has, or the one asked for.</summary>
    private async Task<List<ChecksumLine?>> ReadJsonAsync(Stream stream, CancellationToken ct)
    {
        var lines = new List<ChecksumLine?>();
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(stream, default, ct).ConfigureAwait(false);
            foreach (JsonElement file in document.RootElement.GetProperty("files").EnumerateArray())
            {
                byte[] name = file.TryGetProperty("path_base64", out JsonElement exact)
                    ? exact.GetBytesFromBase64()
                    : Encoding.UTF8.GetBytes(file.GetProperty("path").GetString() ?? "");
                JsonElement checksums = file.GetProperty("checksums");
                ChecksumKind[] order = asked.Count > 0
                    ? [.. asked]
                    : [ChecksumKind.Sha256, ChecksumKind.Md5, ChecksumKind.Crc64Nvme, ChecksumKind.Crc32C, ChecksumKind.Adler32];
                lines.Add(order
                    .Where(kind => checksums.TryGetProperty(Checksum.NameOf(kind), out _))
                    .Select(kind => new ChecksumLine(name, checksums.GetProperty(Checksum.NameOf(kind)).GetString() ?? "", kind))
                    .FirstOrDefault());
            }

            return lines;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CommandException(ExitCode.Usage, $"--check \"{ArgumentText.Show(list)}\" is not a manifest: {e.Message}");
        }
    }

    private Stream Open()
    {
        try
        {
            return list == "-" ? context.Wiring.OpenInput() : new FileStream(list, FileMode.Open, FileAccess.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"--check \"{ArgumentText.Show(list)}\" cannot be read: {e.Message}");
        }
    }

    private static StorePath PathBelow(IStore tree, byte[] name)
    {
        ReadOnlySpan<byte> bytes = name;
        if (bytes.StartsWith("/"u8))
        {
            var absolute = StorePath.FromBytes(bytes.TrimStart((byte)'/'));
            return absolute.IsBelow(tree.Identity.Root)
                ? absolute.RelativeTo(tree.Identity.Root)
                : throw new StoreException(StoreErrorKind.InvalidRequest, $"\"{PathText.Escape(name)}\" does not lie below /{tree.Identity.Root}.");
        }

        while (bytes.StartsWith("./"u8))
        {
            bytes = bytes[2..];
        }

        return StorePath.FromBytes(bytes);
    }

    private static void Say(byte[] name, string what, ByteOutput output)
    {
        ReadOnlySpan<byte> mark = name.AsSpan().ContainsAny("\\\n\r"u8) ? "\\"u8 : default;
        output.Line([.. mark, .. PathList.Escape(name), .. Encoding.ASCII.GetBytes(what)]);
    }
}
