using System.Text;
using Godwit.Storage;

namespace Godwit.Transfers.Move;

/// <summary>Names that Godwit gives to files that are not whole yet, or that only ask a question. At a destination they may belong to another run, of
/// this machine or of another one, and no sync deletes them. At a source see <see cref="Plan.PartialFiles"/>.</summary>
internal static class OwnNames
{
    private static ReadOnlySpan<byte> Partial => ".godwit-part"u8;

    private static ReadOnlySpan<byte> Aside => "old"u8;

    private static ReadOnlySpan<byte> Beginning => ".godwit-"u8;

    private static ReadOnlySpan<byte> Question => ".same-place"u8;

    /// <summary>A name in a root that nobody else has, for a file that is only looked for.</summary>
    public static StorePath NewQuestion() => StorePath.FromBytes([.. Beginning, .. Encoding.ASCII.GetBytes(UploadTag.New()), .. Question]);

    /// <summary>Whether a path ends with such a name.</summary>
    public static bool IsOne(StorePath path)
    {
        ReadOnlySpan<byte> name = path.Name;
        return name.StartsWith("."u8) && (name.EndsWith(Partial) || (name.StartsWith(Beginning) && name.EndsWith(Question)));
    }

    /// <summary>The tag of a partial file's name, <c>.NAME.TAG.godwit-part</c>, or of what a store without an overwriting rename puts aside for a
    /// moment, <c>.NAME.oldTAG.godwit-part</c>; null for any other name.</summary>
    public static string? TagOf(StorePath path)
    {
        ReadOnlySpan<byte> name = path.Name;
        if (!IsOne(path) || !name.EndsWith(Partial))
        {
            return null;
        }

        ReadOnlySpan<byte> before = name[..^Partial.Length];
        ReadOnlySpan<byte> last = before[(before.LastIndexOf((byte)'.') + 1)..];
        string tag = Encoding.ASCII.GetString(last.StartsWith(Aside) && last.Length > UploadTag.Length ? last[Aside.Length..] : last);
        return UploadTag.IsOne(tag) ? tag : null;
    }
}
