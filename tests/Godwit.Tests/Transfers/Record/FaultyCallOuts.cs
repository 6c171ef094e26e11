using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Transfers.Record;

/// <summary>Call-outs with one fault planted in them.</summary>
internal sealed class FaultyCallOuts(ICallOuts inner) : ICallOuts
{
    private static readonly Dictionary<string, Func<ICallOuts, FaultyCallOuts>> s_faults = new()
    {
        ["A call-out begins once"] = inner => new(inner) { Wanting = one => one.Id == "c2" ? one with { Stage = CallStage.Prepare } : one },
        ["An id of two"] = inner => new(inner) { IsQuiet = true },
        ["Whoever is asked again"] = inner => new(inner) { Hashing = hash => hash == "new" ? "h" : hash },
        ["A try to ask"] = inner => new(inner) { Faults = fault => fault ?? "none" },
        ["Nobody is asked"] = inner => new(inner) { AsksAlways = true },
        ["An answer is taken once"] = inner => new(inner) { Answering = answer => answer with { Message = "" } },
        ["The same answer again"] = inner => new(inner) { Taken = taken => taken == AnswerTaken.Differs ? AnswerTaken.Repeated : taken },
        ["An answer of a transfer"] = inner => new(inner) { Taken = taken => taken == AnswerTaken.TooLate ? AnswerTaken.Taken : taken },
        ["An answer of a round"] = inner => new(inner) { Taken = taken => taken == AnswerTaken.TooLate ? AnswerTaken.Unknown : taken },
        ["An answer at the deadline"] = inner => new(inner) { Answering = answer => answer with { At = new Timestamp(answer.At.Nanoseconds - 1) } },
        ["Where nobody could answer"] = inner => new(inner) { Allowing = moment => new Timestamp(moment.Nanoseconds / 2) },
        ["A wrong code"] = inner => new(inner) { Hashing = hash => hash.ToUpperInvariant() },
        ["A call-out is as it was"] = inner => new(inner) { Found = one => one with { Acknowledged = null } },
        ["The call-outs of a transfer"] = inner => new(inner) { Listed = all => [.. all.OrderBy(one => one.What.Stage)] },
        ["Whoever may have heard"] = inner => new(inner) { IsForgetful = true },
        ["What is due for release"] = inner => new(inner) { Listed = all => [.. all.OrderBy(one => one.What.Id, StringComparer.Ordinal)] },
        ["A release that failed"] = inner => new(inner) { Releasing = tried => tried with { Next = tried.Next ?? new Timestamp(0) } },
    };

    /// <summary>By the beginning of the sentence that has to notice.</summary>
    public static IReadOnlyDictionary<string, Func<OpenedSubmissions, OpenedSubmissions>> All { get; } =
        s_faults.ToDictionary<KeyValuePair<string, Func<ICallOuts, FaultyCallOuts>>, string, Func<OpenedSubmissions, OpenedSubmissions>>(
            fault => fault.Key, fault => opened => opened with { CallOuts = fault.Value(opened.CallOuts) });

    private Func<NewCallOut, NewCallOut> Wanting { get; init; } = one => one;

    private Func<string, string> Hashing { get; init; } = hash => hash;

    private Func<string?, string?> Faults { get; init; } = fault => fault;

    private Func<CallAnswer, CallAnswer> Answering { get; init; } = answer => answer;

    private Func<AnswerTaken, AnswerTaken> Taken { get; init; } = taken => taken;

    private Func<Timestamp, Timestamp> Allowing { get; init; } = moment => moment;

    private Func<CallOut, CallOut> Found { get; init; } = one => one;

    private Func<IReadOnlyList<CallOut>, IReadOnlyList<CallOut>> Listed { get; init; } = all => all;

    private Func<ReleaseTry, ReleaseTry> Releasing { get; init; } = tried => tried;

    private bool IsQuiet { get; init; }

    private bool AsksAlways { get; init; }

    private bool IsForgetful { get; init; }

    public async ValueTask<CallOut> BeginAsync(NewCallOut wanted, CancellationToken ct)
    {
        try
        {
            return await inner.BeginAsync(Wanting(wanted), ct);
        }
        catch (LedgerException) when (IsQuiet)
        {
            return new CallOut(wanted);
        }
    }

    public async ValueTask<bool> AskAsync(string id, string codeHash, Timestamp when, CancellationToken ct) =>
        await inner.AskAsync(id, Hashing(codeHash), when, ct) || AsksAlways;

    public ValueTask<bool> RecordAskedAsync(string id, string? fault, Timestamp when, CancellationToken ct) => inner.RecordAskedAsync(id, Faults(fault), when, ct);

    public async ValueTask<AnswerTaken> AnswerAsync(string id, string codeHash, CallAnswer answer, CancellationToken ct) =>
        Taken(await inner.AnswerAsync(id, Hashing(codeHash), Answering(answer), ct));

    public ValueTask AllowUntilAsync(Timestamp moment, CancellationToken ct) => inner.AllowUntilAsync(Allowing(moment), ct);

    public async ValueTask<CallOut?> FindAsync(string id, CancellationToken ct) => await inner.FindAsync(id, ct) is { } found ? Found(found) : null;

    public async ValueTask<IReadOnlyList<CallOut>> ListAsync(string submission, CancellationToken ct) => Listed(await inner.ListAsync(submission, ct));

    public async ValueTask<IReadOnlyList<CallOut>> ListToReleaseAsync(Timestamp due, int limit, CancellationToken ct) =>
        IsForgetful ? [] : Listed(await inner.ListToReleaseAsync(due, limit, ct));

    public ValueTask<Timestamp?> NextReleaseAsync(CancellationToken ct) => inner.NextReleaseAsync(ct);

    public ValueTask<bool> RecordReleaseAsync(string id, ReleaseTry tried, CancellationToken ct) =>
        inner.RecordReleaseAsync(id, tried.Fault is null ? tried : Releasing(tried), ct);
}
