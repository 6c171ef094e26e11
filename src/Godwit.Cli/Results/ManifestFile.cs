using System.Text.Json;
using Godwit.Cli.Commands;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>The files that a run delivered, with checksums, and those that the file lists already. Paths are those below the destination, so that
/// the checking programs are started there.</summary>
/// <param name="ledger">Holds the receipts.</param>
/// <param name="transfer">The run.</param>
/// <param name="root">The destination's root within its space.</param>
/// <param name="known">What the file lists already.</param>
/// <param name="isGone">Whether a file that is listed already was deleted since.</param>
internal sealed class ManifestFile(ILedger ledger, string transfer, StorePath root, KnownManifest known, Func<StorePath, bool> isGone)
{
    /// <summary>Writes the manifest.</summary>
    /// <exception cref="IOException">It cannot be written, or a receipt lacks the checksum.</exception>
    public async Task WriteAsync(string file, ManifestKind kind)
    {
        try
        {
            await WholeFile.WriteAsync(
                file, kind == ManifestKind.Json ? WriteJsonAsync : stream => WriteLinesAsync(stream, KnownManifest.KindOf(kind))).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FormatException or JsonException or StoreException or CommandException)
        {
            throw new IOException($"it was changed meanwhile, and stays as it is: {e.Message}; godwit show {transfer} --files lists what was delivered", e);
        }
    }

    private async Task WriteLinesAsync(Stream stream, ChecksumKind kind)
    {
        await foreach ((Receipt? delivered, KnownLine? before) in FilesAsync().ConfigureAwait(false))
        {
            if (delivered is not { } receipt)
            {
                await stream.WriteAsync((byte[])[.. ChecksumLine.Write(before!.Checksum!.Value, before.Path.Bytes, tagged: false), (byte)'\n']).ConfigureAwait(false);
                continue;
            }

            // The checking programs would follow a link, and read a file that is listed itself or was never delivered.
            if (receipt.Route == Receipt.LinkRoute)
            {
                continue;
            }

            Checksum? checksum = receipt.Checksums.Cast<Checksum?>().FirstOrDefault(one => one!.Value.Kind == kind);
            Checksum known = checksum ?? throw new IOException($"The receipt of \"{PathOf(receipt)}\" holds no {Checksum.NameOf(kind)}.");
            byte[] line = [.. ChecksumLine.Write(known, PathOf(receipt).Bytes, tagged: false), (byte)'\n'];
            await stream.WriteAsync(line).ConfigureAwait(false);
        }
    }

    private async Task WriteJsonAsync(Stream stream)
    {
        var json = new Utf8JsonWriter(stream, JsonFields.Options with { Indented = true });
        await using (json.ConfigureAwait(false))
        {
            json.WriteStartObject();
            json.WriteNumber("v", RunReport.Version);
            json.WriteString("id", transfer);
            json.WriteStartArray("files");
            await foreach ((Receipt? delivered, KnownLine? before) in FilesAsync().ConfigureAwait(false))
            {
                if (delivered is { } receipt)
                {
                    WriteFile(json, receipt);
                }
                else
                {
                    before!.Json.WriteTo(json);
                }

                if (json.BytesPending > 32 * 1024)
                {
                    await json.FlushAsync().ConfigureAwait(false);
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private void WriteFile(Utf8JsonWriter json, Receipt receipt)
    {
        json.WriteStartObject();
        json.WritePath("path", PathOf(receipt));
        json.WriteNumber("bytes", receipt.Intent.Length);
        json.WriteChecksums(receipt.Checksums);
        json.WriteString("verdict", Words.Of(receipt.Verdict));
        json.WriteString("source_proof", Words.Of(receipt.SourceProof));
        json.WriteString("delivered", receipt.Delivered.ToString());
        json.WriteEndObject();
    }

    private StorePath PathOf(Receipt receipt) => receipt.Intent.Destination.RelativeTo(root);

    /// <summary>Both in order of their paths; of a file that is delivered now, its receipt alone.</summary>
    private async IAsyncEnumerable<(Receipt? Delivered, KnownLine? Before)> FilesAsync()
    {
        IAsyncEnumerator<KnownLine?> lines = known.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        await using (lines.ConfigureAwait(false))
        {
            bool more = await lines.MoveNextAsync().ConfigureAwait(false);
            // What is written at the end of a stopped run is written all the same.
            await foreach (Receipt receipt in PastFiles.ReceiptsAsync(ledger, transfer, CancellationToken.None).ConfigureAwait(false))
            {
                for (; more && Sound(lines.Current).Path <= PathOf(receipt); more = await lines.MoveNextAsync().ConfigureAwait(false))
                {
                    if (lines.Current!.Path != PathOf(receipt) && !isGone(lines.Current.Path))
                    {
                        yield return (null, lines.Current);
                    }
                }

                yield return (receipt, null);
            }

            for (; more; more = await lines.MoveNextAsync().ConfigureAwait(false))
            {
                if (!isGone(Sound(lines.Current).Path))
                {
                    yield return (null, lines.Current);
                }
            }
        }
    }

    private static KnownLine Sound(KnownLine? line) => line ?? throw new FormatException("a line of it is none that --manifest writes");
}
