using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>
/// Failures that pass: the kit runs on real networks and under planted failures, and a call that no layer may repeat is repeated
/// here, as the engine would, after asking the store whether it took effect.
/// </summary>
internal static class Passing
{
    private const int Attempts = 20;

    /// <summary>Whether the same call may succeed.</summary>
    public static bool Is(StoreException failure) => failure.Next is NextStep.RepeatCall or NextStep.RepeatCallLater;

    /// <summary>Repeats a call while its failure passes. For calls that have no effect, or that are expected to fail.</summary>
    public static async Task RepeatAsync(Func<Task> call)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await call().ConfigureAwait(false);
                return;
            }
            catch (StoreException failure) when (Is(failure) && attempt < Attempts)
            {
            }
        }
    }

    /// <summary>Repeats a call that may have taken effect, unless the store says that it did.</summary>
    /// <param name="call">The call.</param>
    /// <param name="tookEffect">Asks the store; null when the call did not take effect.</param>
    public static async Task<StoreEntry> OnceAsync(Func<ValueTask<StoreEntry>> call, Func<Task<StoreEntry?>> tookEffect)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (StoreException failure) when (Is(failure) && attempt < Attempts)
            {
                if (await tookEffect().ConfigureAwait(false) is { } entry)
                {
                    return entry;
                }
            }
        }
    }
}
