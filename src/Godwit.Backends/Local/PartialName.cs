using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>The name under which a file lies beside its final name until it is published.</summary>
internal static class PartialName
{
    /// <summary>Bytes of a name at most.</summary>
    public const int MaxBytes = 255;

    private const int MaxTag = 32;

    private static ReadOnlySpan<byte> Suffix => ".godwit-part"u8;

    /// <summary><c>.NAME.TAG.godwit-part</c>, with as much of the name as fits; a character of UTF-8 is never cut in two.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.InvalidRequest"/>: the tag is not 1 to 32 letters and digits.</exception>
    public static byte[] For(ReadOnlySpan<byte> name, string tag)
    {
        if (tag.Length is 0 or > MaxTag || !tag.All(char.IsAsciiLetterOrDigit))
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"The tag \"{tag}\" is not 1 to {MaxTag} letters and digits.");
        }

        int room = MaxBytes - Suffix.Length - tag.Length - 2;
        ReadOnlySpan<byte> kept = name.Length <= room ? name : Cut(name, room);
        return [(byte)'.', .. kept, (byte)'.', .. tag.Select(c => (byte)c), .. Suffix];
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> name, int room)
    {
        int end = room;
        while (end > 0 && PathText.IsUtf8(name) && (name[end] & 0xc0) == 0x80)
        {
            end--;
        }

        return name[..end];
    }
}
