using Amazon.S3;
using Amazon.S3.Model;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>Deletes a thousand objects in one call.</summary>
internal sealed class S3BulkDelete(S3Store store) : IBulkDelete
{
    public int MaxPaths => 1_000;

    public async ValueTask<IReadOnlyList<StoreException>> DeleteAsync(IReadOnlyList<StorePath> paths, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (paths.Count > MaxPaths)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"{paths.Count} paths are more than {MaxPaths} in one call.");
        }

        var together = new Dictionary<string, StorePath>(StringComparer.Ordinal);
        var failures = new List<StoreException>();
        foreach (StorePath path in paths)
        {
            string key = store.Connection.KeyOf(path);
            if (key.Length == 0)
            {
                continue;
            }

            if (SurvivesXml(key))
            {
                together[key] = path;
            }
            else
            {
                await DeleteAloneAsync(path, key, failures, ct).ConfigureAwait(false);
            }
        }

        if (together.Count > 0)
        {
            await DeleteTogetherAsync(together, failures, ct).ConfigureAwait(false);
        }

        return failures;
    }

    private async ValueTask DeleteTogetherAsync(Dictionary<string, StorePath> paths, List<StoreException> failures, CancellationToken ct)
    {
        List<DeleteError> errors;
        try
        {
            DeleteObjectsResponse response = await store.Connection.CallAsync(
                StorePath.Root, token => store.Connection.Client.DeleteObjectsAsync(store.Requests.Delete(paths.Keys), token), ct).ConfigureAwait(false);
            errors = response.DeleteErrors ?? [];
        }
        catch (StoreException e) when (e.InnerException is DeleteObjectsException some)
        {
            errors = some.Response.DeleteErrors ?? [];
        }

        foreach (DeleteError error in errors)
        {
            if (error.Code == "NoSuchKey")
            {
                continue;
            }

            // An error that does not say what it is about may be about each of them.
            IEnumerable<StorePath> about = paths.TryGetValue(error.Key ?? "", out StorePath named) ? [named] : paths.Values;
            failures.AddRange(about.Select(path => store.Connection.Errors.OfCode(error.Code, error.Message, path)));
        }
    }

    private async ValueTask DeleteAloneAsync(StorePath path, string key, List<StoreException> failures, CancellationToken ct)
    {
        try
        {
            await store.DeleteKeyAsync(path, key, ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            failures.Add(e);
        }
    }

    /// <summary>Whether a key comes out of XML as it went in. One that does not would delete another object, or nothing.</summary>
    private static bool SurvivesXml(string key) =>
        !char.IsWhiteSpace(key[0]) && !char.IsWhiteSpace(key[^1]) && !key.Any(c => c < ' ' || c is '\u007f' or '\u0085' or '\u2028' or >= '\ufffe');
}
