using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Transfers.Record;

/// <summary>Housekeeping with one fault planted in it.</summary>
internal sealed class FaultyHousekeeping(OpenedSubmissions opened) : IHousekeeping
{
    /// <summary>By the beginning of the sentence that has to notice.</summary>
    public static IReadOnlyDictionary<string, Func<OpenedSubmissions, OpenedSubmissions>> All { get; } =
        new Dictionary<string, Func<OpenedSubmissions, OpenedSubmissions>>
        {
            ["What is old"] = opened => opened with { Housekeeping = new FaultyHousekeeping(opened) { Before = before => new Timestamp(before.Nanoseconds + 1) } },
            ["No more of a kind"] = opened => opened with { Housekeeping = new FaultyHousekeeping(opened) { Limit = limit => limit + 1 } },
            ["Nothing is removed of"] = opened => opened with { Housekeeping = new FaultyHousekeeping(opened) { First = EndAllAsync } },
            ["An event that notices"] = opened => opened with { Housekeeping = new FaultyHousekeeping(opened) { First = UnfollowAsync } },
            ["Notices and releases"] = opened => opened with { Housekeeping = new FaultyHousekeeping(opened) { First = GiveUpAsync } },
            ["A planned time whose note"] = opened => opened with { Schedules = new FaultySchedules(opened.Schedules) { Firing = run => run with { IsByHand = true } } },
        };

    private Func<Timestamp, Timestamp> Before { get; init; } = before => before;

    private Func<int, int> Limit { get; init; } = limit => limit;

    private Func<OpenedSubmissions, Task> First { get; init; } = _ => Task.CompletedTask;

    public async ValueTask<int> PruneAsync(Timestamp before, int limit, CancellationToken ct)
    {
        await First(opened);
        return await opened.Housekeeping.PruneAsync(Before(before), Limit(limit), ct);
    }

    private static async Task EndAllAsync(OpenedSubmissions of)
    {
        foreach (Submission one in await of.Submissions.ListOpenAsync(null, 99, default))
        {
            await of.Submissions.StepAsync(one.Id, one.State!.Value, TransferState.Canceled, null, new Timestamp(0), default);
        }
    }

    private static Task UnfollowAsync(OpenedSubmissions of) => of.Notices.StopFollowingAsync(default).AsTask();

    private static Task GiveUpAsync(OpenedSubmissions of) => of.Notices.GiveUpOthersAsync([], "nobody", new Timestamp(0), default).AsTask();
}
