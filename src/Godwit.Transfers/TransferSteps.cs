using static Godwit.Transfers.TransferState;

namespace Godwit.Transfers;

/// <summary>One step that a transfer may take.</summary>
/// <param name="From">The state that it leaves; null for a transfer that is accepted.</param>
/// <param name="To">The state that it enters.</param>
/// <param name="Cause">Why, in a few words.</param>
public sealed record TransferStep(TransferState? From, TransferState To, string Cause);

/// <summary>The states of a transfer and the steps between them: the one table that all else goes by.</summary>
/// <remarks>A transfer that ended may be tried again; then it begins a new round with what was not delivered. Within a round no state is entered twice.</remarks>
public static class TransferSteps
{
    private const string TimeUsedUp = "its time is used up";
    private const string Asked = "somebody cancelled it";
    private const string Again = "retried, in a new round";

    /// <summary>Every step that there is. No other is ever taken.</summary>
    public static IReadOnlyList<TransferStep> All { get; } =
    [
        new(null, Submitted, "accepted"),
        new(Submitted, Staging, "its turn, where a stager is named"),
        new(Submitted, Preparing, "its turn, where only a prepare step is named"),
        new(Submitted, Transferring, "its turn, where neither is named"),
        new(Submitted, Error, TimeUsedUp),
        new(Submitted, Canceled, Asked),
        new(Staging, Staged, "the stager is done"),
        new(Staging, Error, "the stager refused or failed, or " + TimeUsedUp),
        new(Staging, Canceled, Asked),
        new(Staged, Preparing, "its turn, where a prepare step is named"),
        new(Staged, Transferring, "its turn, where none is named"),
        new(Staged, Error, TimeUsedUp),
        new(Staged, Canceled, Asked),
        new(Preparing, Prepared, "the prepare step is done"),
        new(Preparing, Error, "the prepare step failed, or " + TimeUsedUp),
        new(Preparing, Canceled, Asked),
        new(Prepared, Transferring, "its turn"),
        new(Prepared, Error, TimeUsedUp),
        new(Prepared, Canceled, Asked),
        new(Transferring, Success, "everything arrived"),
        new(Transferring, Partial, "some files arrived and some did not"),
        new(Transferring, Error, "no file arrived, or " + TimeUsedUp),
        new(Transferring, Canceled, Asked),
        new(Partial, Submitted, Again),
        new(Error, Submitted, Again),
        new(Canceled, Submitted, Again),
    ];

    /// <summary>Whether a transfer may go from one state to another.</summary>
    public static bool Allows(TransferState from, TransferState to) => All.Any(step => step.From == from && step.To == to);

    /// <summary>Whether nothing follows by itself.</summary>
    public static bool IsEnd(TransferState state) => state is Success or Partial or Error or Canceled;

    /// <summary>Whether it waits for its turn, so that a queue has it.</summary>
    public static bool IsWaiting(TransferState state) => state is Submitted or Staged or Prepared;

    /// <summary>How a service goes on with a transfer that it finds in a state when it starts.</summary>
    public static string AfterStart(TransferState state) => state switch
    {
        Submitted or Staged or Prepared => "waits for its turn again",
        Staging or Preparing => "whoever was asked is asked again where that was not acknowledged, with the same id and code; otherwise it waits on, within the same time or ten minutes longer, because nobody could call back meanwhile",
        Transferring => "a new run of the same round goes on: what was delivered stays, parts are taken up; where the run had ended, only the state follows",
        _ => "stays",
    };

    /// <summary>The word of the API, of events and of reports: <c>SUBMITTED</c> and so on.</summary>
    public static string NameOf(TransferState state) => state.ToString().ToUpperInvariant();

    /// <summary>The state of a word, in capitals or not; null where none is called that.</summary>
    public static TransferState? Find(string name) =>
        Enum.GetValues<TransferState>().Where(state => NameOf(state).Equals(name, StringComparison.OrdinalIgnoreCase)).Cast<TransferState?>().FirstOrDefault();
}
