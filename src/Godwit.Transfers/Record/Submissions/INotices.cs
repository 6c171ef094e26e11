using Godwit.Storage;

namespace Godwit.Transfers.Record.Submissions;

/// <summary>What is told of transfers that ended, to whom, and what became of it. A notice that was written down waits until it is delivered or given up, after a
/// restart, too.</summary>
/// <remarks>As in <see cref="ILedger"/>, a call that returns is durable and is one transaction; failures are <see cref="LedgerException"/>.</remarks>
public interface INotices
{
    /// <summary>Up to which number of the journal notices were made; null where nobody was told anything until now.</summary>
    ValueTask<long?> FollowedAsync(CancellationToken ct);

    /// <summary>Takes all that the journal holds as followed, so that notices begin with what happens from now on.</summary>
    /// <returns>The journal's last number; 0 where it is empty.</returns>
    ValueTask<long> SkipAsync(CancellationToken ct);

    /// <summary>Forgets up to where the journal was followed: nobody is told anything any more. Notices stay.</summary>
    ValueTask StopFollowingAsync(CancellationToken ct);

    /// <summary>Writes notices down together with up to where the journal was followed. A notice of a transfer, round and target that is there already stays as it
    /// is.</summary>
    /// <param name="upTo">The number of the last event that was looked at.</param>
    /// <param name="notices">What is to be told; may be empty.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="LedgerException">Also: no such transfer was accepted; then nothing of the call was written.</exception>
    ValueTask FollowAsync(long upTo, IReadOnlyList<NewNotice> notices, CancellationToken ct);

    /// <summary>The waiting notice of a target whose next try comes first, due or not; null where none waits.</summary>
    ValueTask<Notice?> NextAsync(string target, CancellationToken ct);

    /// <summary>Writes down what became of a try.</summary>
    /// <returns>False where no such notice waits; then nothing was written.</returns>
    ValueTask<bool> RecordAsync(string id, NoticeTry tried, CancellationToken ct);

    /// <summary>Gives up what waits for any other target than these.</summary>
    /// <param name="targets">Who is told something.</param>
    /// <param name="fault">Why it is given up.</param>
    /// <param name="when">The moment.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>How many were given up.</returns>
    ValueTask<int> GiveUpOthersAsync(IReadOnlyCollection<string> targets, string fault, Timestamp when, CancellationToken ct);

    /// <summary>Lets a notice that was given up, or that waits, be tried at once, as if it was new.</summary>
    /// <returns>False where it was delivered, or is none; then nothing was written.</returns>
    ValueTask<bool> RetryAsync(string id, Timestamp when, CancellationToken ct);

    /// <summary>A notice; null where the id is not one's.</summary>
    ValueTask<Notice?> FindAsync(string id, CancellationToken ct);

    /// <summary>Notices, newest first.</summary>
    /// <param name="status">Which; null for all.</param>
    /// <param name="before">The number of the last one of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="ct">Cancels the call.</param>
    ValueTask<IReadOnlyList<Notice>> ListAsync(NoticeStatus? status, long? before, int limit, CancellationToken ct);
}

/// <summary>What is to be told to one target, before it is written down.</summary>
/// <param name="Id">Unique; its reader knows by it what he has seen already.</param>
/// <param name="Submission">The transfer.</param>
/// <param name="Round">The round that ended.</param>
/// <param name="State">How it ended.</param>
/// <param name="Ended">When.</param>
/// <param name="Why">What there is to say of it; null for nothing.</param>
/// <param name="Target">Who is told, by the name that the configuration has for him; no secrets.</param>
/// <param name="Made">When the notice was made; its first try is due then.</param>
public sealed record NewNotice(string Id, string Submission, int Round, TransferState State, Timestamp Ended, string? Why, string Target, Timestamp Made);

/// <summary>A notice as the ledger keeps it.</summary>
/// <param name="Number">Greater than that of every notice before it.</param>
/// <param name="What">What is told, and to whom.</param>
public sealed record Notice(long Number, NewNotice What)
{
    /// <summary>How often it was tried since it was made or somebody asked for it again.</summary>
    public int Tries { get; init; }

    /// <summary>When it is tried next; null where it waits no more.</summary>
    public Timestamp? Next { get; init; }

    /// <summary>What was wrong the last time; null for nothing.</summary>
    public string? Fault { get; init; }

    /// <summary>When it arrived; null where it did not.</summary>
    public Timestamp? Delivered { get; init; }

    /// <summary>When it was given up; null where it was not.</summary>
    public Timestamp? Dead { get; init; }

    /// <summary>What became of it.</summary>
    public NoticeStatus Status => Delivered is not null ? NoticeStatus.Delivered : Dead is not null ? NoticeStatus.Dead : NoticeStatus.Waiting;
}

/// <summary>What became of a notice.</summary>
public enum NoticeStatus
{
    /// <summary>It is tried, for the first time or again.</summary>
    Waiting = 0,

    /// <summary>Its target has taken it.</summary>
    Delivered,

    /// <summary>It was given up.</summary>
    Dead,
}

/// <summary>What became of one try.</summary>
/// <param name="At">When.</param>
/// <param name="Fault">What was wrong; null where it was delivered.</param>
/// <param name="Next">When it is tried again; null where it was delivered or is given up.</param>
public sealed record NoticeTry(Timestamp At, string? Fault, Timestamp? Next);
