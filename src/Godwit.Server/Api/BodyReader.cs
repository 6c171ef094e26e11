using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>A body of any length, value by value or line by line: no more of it is in memory than one of these.</summary>
/// <param name="body">The body.</param>
/// <param name="hash">Gets every byte of it.</param>
internal sealed class BodyReader(Stream body, IncrementalHash hash)
{
    private const int LongestValue = 1 << 20;

    private byte[] _buffer = new byte[65_536];
    private int _start;
    private int _end;
    private bool _isEnd;
    private JsonReaderState _state;

    private ReadOnlySpan<byte> Held => _buffer.AsSpan(_start, _end - _start);

    /// <summary>The next token; its text where it is a property's name.</summary>
    public async ValueTask<(JsonTokenType Kind, string? Name)> TokenAsync(CancellationToken ct)
    {
        (JsonTokenType Kind, string? Name)? token;
        while ((token = TryToken()) is null)
        {
            await FillAsync(ct).ConfigureAwait(false);
        }

        return token.Value;
    }

    /// <summary>The next value; null where the list ends here.</summary>
    public async ValueTask<JsonDocument?> ValueAsync(CancellationToken ct)
    {
        JsonDocument? value;
        bool isOver;
        while (!TryValue(out value, out isOver))
        {
            await FillAsync(ct).ConfigureAwait(false);
        }

        return isOver ? null : value;
    }

    /// <summary>The next line that is not empty; null at the end.</summary>
    public async ValueTask<JsonDocument?> LineAsync(CancellationToken ct)
    {
        while (true)
        {
            int length = Held.IndexOf((byte)'\n');
            if (length < 0 && !_isEnd)
            {
                await FillAsync(ct).ConfigureAwait(false);
                continue;
            }

            bool isLast = length < 0;
            length = isLast ? Held.Length : length;
            ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
            _start += isLast ? length : length + 1;
            if (line.Span.Trim(" \t\r"u8).Length > 0)
            {
                return ParseLine(line.ToArray());
            }

            if (isLast)
            {
                return null;
            }
        }
    }

    /// <summary>Makes certain that nothing follows.</summary>
    public async ValueTask EndAsync(CancellationToken ct)
    {
        while (!_isEnd)
        {
            TryToken();
            await FillAsync(ct).ConfigureAwait(false);
        }

        TryToken();
    }

    /// <summary>Reads the rest for the sake of its hash.</summary>
    public async ValueTask DrainAsync(CancellationToken ct)
    {
        while (!_isEnd)
        {
            _start = _end;
            await FillAsync(ct).ConfigureAwait(false);
        }
    }

    private static JsonDocument ParseLine(ReadOnlyMemory<byte> line)
    {
        try
        {
            return Utf8.IsValid(line.Span) ? JsonDocument.Parse(line) : throw NotUnicode();
        }
        catch (JsonException e)
        {
            throw JsonText.NotJson(e);
        }
    }

    private (JsonTokenType Kind, string? Name)? TryToken()
    {
        try
        {
            var reader = new Utf8JsonReader(Held, _isEnd, _state);
            if (!reader.Read())
            {
                return null;
            }

            (JsonTokenType, string?) token = (reader.TokenType, reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null);
            Take(in reader);
            return token;
        }
        catch (JsonException e)
        {
            throw JsonText.NotJson(e);
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode();
        }
    }

    private bool TryValue(out JsonDocument? value, out bool isOver)
    {
        value = null;
        isOver = false;
        try
        {
            var reader = new Utf8JsonReader(Held, _isEnd, _state);
            if (!reader.Read())
            {
                return false;
            }

            if (reader.TokenType == JsonTokenType.EndArray)
            {
                isOver = true;
                Take(in reader);
                return true;
            }

            if (!JsonDocument.TryParseValue(ref reader, out value))
            {
                return false;
            }

            bool isUnicode = Utf8.IsValid(Held[..(int)reader.BytesConsumed]);
            Take(in reader);
            return isUnicode ? true : throw NotUnicode();
        }
        catch (JsonException e)
        {
            throw JsonText.NotJson(e);
        }
    }

    private void Take(in Utf8JsonReader reader)
    {
        _start += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
    }

    private async ValueTask FillAsync(CancellationToken ct)
    {
        if (_isEnd)
        {
            throw ProblemException.Malformed("", "The body ends too early.");
        }

        Held.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
        {
            if (_end >= LongestValue)
            {
                throw new ProblemException(Problem.OfStatus(StatusCodes.Status413PayloadTooLarge) with { Detail = "One value of the body is larger than 1 MiB." });
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = await body.ReadAsync(_buffer.AsMemory(_end), ct).ConfigureAwait(false);
        hash.AppendData(_buffer, _end, read);
        _end += read;
        _isEnd = read == 0;
    }

    private static ProblemException NotUnicode() => ProblemException.Malformed("", "The body is not UTF-8.");
}
