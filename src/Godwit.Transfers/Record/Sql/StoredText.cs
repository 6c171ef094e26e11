using System.Text;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Text as every database holds it. What a server says in an error need not be text.</summary>
internal static class StoredText
{
    private const char Instead = '\uFFFD';

    /// <summary>The text, with U+FFFD for U+0000, at which SQLite ends a text that it gives back and which PostgreSQL refuses, and for halves of characters.</summary>
    public static string Of(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
        ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', Instead)
        : text.Replace('\0', Instead);
}
