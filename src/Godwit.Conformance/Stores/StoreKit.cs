using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>
/// The conformance kit: sentences about a store as data, and the code that proves them on one. The tests run it on every stack,
/// <c>godwit store check</c> on a user's own server, and the table of stores is made from it.
/// </summary>
public static class StoreKit
{
    /// <summary>Every sentence, grouped as the files are.</summary>
    public static IReadOnlyList<StoreCheck> All { get; } =
    [
        .. Reading.All, .. Writing.All, .. Cancellation.All, .. CancelledUploads.All, .. CancelledCapabilities.All,
        .. Listing.All, .. Names.All, .. Metadata.All, .. Pairs.All, .. Parts.All,
        .. Resuming.All, .. Copying.All, .. Deleting.All, .. FileSystem.All, .. SecondNames.All, .. Concurrency.All,
    ];

    /// <summary>Proves sentences one after the other, each below a fresh directory that it takes away again.</summary>
    /// <param name="store">The store.</param>
    /// <param name="at">The directory to work below. What is there already is left alone.</param>
    /// <param name="filter">Which sentences; null for all.</param>
    /// <param name="ct">Cancels the run. The sentence that is under way may leave its directory behind.</param>
    public static async Task<StoreKitReport> RunAsync(
        IStore store, StorePath at, Func<StoreCheck, bool>? filter, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        var results = new List<StoreCheckResult>();
        foreach (StoreCheck check in All.Where(filter ?? (static _ => true)))
        {
            results.Add(await RunOneAsync(check, store, at, ct).ConfigureAwait(false));
        }

        return new StoreKitReport(store.Identity, results);
    }

    /// <summary>Proves one sentence.</summary>
    public static async Task<StoreCheckResult> RunOneAsync(StoreCheck check, IStore store, StorePath at, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(check);
        if (!check.Applies(store))
        {
            return new StoreCheckResult(check, StoreCheckOutcome.NotApplicable, $"the store has no {check.Needs}");
        }

        // Another name for each run: what a killed run left behind must not be in the way of the next.
        StorePath own = at.Join(StorePath.FromText("godwit-check-" + Guid.NewGuid().ToString("N")[..12]));
        var subject = new StoreUnderTest(store, own, ct);
        string? reason = await ReasonAsync(() => ProveAsync(check, subject), ct).ConfigureAwait(false);
        string? untidy = await ReasonAsync(subject.CleanAsync, ct).ConfigureAwait(false);
        reason ??= untidy is null ? null : $"what the sentence made cannot be taken away: {untidy}";
        return new StoreCheckResult(check, reason is null ? StoreCheckOutcome.Passed : StoreCheckOutcome.Failed, reason);
    }

    private static async Task ProveAsync(StoreCheck check, StoreUnderTest subject)
    {
        if (subject.Store.Directories is { } directories)
        {
            await directories.CreateAsync(subject.At, subject.Ct).ConfigureAwait(false);
        }

        await check.ProveAsync(subject).ConfigureAwait(false);
    }

    private static async Task<string?> ReasonAsync(Func<Task> step, CancellationToken ct)
    {
        try
        {
            await step().ConfigureAwait(false);
            return null;
        }
        catch (StoreCheckFailedException failed)
        {
            return failed.Message;
        }
        catch (StoreException failure)
        {
            return $"{failure.Kind}: {failure.Message}";
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            // A store that throws anything else breaks the contract, whatever the sentence is about.
            return $"{fault.GetType().Name} instead of a store's error: {fault.Message}";
        }
    }
}
