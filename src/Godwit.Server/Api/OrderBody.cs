using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>What is sent to hand over a transfer: first what it is, then its files one by one.</summary>
/// <param name="reader">The body.</param>
/// <param name="isLines">One JSON object a line, the first one without files; otherwise one object, whose files come last.</param>
internal sealed class OrderBody(BodyReader reader, bool isLines)
{
    private const int LongestHead = 1 << 20;

    /// <summary>Whether it names files, as far as that is known: the head was read.</summary>
    public bool NamesFiles { get; private set; }

    /// <summary>Everything but the files.</summary>
    public async ValueTask<JsonElement> HeadAsync(CancellationToken ct)
    {
        if (isLines)
        {
            NamesFiles = true;
            using JsonDocument? line = await reader.LineAsync(ct).ConfigureAwait(false);
            return line?.RootElement.Clone() ?? throw ProblemException.Malformed("", "The body is empty.");
        }

        return await ObjectAsync(new ArrayBufferWriter<byte>(), ct).ConfigureAwait(false);
    }

    /// <summary>The next file; null after the last one.</summary>
    public async ValueTask<JsonDocument?> NextFileAsync(CancellationToken ct)
    {
        if (isLines)
        {
            return await reader.LineAsync(ct).ConfigureAwait(false);
        }

        if (await reader.ValueAsync(ct).ConfigureAwait(false) is { } file)
        {
            return file;
        }

        (JsonTokenType kind, string? name) = await reader.TokenAsync(ct).ConfigureAwait(false);
        if (kind == JsonTokenType.PropertyName)
        {
            throw ProblemException.Refused("files", $"\"files\" has to come last: \"{name}\" follows it.");
        }

        await reader.EndAsync(ct).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<JsonElement> ObjectAsync(ArrayBufferWriter<byte> head, CancellationToken ct)
    {
        if ((await reader.TokenAsync(ct).ConfigureAwait(false)).Kind != JsonTokenType.StartObject)
        {
            throw ProblemException.Malformed("", "The body is no JSON object.");
        }

        using var writer = new Utf8JsonWriter(head);
        writer.WriteStartObject();
        while (await reader.TokenAsync(ct).ConfigureAwait(false) is (JsonTokenType.PropertyName, { } name))
        {
            if (name == "files")
            {
                NamesFiles = (await reader.TokenAsync(ct).ConfigureAwait(false)).Kind == JsonTokenType.StartArray
                    ? true
                    : throw ProblemException.Malformed("files", "It is no list.");
                break;
            }

            using JsonDocument? value = await reader.ValueAsync(ct).ConfigureAwait(false);
            writer.WritePropertyName(name);
            writer.WriteRawValue(value!.RootElement.GetRawText(), skipInputValidation: true);
            if (writer.BytesCommitted + writer.BytesPending > LongestHead)
            {
                throw new ProblemException(Problem.OfStatus(StatusCodes.Status413PayloadTooLarge) with { Detail = "All but the files is larger than 1 MiB." });
            }
        }

        if (!NamesFiles)
        {
            await reader.EndAsync(ct).ConfigureAwait(false);
        }

        writer.WriteEndObject();
        writer.Flush();
        return JsonText.Parse(head.WrittenMemory);
    }
}
