using Godwit.Storage;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>Reads the filter options and collects all faults.</summary>
internal sealed class FilterReading(FilterOptions options, DateTimeOffset now)
{
    private readonly List<string> _faults = [];
    private readonly List<FilterRule> _rules = [];

    public FilterSelection Finish()
    {
        FilterRules rules = ReadRules();
        long? minSize = Read("--min-size", options.MinSize, FilterAmounts.Bytes);
        long? maxSize = Read("--max-size", options.MaxSize, FilterAmounts.Bytes);
        Timestamp? notAfter = Read("--min-age", options.MinAge, text => FilterAmounts.Moment(text, now));
        Timestamp? notBefore = Read("--max-age", options.MaxAge, text => FilterAmounts.Moment(text, now));
        int depth = options.MaxDepth ?? int.MaxValue;
        if (depth < 1)
        {
            _faults.Add($"--max-depth {depth}: it must be at least 1.");
        }

        NameSet marks = ReadMarks();
        if (minSize > maxSize)
        {
            _faults.Add($"--min-size {options.MinSize} is more than --max-size {options.MaxSize}: no file can be taken.");
        }

        if (notBefore > notAfter)
        {
            _faults.Add($"--min-age {options.MinAge} is more than --max-age {options.MaxAge}: no file can be taken.");
        }

        FileSet? files = options.Files;
        PatternsMet? patterns = rules.IsEmpty ? null : new PatternsMet();
        bool all = rules.IsEmpty && marks.IsEmpty && files is null && options.MaxDepth is null
            && minSize is null && maxSize is null && notAfter is null && notBefore is null;
        var filter = new EntryFilter(Includes, Descends)
        {
            Covers = Covers,
            CoversBelow = CoversBelow,
            Patterns = patterns,
            ByTime = notAfter is not null || notBefore is not null,
            Marks = marks,
            IsByName = files is not null,
            LeftOutBelow = directory => files?.LeaveOutBelow(directory),
        };
        files?.LeavesOut = LeavesOut;
        return new FilterSelection(all || _faults.Count > 0 ? EntryFilter.All : filter, files, _faults);

        // What is too young or too large today is taken by the patterns all the same.
        bool Includes(StoreEntry entry) => (files is null || files.MeetAtOrBelow(entry.Path))
            && Noted(entry, (patterns is null || patterns.Meet(entry, rules.Take(entry.Path))) && IsInBounds(entry));

        // What only the destination has is covered where the list names it itself: below a directory that is named as one, nothing is deleted.
        bool Covers(StoreEntry entry) => (files is null || files.Contains(entry.Path)) && IsInBounds(entry) && rules.Take(entry.Path);

        bool IsInBounds(StoreEntry entry) =>
            DepthOf(entry.Path) <= depth
            && (entry.Kind != EntryKind.File || (!(entry.Length < minSize) && !(entry.Length > maxSize)))
            && !(entry.Modified > notAfter) && !(entry.Modified < notBefore);

        bool Descends(StoreEntry entry) =>
            (files is null || files.MeetDirectory(entry.Path))
            && Noted(entry, DepthOf(entry.Path) < depth && (patterns is null || patterns.Meet(entry, rules.MayTakeBelow(entry.Path))));

        bool Noted(StoreEntry entry, bool isTaken)
        {
            if (!isTaken)
            {
                files?.LeaveOut(entry.Path);
            }

            return isTaken;
        }

        bool LeavesOut(StorePath path)
        {
            for (StorePath above = path.Parent; !above.IsRoot; above = above.Parent)
            {
                if (DepthOf(above) >= depth || !rules.MayTakeBelow(above))
                {
                    return true;
                }
            }

            return false;
        }

        bool CoversBelow(StoreEntry entry) =>
            DepthOf(entry.Path) < depth && (files is null || files.ReachesInto(entry.Path)) && rules.MayTakeBelow(entry.Path);
    }

    private NameSet ReadMarks()
    {
        var names = new List<StorePath>();
        foreach (string text in options.ExcludeIfPresent)
        {
            byte[] name = NameText.Encode(text);
            if (name.Length == 0 || name.AsSpan().ContainsAny((byte)'/', (byte)0) || text is "." or "..")
            {
                _faults.Add($"--exclude-if-present \"{text}\": write the name of a file, without a directory.");
            }
            else
            {
                names.Add(StorePath.FromBytes(name));
            }
        }

        return new NameSet(names);
    }

    private FilterRules ReadRules()
    {
        foreach (string pattern in options.Include)
        {
            Add("--include", pattern, true, pattern);
        }

        foreach (string pattern in options.Exclude)
        {
            Add("--exclude", pattern, false, pattern);
        }

        foreach (string rule in options.Filter)
        {
            ReadRule(rule);
        }

        if (options.Include.Count > 0)
        {
            _rules.Add(new FilterRule(false, GlobPattern.Parse("**")));
        }

        return new FilterRules(_rules);
    }

    private void ReadRule(string rule)
    {
        if (rule == "!")
        {
            _rules.Clear();
        }
        else if (rule.StartsWith("+ ", StringComparison.Ordinal) || rule.StartsWith("- ", StringComparison.Ordinal))
        {
            Add("--filter", rule, rule[0] == '+', rule[2..]);
        }
        else
        {
            _faults.Add($"--filter \"{rule}\": a rule is \"+ PATTERN\", \"- PATTERN\" or \"!\".");
        }
    }

    private void Add(string option, string value, bool include, string pattern)
    {
        try
        {
            _rules.Add(new FilterRule(include, GlobPattern.Parse(pattern, options.IgnoreCase)));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException)
        {
            _faults.Add($"{option} \"{value}\": {e.Message}.");
        }
    }

    private T? Read<T>(string option, string? text, Func<string, T> read)
        where T : struct
    {
        try
        {
            return text is null ? null : read(text);
        }
        catch (FormatException e)
        {
            _faults.Add($"{option} \"{text}\" {e.Message}.");
            return null;
        }
    }

    private static int DepthOf(StorePath path) => path.Bytes.Count((byte)'/') + 1;
}
