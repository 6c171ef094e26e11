using System.Buffers;
using System.Text;
using System.Text.Json;
using Godwit.Cli.Commands;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Cli.Results;

/// <summary>The beginning of a file that is there: what it tells of what the file is.</summary>
internal sealed class FileHead
{
    private const int MostBytes = 64 * 1024;
    private const int LongestName = 4096;

    private readonly byte[] _bytes;

    private FileHead(byte[] bytes) => _bytes = bytes;

    /// <summary>Reads it; null where there is no file, where it is empty, and where it cannot be read: then nothing can be said against it.</summary>
    public static FileHead? Read(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            var head = new byte[MostBytes];
            int length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return length > 0 ? new FileHead(head[..length]) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether it is text: no NUL, and UTF-8 up to a letter that the end of the head cuts.</summary>
    public bool IsText()
    {
        ReadOnlySpan<byte> rest = _bytes;
        while (!rest.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(rest, out Rune letter, out int length);
            if (status == OperationStatus.NeedMoreData && _bytes.Length == MostBytes)
            {
                return true;
            }

            if (status != OperationStatus.Done || letter.Value == 0)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    /// <summary>Whether it is a JSON object whose first fields are these.</summary>
    public bool BeginsWith(params string[] fields)
    {
        try
        {
            var json = new Utf8JsonReader(_bytes, isFinalBlock: false, default);
            bool isSo = json.Read() && json.TokenType == JsonTokenType.StartObject;
            foreach (string field in fields)
            {
                isSo = isSo && json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals(field) && json.Read();
            }

            return isSo;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The names, where it may be a list of some; null for what is plainly none: binary data, a program, JSON, a list of checksums. A name can be
    /// almost anything, so more cannot be told.</summary>
    /// <param name="end">What ends a name: a line's end, or NUL.</param>
    /// <param name="signed">Whether a sign and a space stand before each.</param>
    /// <param name="ct">Cancels the call.</param>
    public async Task<IReadOnlyList<StorePath>?> NamesAsync(byte end, bool signed, CancellationToken ct)
    {
        if (end != 0 && (_bytes.Contains((byte)0) || Begins("#!"u8) || Begins("{\n"u8) || Begins("{\""u8)))
        {
            return null;
        }

        var names = new MemoryStream();
        foreach (byte[] line in Pieces(end))
        {
            if (line.Length > LongestName || (signed && line is not [(byte)'=' or (byte)'+' or (byte)'-' or (byte)'*' or (byte)'!', (byte)' ', ..]))
            {
                return null;
            }

            names.Write(signed ? line.AsSpan(2) : line);
            names.WriteByte(end);
        }

        try
        {
            names.Position = 0;
            return IsChecksums(end) ? null : [.. (await ListedAsync(names, end, ct).ConfigureAwait(false)).Select(one => one.Source)];
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static Task<IReadOnlyList<ListedFile>> ListedAsync(Stream names, byte end, CancellationToken ct) =>
        end == 0 ? PathList.ReadNulAsync(names, ct) : PathList.ReadLinesAsync(names, ct);

    private bool IsChecksums(byte end) => Pieces(end).FirstOrDefault() is { } first && ChecksumLine.Read(first)?.Expected(null) is not null;

    private bool Begins(ReadOnlySpan<byte> with) => _bytes.AsSpan().StartsWith(with);

    /// <summary>What is whole in it: the last piece of a longer file is cut off, and nobody knows how it goes on, unless it is too long already.</summary>
    private IEnumerable<byte[]> Pieces(byte end)
    {
        int from = 0;
        for (int at; (at = Array.IndexOf(_bytes, end, from)) >= 0; from = at + 1)
        {
            if (at > from)
            {
                yield return _bytes[from..at];
            }
        }

        if (from < _bytes.Length && (_bytes.Length < MostBytes || _bytes.Length - from > LongestName))
        {
            yield return _bytes[from..];
        }
    }
}
