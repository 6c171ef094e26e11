namespace Godwit.Storage;

/// <summary>Keeps the free pairs that a file was written with (<see cref="WriteMetadata.Pairs"/>), in one call and by parts, and tells them.</summary>
public interface IUserMetadata
{
    /// <summary>The pairs of a file and the file that they belong to, as one look shows both; null where no file is there.</summary>
    ValueTask<FileWithPairs?> GetAsync(StorePath path, CancellationToken ct);
}

/// <summary>A file with what it carries.</summary>
/// <param name="Entry">The file.</param>
/// <param name="Pairs">Its pairs, names in lower case: those it was written with, and, unless <see cref="WriteMetadata.PairsAlone"/> was asked for, what
/// the store itself keeps in this way. Empty where there are none.</param>
public sealed record FileWithPairs(StoreEntry Entry, IReadOnlyDictionary<string, string> Pairs);
