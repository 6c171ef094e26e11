using Godwit.Storage;

namespace Godwit.Transfers.Record.Sql;

/// <summary>Checksums as the ledger's columns hold them: <c>sha256:ab12 md5:cd34</c>, so that evidence can be read with any SQL shell.</summary>
internal static class ChecksumText
{
    private static readonly Dictionary<string, ChecksumKind> Kinds =
        Enum.GetValues<ChecksumKind>().ToDictionary(Checksum.NameOf, StringComparer.Ordinal);

    public static string Write(IReadOnlyList<Checksum> checksums) =>
        checksums.Count == 1 ? checksums[0].ToString() : string.Join(' ', checksums);

    /// <exception cref="FormatException">The text holds something else.</exception>
    public static IReadOnlyList<Checksum> Read(string text) =>
        text.Length == 0 ? [] : [.. text.Split(' ').Select(ReadOne)];

    /// <exception cref="FormatException">The text holds something else.</exception>
    public static Checksum ReadOne(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            && Kinds.TryGetValue(text[..colon], out ChecksumKind kind)
            && Checksum.TryParse(kind, text[(colon + 1)..], out Checksum checksum)
            ? checksum
            : throw new FormatException($"\"{text}\" is not a checksum.");
    }
}
