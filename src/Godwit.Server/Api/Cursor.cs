using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Where a page ended. It belongs to one question: what was altered, or comes from another question, is refused. It is no secret: whoever makes one
/// up still sees only what he may see.</summary>
internal static class Cursor
{
    private const int MarkBytes = 8;

    /// <summary>The cursor after a key, for a question.</summary>
    public static string Write(string question, string key)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(key);
        return Base64Url.EncodeToString([.. Mark(question, bytes), .. bytes]);
    }

    /// <summary>The key of the cursor that a request names; null where it names none.</summary>
    public static string? Read(HttpRequest request, string question)
    {
        string? text = request.Query["cursor"];
        if (text is null)
        {
            return null;
        }

        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        int written = Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text, bytes) : 0;
        ReadOnlySpan<byte> all = bytes.AsSpan(0, written);
        return all.Length >= MarkBytes && all[..MarkBytes].SequenceEqual(Mark(question, all[MarkBytes..]))
            ? Encoding.UTF8.GetString(all[MarkBytes..])
            : throw ProblemException.Malformed("cursor", "It is not a cursor of this list. Begin again without one.");
    }

    /// <summary>The number of the cursor that a request names; null where it names none.</summary>
    public static long? Number(HttpRequest request, string question) => Read(request, question) is not { } text ? null
        : long.TryParse(text, CultureInfo.InvariantCulture, out long number) ? number
        : throw ProblemException.Malformed("cursor", "It is not a cursor of this list. Begin again without one.");

    /// <summary>How many entries a page may have.</summary>
    public static int Limit(HttpRequest request) => request.Query["limit"].ToString() switch
    {
        "" => 100,
        string text when int.TryParse(text, out int limit) && limit is >= 1 and <= 1000 => limit,
        _ => throw ProblemException.Malformed("limit", "It is a number from 1 to 1000."),
    };

    private static byte[] Mark(string question, ReadOnlySpan<byte> key)
    {
        byte[] named = Encoding.UTF8.GetBytes(question);
        return SHA256.HashData([.. BitConverter.GetBytes(named.Length), .. named, .. key])[..MarkBytes];
    }
}
