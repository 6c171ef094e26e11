using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Godwit.Cli.Addresses;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>A list of checksums: lines of <c>sha256sum</c> and its like, with names or tagged, or a manifest in JSON.</summary>
/// <param name="option">The option that names it, for messages.</param>
/// <param name="file">The file; <c>-</c> is standard input.</param>
/// <param name="asked">The kinds that the user named, for manifests of several.</param>
/// <param name="wiring">What the command line is connected to.</param>
internal sealed class ChecksumList(string option, string file, IReadOnlyList<ChecksumKind> asked, Wiring wiring)
{
    /// <summary>That nothing is where the list says, with the likely reason.</summary>
    public static string NothingThere(string list, Address address, byte[] name) =>
        $"nothing that \"{ArgumentText.Show(list)}\" names is at {address}. Its names, such as \"{PathText.Escape(name)}\", are relative to the "
        + "directory in which the list was made: name that directory.";

    /// <summary>Every line; null for one that is not a checksum and a name. Empty lines and comments are left out.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public async IAsyncEnumerable<ChecksumLine?> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        Stream stream = await OpenAsync(ct).ConfigureAwait(false);
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
            foreach (JsonElement one in document.RootElement.GetProperty("files").EnumerateArray())
            {
                byte[] name = one.TryGetProperty("path_base64", out JsonElement exact)
                    ? exact.GetBytesFromBase64()
                    : Encoding.UTF8.GetBytes(one.GetProperty("path").GetString() ?? "");
                JsonElement checksums = one.GetProperty("checksums");
                ChecksumKind[] order = asked.Count > 0
                    ? [.. asked]
                    : [ChecksumKind.Sha512, ChecksumKind.Sha256, ChecksumKind.Sha1, ChecksumKind.Md5, ChecksumKind.Crc64Nvme, ChecksumKind.Crc32C, ChecksumKind.Adler32];
                lines.Add(order
                    .Where(kind => checksums.TryGetProperty(Checksum.NameOf(kind), out _))
                    .Select(kind => new ChecksumLine(name, checksums.GetProperty(Checksum.NameOf(kind)).GetString() ?? "", kind))
                    .FirstOrDefault());
            }

            return lines;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            string why = e is JsonException ? "it begins like JSON, and is broken or cut off" : "it is JSON of another kind";
            throw new CommandException(
                ExitCode.Usage,
                $"{option} \"{ArgumentText.Show(file)}\" is not a manifest: {why}. Name one that --manifest-kind json wrote, or a list that sha256sum or md5sum reads.");
        }
    }

    private async Task<Stream> OpenAsync(CancellationToken ct)
    {
        try
        {
            return await InputFile.OpenAsync(file, wiring, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"{option} \"{ArgumentText.Show(file)}\" cannot be read: {e.Message}");
        }
    }

    /// <summary>The path of a name in a list, relative to a tree. An absolute name has to lie below it.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: it leads out of the tree.</exception>
    public static StorePath PathBelow(IStore tree, byte[] name)
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
}
