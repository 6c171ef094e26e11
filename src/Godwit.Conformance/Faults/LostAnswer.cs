using Godwit.Storage;

namespace Godwit.Conformance;

/// <summary>What a caller gets of a call that took effect and whose answer was lost.</summary>
internal static class LostAnswer
{
    /// <summary>Lets go of the answer and fails in its place.</summary>
    public static async ValueTask<T> InsteadOfAsync<T>(T answer, StoreCall call)
    {
        if (answer is IAsyncDisposable open)
        {
            await open.DisposeAsync().ConfigureAwait(false);
        }

        throw new StoreException(
            StoreErrorKind.Interrupted, $"A planned fault: the answer to {call.Verb} of \"{call.Path}\" was lost.");
    }
}
