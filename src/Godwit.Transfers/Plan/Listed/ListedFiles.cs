using Godwit.Storage;

namespace Godwit.Transfers.Plan.Listed;

/// <summary>A list of files of which some get another name or are held against a checksum: they are looked at one by one, no tree is listed.</summary>
public sealed class ListedFiles : IFileList
{
    private const int ToldFaults = 20;

    private readonly List<ListedFile> _byDestination;

    /// <summary>The files, in any order; one that is named twice alike is taken once.</summary>
    public ListedFiles(IEnumerable<ListedFile> files)
    {
        _byDestination = [.. files.OrderBy(file => file.Destination).ThenBy(file => file.Source)];
        for (int i = _byDestination.Count - 1; i > 0; i--)
        {
            if (_byDestination[i].IsSame(_byDestination[i - 1]))
            {
                _byDestination.RemoveAt(i);
            }
        }
    }

    /// <summary>The files, in order of their paths at the source.</summary>
    public IEnumerable<ListedFile> BySource => _byDestination.OrderBy(file => file.Source).ThenBy(file => file.Destination);

    /// <summary>Whether the bytes of some have to pass through here, to be held against a checksum.</summary>
    public bool HasChecksums => _byDestination.Any(file => file.Expected is not null);

    /// <inheritdoc/>
    public ValueTask<bool> HasChecksumsAsync(CancellationToken ct) => ValueTask.FromResult(HasChecksums);

    /// <inheritdoc/>
    public IAsyncEnumerable<ListedFile> BySourceAsync(CancellationToken ct) => BySource.ToAsyncEnumerable();

    /// <summary>Why this list cannot be carried out, each sentence with the lines that it is about; empty when it can.</summary>
    /// <param name="source">Where the files come from.</param>
    /// <param name="destination">Where they go.</param>
    /// <param name="removesSource">Whether each is deleted at the source once it arrived.</param>
    public IReadOnlyList<string> Faults(StoreIdentity source, StoreIdentity destination, bool removesSource) =>
        [.. OfDestinations().Concat(OfSources(removesSource)).Concat(IntoSource(source, destination)).Take(ToldFaults)];

    private IEnumerable<string> OfDestinations()
    {
        // What is below a path does not always follow it at once: "a b" stands between "a" and "a/b".
        var above = new Stack<ListedFile>();
        foreach (ListedFile file in _byDestination)
        {
            while (above.TryPeek(out ListedFile? top) && !MayBeAbove(top.Destination, file.Destination))
            {
                above.Pop();
            }

            ListedFile? other = above.FirstOrDefault(one => one.Destination == file.Destination || file.Destination.IsBelow(one.Destination));
            if (other is not null)
            {
                yield return other.Destination == file.Destination
                    ? $"{other.Where} and {file.Where} both give \"{file.Destination}\". Give each file a name of its own."
                    : $"{other.Where} makes \"{other.Destination}\" a file, and {file.Where} needs it as a directory. Give one of them another name.";
            }

            above.Push(file);
        }
    }

    private static bool MayBeAbove(StorePath above, StorePath path) => path.Bytes.StartsWith(above.Bytes);

    private IEnumerable<string> OfSources(bool removesSource)
    {
        ListedFile? last = null;
        foreach (ListedFile file in removesSource ? BySource : [])
        {
            if (last?.Source == file.Source)
            {
                yield return $"{last.Where} and {file.Where} both take \"{file.Source}\", which is deleted once it arrived. Use copy.";
            }

            last = file;
        }
    }

    private IEnumerable<string> IntoSource(StoreIdentity source, StoreIdentity destination) => source.Space != destination.Space
        ? []
        : _byDestination
            .Where(file => destination.Absolute(file.Destination) is var path && (path == source.Root || path.IsBelow(source.Root)))
            .Select(file => $"{file.Where} would write \"{file.Destination}\" into SRC itself. Give it another name.");
}
