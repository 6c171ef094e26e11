using Godwit.Storage;

namespace Godwit.Transfers.Plan.Filters;

/// <summary>One rule: a file that the pattern means is taken, or left out.</summary>
public sealed record FilterRule(bool Include, GlobPattern Pattern);

/// <summary>Rules in order: the first whose pattern means a file decides about it; a file that none means is taken.</summary>
public sealed class FilterRules(IReadOnlyList<FilterRule> rules)
{
    /// <summary>Whether there is no rule.</summary>
    public bool IsEmpty => rules.Count == 0;

    /// <summary>Whether a file at this path is taken.</summary>
    public bool Take(StorePath path)
    {
        string text = NameText.Decode(path.Bytes);
        foreach (FilterRule rule in rules)
        {
            if (rule.Pattern.Matches(text))
            {
                return rule.Include;
            }
        }

        return true;
    }

    /// <summary>Whether a file below this directory can be taken. May say yes in vain, never no.</summary>
    public bool MayTakeBelow(StorePath directory)
    {
        string text = NameText.Decode(directory.Bytes);
        foreach (FilterRule rule in rules)
        {
            if (rule.Include && rule.Pattern.MayMatchBelow(text))
            {
                return true;
            }

            if (!rule.Include && rule.Pattern.CoversBelow(text))
            {
                return false;
            }
        }

        return true;
    }
}
