using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Notices;

/// <summary>Who is told of which transfers.</summary>
/// <param name="Targets">Whom.</param>
public sealed record NoticeRule(IReadOnlyList<INoticeTarget> Targets)
{
    /// <summary>The words for how a transfer ended, and the states that each stands for.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<TransferState>> Words { get; } = new Dictionary<string, IReadOnlyList<TransferState>>
    {
        ["success"] = [TransferState.Success],
        ["failure"] = [TransferState.Partial, TransferState.Error],
        ["canceled"] = [TransferState.Canceled],
    };

    /// <summary>The states of which they are told: that of success and those of failure, where nothing else is said.</summary>
    public IReadOnlySet<TransferState> On { get; init; } = new HashSet<TransferState> { TransferState.Success, TransferState.Partial, TransferState.Error };

    /// <summary>The projects whose transfers they are told of; empty for all.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];

    /// <summary>Whether they are told of a transfer that ended so.</summary>
    public bool Wants(Submission transfer, TransferState state)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        return On.Contains(state) && (Projects.Count == 0 || Projects.Contains(transfer.Project));
    }
}
