using System.Text;
using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Results;

/// <summary>Standard output, or a file of results, as bytes: names are written as they are, or so that a terminal bears them.</summary>
/// <param name="stream">Where to; disposed with this.</param>
/// <param name="terminal">Whether a person's terminal shows it.</param>
internal sealed class ByteOutput(Stream stream, bool terminal) : IAsyncDisposable
{
    private readonly BufferedStream _buffered = new(stream, 64 * 1024);

    /// <summary>Standard output.</summary>
    public static ByteOutput Standard(Wiring wiring) => new(wiring.OpenOutput(), wiring.OutputIsTerminal);

    /// <summary>Writes text; it holds no names.</summary>
    public void Text(string text) => _buffered.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes) => _buffered.Write(bytes);

    /// <summary>Writes a path as a line of a list has it, without the line's end; on a terminal, escaped for people.</summary>
    public void Name(StorePath path) => Bytes(terminal ? Encoding.UTF8.GetBytes(path.ToString()) : PathList.Line(path));

    /// <summary>Writes a line that may hold any bytes; on a terminal, escaped for people.</summary>
    public void Line(ReadOnlySpan<byte> line)
    {
        Bytes(terminal ? Encoding.UTF8.GetBytes(PathText.Escape(line)) : line);
        Bytes("\n"u8);
    }

    /// <summary>Writes one JSON object as a line.</summary>
    public void Json(Action<Utf8JsonWriter> fields)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, JsonFields.Options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        Bytes(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _buffered.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            await _buffered.DisposeAsync().ConfigureAwait(false);
        }
    }
}
