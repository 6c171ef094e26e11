using System.Text;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>Where CTA Ingest keeps what.</summary>
internal static class CtaIngestLayout
{
    /// <summary>Begins what stands for a name that is no text; no file has it.</summary>
    public const string Unreadable = "\0";

    /// <summary>What all keys of parts begin with.</summary>
    public const string Parts = "parts";

    /// <summary>The files that are at the source.</summary>
    public static StorePath Origin { get; } = StorePath.FromText("origin.json");

    /// <summary>The parts that a file was packed into.</summary>
    public static StorePath Disassemble { get; } = StorePath.FromText("disassemble.json");

    /// <summary>Those of them that are in the box.</summary>
    public static StorePath Upload { get; } = StorePath.FromText("upload.json");

    /// <summary>The files that are at the destination.</summary>
    public static StorePath Target { get; } = StorePath.FromText("target.json");

    /// <summary>The parts that the other program has fetched.</summary>
    public static StorePath Download { get; } = StorePath.FromText("download.json");

    /// <summary>All five.</summary>
    public static IReadOnlyList<StorePath> StateFiles { get; } = [Origin, Disassemble, Upload, Target, Download];

    /// <summary>The paths that <c>disassemble.json</c> tells, for parts that are put in by one attempt; a key is one of them after <see cref="Parts"/>.</summary>
    /// <param name="attempt">A mark of the attempt: two never mix.</param>
    /// <param name="name">The file.</param>
    /// <param name="number">The part, from 0.</param>
    public static string PartPath(string attempt, string name, int number) => $"/godwit/{attempt}/{name}/{SuffixOf(number)}";

    /// <summary>Where a part is; null where no such key can be one.</summary>
    public static StorePath? PlaceOf(string key)
    {
        if (!key.StartsWith(Parts + "/", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return StorePath.FromText(key);
        }
        catch (StoreException)
        {
            return null;
        }
    }

    /// <summary>The file that a name in a state file means; null where it can be none.</summary>
    public static StorePath? FileOf(string name)
    {
        try
        {
            return !name.StartsWith(Unreadable, StringComparison.Ordinal) && StorePath.FromText(name) is var path && IsFlat(path) ? path : null;
        }
        catch (StoreException)
        {
            return null;
        }
    }

    /// <summary>What a file is called in a state file.</summary>
    public static string NameOf(StorePath path) => Encoding.UTF8.GetString(path.Bytes);

    /// <summary>Whether a name is one that this layout has.</summary>
    public static bool IsFlat(StorePath path) => !path.IsRoot && path.Parent.IsRoot;

    /// <summary>Makes sure that no state file is where a box of another layout is to be made.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unsupported"/>: one is.</exception>
    public static async ValueTask RequireNoneAsync(IStore inner, CancellationToken ct)
    {
        foreach (StorePath file in StateFiles)
        {
            try
            {
                await (await inner.OpenReadAsync(file, ct).ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.Unsupported)
            {
                continue;
            }

            throw new StoreException(
                StoreErrorKind.Unsupported, $"{inner.Identity} holds \"{file}\": it is a drop box of CTA Ingest. Give --layout cta-ingest, or name another place.");
        }
    }

    /// <summary>What GNU split calls its pieces: two letters, and two more whenever the first ones are used up, so that they sort as they are
    /// numbered.</summary>
    public static string SuffixOf(int number)
    {
        // With n letters after those that say how many there are, the first of which is no z: 25 * 26^(n-1) names.
        (long rest, long most, int letters, string before) = (number, 25 * 26, 2, "");
        while (rest >= most)
        {
            (rest, most, letters, before) = (rest - most, most * 26, letters + 1, before + "z");
        }

        var name = new char[letters];
        for (int i = letters - 1; i >= 0; i--, rest /= 26)
        {
            name[i] = (char)('a' + (rest % 26));
        }

        return before + new string(name);
    }
}
