using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>Who makes transfers ready, as the configuration in force says; replaced as a whole, by any thread.</summary>
public sealed class StagerBook
{
    private IReadOnlyList<StagerRule> _all = [];

    /// <summary>Everybody.</summary>
    public IReadOnlyList<StagerRule> All => Volatile.Read(ref _all);

    /// <summary>From now on these, and nobody else. Who asked before goes on with the rule that he found.</summary>
    /// <param name="rules">Everybody; of one name and kind at most one.</param>
    public void Use(IReadOnlyList<StagerRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Volatile.Write(ref _all, [.. rules]);
    }

    /// <summary>The one of a name who is asked for something; null where there is none.</summary>
    public StagerRule? Find(CallStage stage, string name) => All.FirstOrDefault(rule => rule.Stage == stage && rule.Name == name);
}
