using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>Names of entries, without the directories above them.</summary>
public sealed class NameSet(IEnumerable<StorePath> names)
{
    private readonly StorePath[] _names = [.. names];

    /// <summary>No name at all.</summary>
    public static NameSet None { get; } = new([]);

    /// <summary>Whether there is no name in it.</summary>
    public bool IsEmpty => _names.Length == 0;

    /// <summary>Whether the last name of a path is one of them.</summary>
    public bool HasNameOf(StorePath path)
    {
        foreach (StorePath name in _names)
        {
            if (path.Name.SequenceEqual(name.Bytes))
            {
                return true;
            }
        }

        return false;
    }
}
