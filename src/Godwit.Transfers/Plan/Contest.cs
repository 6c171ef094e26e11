using Godwit.Storage;

namespace Godwit.Transfers.Plan;

/// <summary>A place that source and destination use for things of different kinds: a file on one side, a directory on the other.</summary>
/// <param name="Path">The place.</param>
/// <param name="There">What the destination has there.</param>
public sealed record Contest(StorePath Path, EntryKind There)
{
    /// <summary>Whether what is there now is still in the way.</summary>
    public bool IsKept(StoreEntry? now) => now is not null && (now.Kind == EntryKind.Directory) == (There == EntryKind.Directory);

    /// <summary>Why a line of the plan cannot be carried out.</summary>
    /// <param name="remedy">What becomes of it, or what to do.</param>
    /// <param name="mayPass">Whether a later run may do better.</param>
    public FileFailure Failure(string remedy, bool mayPass)
    {
        string what = There switch
        {
            EntryKind.Directory => "directory",
            EntryKind.Link => "link",
            EntryKind.File => "file",
            _ => "device, pipe or socket",
        };
        string wanted = There == EntryKind.Directory ? "a file or a link" : "a directory";
        return new FileFailure(
            "in-the-way", StoreSide.Destination, $"DST has a {what} \"{Path}\" where SRC has {wanted}: {remedy}.", mayPass, NextStep.GiveUp);
    }
}
