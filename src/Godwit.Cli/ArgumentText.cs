using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli;

/// <summary>
/// Arguments as text that keeps every byte: what is not UTF-8 becomes a lone surrogate U+DC80 to U+DCFF per byte, which no UTF-8
/// decodes to, and back (the way of Python's <c>surrogateescape</c>). So a parser of strings can carry names that are not Unicode.
/// </summary>
internal static class ArgumentText
{
    private const char Replacement = '\ufffd';

    /// <summary>Bytes as text.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes) => NameText.Decode(bytes);

    /// <summary>The bytes that the text stands for.</summary>
    public static byte[] ToBytes(string text) => NameText.Encode(text);

    /// <summary>The text for people: no control characters, and bytes that are not UTF-8 as <c>\xNN</c>.</summary>
    public static string Show(string text) => PathText.Escape(ToBytes(text));

    /// <summary>The arguments of this process without loss: where the runtime put a replacement character, the kernel is asked.</summary>
    public static string[] OfProcess(string[] decoded)
    {
        if (!Array.Exists(decoded, argument => argument.Contains(Replacement, StringComparison.Ordinal)))
        {
            return decoded;
        }

        byte[] line = File.ReadAllBytes("/proc/self/cmdline");
        List<string> all = [];
        foreach (Range range in line.AsSpan().TrimEnd((byte)0).Split((byte)0))
        {
            all.Add(FromBytes(line.AsSpan()[range]));
        }

        // The program's own name, and the runtime's where that started it, come first. Trailing empty arguments end in bare NULs.
        int trailing = decoded.Reverse().TakeWhile(argument => argument.Length == 0).Count();
        all.AddRange(Enumerable.Repeat("", trailing));
        return [.. all.TakeLast(decoded.Length)];
    }
}
