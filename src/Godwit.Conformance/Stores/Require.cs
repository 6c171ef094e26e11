using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>A sentence of the contract does not hold; the message says what was seen instead.</summary>
public sealed class StoreCheckFailedException(string message) : Exception(message);

/// <summary>What a proof insists on.</summary>
internal static class Require
{
    /// <summary>The condition holds, or the sentence does not: <paramref name="otherwise"/> says what was seen.</summary>
    public static void That(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new StoreCheckFailedException(otherwise);
        }
    }

    /// <summary>Both are the same.</summary>
    public static void Same<T>(T expected, T seen, string what) => That(
        EqualityComparer<T>.Default.Equals(expected, seen), $"{what} is {Shown(seen)} instead of {Shown(expected)}");

    /// <summary>The bytes are the same.</summary>
    public static void SameBytes(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> seen, string what)
    {
        if (!expected.Span.SequenceEqual(seen.Span))
        {
            throw new StoreCheckFailedException(
                $"{what} has {seen.Length} bytes and differs at byte {expected.Span.CommonPrefixLength(seen.Span)} from the {expected.Length} that it must have");
        }
    }

    /// <summary>The call fails with this kind of error.</summary>
    public static Task FailsAsync(StoreErrorKind kind, Func<Task> call, string what) => FailsAsync([kind], call, what);

    /// <summary>The call fails with one of these kinds of error. A passing fault of the connection is no answer: the call is repeated.</summary>
    public static async Task FailsAsync(StoreErrorKind[] kinds, Func<Task> call, string what)
    {
        string expected = string.Join(" or ", kinds);
        try
        {
            await Passing.RepeatAsync(call).ConfigureAwait(false);
        }
        catch (StoreException failure)
        {
            That(kinds.Contains(failure.Kind), $"{what} failed as {failure.Kind} instead of {expected}: {failure.Message}");
            return;
        }

        throw new StoreCheckFailedException($"{what} succeeded instead of failing as {expected}");
    }

    /// <summary>The call ends with the caller's cancellation, by the caller's own token.</summary>
    public static async Task CancelledAsync(Func<Task> call, string what, CancellationToken token)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            That(cancelled.CancellationToken == token, $"{what} was cancelled with a token that is not the caller's");
            return;
        }

        throw new StoreCheckFailedException($"{what} succeeded although it was cancelled");
    }

    private static string Shown<T>(T value) => value is null ? "nothing" : $"\"{value}\"";
}
