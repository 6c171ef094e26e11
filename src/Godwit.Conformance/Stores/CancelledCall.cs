using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>A call whose token is cancelled before it begins: it ends by that token, and nothing is changed by it.</summary>
internal static class CancelledCall
{
    /// <summary>The call ends by its token, and everything below the proof's directory is as it was: entries, and uploads under way.</summary>
    public static async Task HasNoEffectAsync(StoreUnderTest s, Func<CancellationToken, Task> callAsync)
    {
        string[] before = await SeenAsync(s).ConfigureAwait(false);
        await EndsAsync(callAsync).ConfigureAwait(false);
        string[] after = await SeenAsync(s).ConfigureAwait(false);
        Require.That(
            before.SequenceEqual(after),
            $"a call that was cancelled before it began made [{string.Join(", ", after.Except(before))}] "
            + $"out of [{string.Join(", ", before.Except(after))}]");
    }

    /// <summary>The call ends by its token.</summary>
    public static Task EndsAsync(Func<CancellationToken, Task> callAsync)
    {
        var cancelled = new CancellationToken(canceled: true);
        return Require.CancelledAsync(() => callAsync(cancelled), "the call", cancelled);
    }

    private static async Task<string[]> SeenAsync(StoreUnderTest s)
    {
        var seen = new List<string>();
        foreach (StoreEntry entry in await s.ListTreeAsync(s.At).ConfigureAwait(false))
        {
            seen.Add($"the {entry.Kind} \"{entry.Path}\" of {entry.Length} bytes, {entry.Modified}, version {entry.Version}");
        }

        if (s.Store.PartedWrite?.UploadListing is { } uploads)
        {
            ListPosition? position = null;
            do
            {
                UploadPage page = await uploads.ListAsync(s.At, position, s.Ct).ConfigureAwait(false);
                seen.AddRange(page.Uploads.Select(upload => $"the upload {upload.Id} of \"{upload.Path}\""));
                position = page.Next;
            }
            while (position is not null);
        }

        return [.. seen.Order(StringComparer.Ordinal)];
    }
}
