using Godwit.Transfers.Plan.Listed;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>The filter options of a command, as they were written.</summary>
public sealed record FilterOptions
{
    /// <summary><c>--include</c> patterns. With one of these, what no rule means is left out.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary><c>--exclude</c> patterns; they come after all <see cref="Include"/>.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary><c>--filter</c> rules (<c>+ P</c>, <c>- P</c>, <c>!</c> which forgets all rules so far); they come last.</summary>
    public IReadOnlyList<string> Filter { get; init; } = [];

    /// <summary><c>--ignore-case</c>: patterns take upper and lower case alike.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary><c>--files-from</c>: only these; null for no such list.</summary>
    public FileSet? Files { get; init; }

    /// <summary><c>--min-size</c>; a file of exactly this size is taken.</summary>
    public string? MinSize { get; init; }

    /// <summary><c>--max-size</c>; a file of exactly this size is taken.</summary>
    public string? MaxSize { get; init; }

    /// <summary><c>--min-age</c>: files changed later than that are left out. One whose time is not known is taken.</summary>
    public string? MinAge { get; init; }

    /// <summary><c>--max-age</c>: files changed earlier than that are left out. One whose time is not known is taken.</summary>
    public string? MaxAge { get; init; }

    /// <summary><c>--max-depth</c>: names of a path at most; 1 is the root's own files.</summary>
    public int? MaxDepth { get; init; }

    /// <summary><c>--exclude-if-present</c>: a directory with an entry of such a name is left out whole.</summary>
    public IReadOnlyList<string> ExcludeIfPresent { get; init; } = [];

    /// <summary>Makes the filter; a file has to pass all of the options.</summary>
    /// <param name="time">Gives the present, once, for ages.</param>
    public FilterSelection Build(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new FilterReading(this, time.GetUtcNow()).Finish();
    }
}

/// <summary>A filter, or what is wrong with the options.</summary>
/// <param name="Filter">The filter; <see cref="EntryFilter.All"/> itself when no option was given.</param>
/// <param name="Files">The list of exact paths, which knows what was not met; null without one.</param>
/// <param name="Faults">One sentence for each fault, with the option and its value; the filter is used only when there is none.</param>
public sealed record FilterSelection(EntryFilter Filter, FileSet? Files, IReadOnlyList<string> Faults)
{
    /// <summary>The list of files where some have another name at the destination, or a checksum; null without one. <see cref="Files"/> is null
    /// then.</summary>
    public ListedFiles? Listed { get; init; }
}
