using System.Globalization;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>Names within a box, layout 1: where everything of a file is kept, and which file a name belongs to. See <c>DropBox.md</c>.</summary>
internal static class DropBoxLayout
{
    /// <summary>The number of this layout.</summary>
    public const int Format = 1;

    /// <summary>Letters and digits of an upload's id at most.</summary>
    public const int IdLength = 32;

    private const byte Mark = (byte)'!';

    /// <summary>What says which layout the box has.</summary>
    public static StorePath FormatFile { get; } = StorePath.FromText("godwit-relay.json");

    private static readonly StorePath s_data = StorePath.FromText("data");
    private static readonly StorePath s_pending = StorePath.FromText("pending");
    private static readonly StorePath s_files = StorePath.FromText("files");
    private static readonly StorePath s_done = StorePath.FromText("done");
    private static readonly StorePath s_runs = StorePath.FromText("runs");
    private static readonly StorePath s_condemned = StorePath.FromText("condemned");
    private static readonly string s_longestId = new('0', IdLength);

    /// <summary>The record of the newest version of a file.</summary>
    public static StorePath Record(StorePath path) => Files(path.Parent).Child([.. path.Name, Mark]);

    /// <summary>What was delivered last of a file.</summary>
    public static StorePath Done(StorePath path) => Dones(path.Parent).Child([.. path.Name, Mark]);

    /// <summary>The directory of what was delivered last of files that lie directly in a directory.</summary>
    public static StorePath Dones(StorePath directory) => Within(s_done, directory);

    /// <summary>The marker of a version that waits to be delivered.</summary>
    public static StorePath Marker(StorePath path, string id) =>
        Pending(path.Parent).Child([.. path.Name, Mark, .. System.Text.Encoding.ASCII.GetBytes(id)]);

    /// <summary>The longest of all names that a file needs.</summary>
    public static StorePath LongestName(StorePath path) => path.IsRoot ? path : Marker(path, s_longestId);

    /// <summary>The directory of the markers of files that lie directly in a directory.</summary>
    public static StorePath Pending(StorePath directory) => Within(s_pending, directory);

    /// <summary>The directory of the records of files that lie directly in a directory.</summary>
    public static StorePath Files(StorePath directory) => Within(s_files, directory);

    /// <summary>The directory of what hosts say of their newest runs.</summary>
    public static StorePath Runs() => s_runs;

    /// <summary>The directory of the directories of all payloads.</summary>
    public static StorePath Data() => s_data;

    /// <summary>The directory of an upload's payload.</summary>
    public static StorePath Data(string id) => s_data.Join(StorePath.FromText(id));

    /// <summary>The payload of one part.</summary>
    public static StorePath Data(string id, int number) =>
        Data(id).Join(StorePath.FromText(number.ToString("D8", CultureInfo.InvariantCulture)));

    /// <summary>Lies beside a payload that is about to be swept.</summary>
    public static StorePath Condemned(string id) => Data(id).Join(s_condemned);

    /// <summary>The number of the part that a payload's name tells; null for names of others.</summary>
    public static int? PartNumber(ReadOnlySpan<byte> name) =>
        name.Length == 8 && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>Whether a text can be an id: 1 to 32 letters and digits, so that it leads nowhere else.</summary>
    public static bool IsId(string? id) => id is { Length: > 0 and <= IdLength } && id.All(char.IsAsciiLetterOrDigit);

    /// <summary>The file's name and the id that a marker's name tells; null for names of others.</summary>
    public static (byte[] Name, string Id)? OfMarker(ReadOnlySpan<byte> name)
    {
        int mark = name.LastIndexOf(Mark);
        string id = mark > 0 ? System.Text.Encoding.Latin1.GetString(name[(mark + 1)..]) : "";
        return IsId(id) ? (name[..mark].ToArray(), id) : null;
    }

    /// <summary>The file's name that a record's name tells; null for names of others.</summary>
    public static byte[]? OfRecord(ReadOnlySpan<byte> name) => name.Length > 1 && name[^1] == Mark ? name[..^1].ToArray() : null;

    /// <summary>The directory's name that a directory's name in the box tells; null for names of others.</summary>
    public static byte[]? OfDirectory(ReadOnlySpan<byte> name) =>
        name[^1] != Mark ? name.ToArray() : name.Length > 1 && name[^2] == Mark ? name[..^1].ToArray() : null;

    /// <summary>The directory that a place in a tree of the box belongs to; null for places of others.</summary>
    public static StorePath? OfPlace(StorePath place)
    {
        StorePath directory = StorePath.Root;
        foreach (Range segment in place.IsRoot ? default : place.Bytes.Split((byte)'/'))
        {
            if (OfDirectory(place.Bytes[segment]) is not { } name)
            {
                return null;
            }

            directory = directory.Child(name);
        }

        return directory;
    }

    /// <summary>A directory's place in a tree of the box. One whose name ends as a record's does gets another mark, so that no record falls on
    /// it.</summary>
    private static StorePath Within(StorePath tree, StorePath directory)
    {
        if (directory.IsRoot)
        {
            return tree;
        }

        if (!directory.Bytes.Contains(Mark))
        {
            return tree.Join(directory);
        }

        StorePath place = tree;
        foreach (Range segment in directory.Bytes.Split((byte)'/'))
        {
            ReadOnlySpan<byte> name = directory.Bytes[segment];
            place = name[^1] == Mark ? place.Child([.. name, Mark]) : place.Child(name);
        }

        return place;
    }
}
