using System.Globalization;
using Amazon.Runtime;
using Amazon.S3.Model;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>Looks at the way to a bucket, at the credential, and at what may be done there. It asks as a transfer would, and writes nothing.</summary>
internal sealed class S3Diagnosis(S3Store store) : IDiagnosis
{
    private const int Tries = 3;
    private static readonly TimeSpan s_near = TimeSpan.FromHours(1);

    public IReadOnlyList<DiagnosisStep> Begin(DiagnosisScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var way = new S3Way(store.Connection, scope);
        Task<StorePage>? listing = null;
        Task<StorePage> List(CancellationToken ct) => listing ??= ListAsync(ct);
        DiagnosisStep[] steps =
        [
            new("name", way.NameAsync) { IsNeeded = true },
            new("port", way.PortAsync) { IsNeeded = true },
            new("certificate", way.CertificateAsync) { IsNeeded = true },
            new("server", way.ServerAsync) { IsNeeded = true },
            new("clock", way.ClockAsync),
            new("credential", _ => CredentialAsync(scope)) { IsNeeded = true },
            new("accepted", ct => AcceptedAsync(List(ct))) { IsNeeded = true },
            new("list", ct => ListedAsync(List(ct))) { IsNeeded = true },
            new("read", ct => ReadAsync(List(ct), ct)),
        ];
        return scope.Writes ? [.. steps, new("uploads", UploadsAsync), new("quota", QuotaAsync)] : steps;
    }

    private async ValueTask<Finding?> CredentialAsync(DiagnosisScope scope)
    {
        S3CredentialFacts facts;
        try
        {
            facts = await store.Connection.Credentials.LookAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw store.Connection.Errors.Of(e, StorePath.Root);
        }

        if (facts.AccessKey.Length == 0)
        {
            return new Finding(FindingOutcome.Ok, "none: requests are not signed");
        }

        S3Options options = store.Connection.Options;
        DateTimeOffset? end = options.Keys is { } keys ? keys.Expires : facts.Expires;
        string seen = $"access key {facts.AccessKey}, from {options.CredentialFrom ?? $"what AWS tools would find ({facts.Kind})"}";
        return end is null && !facts.IsTemporary
            ? new Finding(FindingOutcome.Ok, $"{seen}; it has no end of its own")
            : Lasting(seen, end, facts.IsRenewed || options.RenewKeys is not null, scope.Work);
    }

    private Finding Lasting(string seen, DateTimeOffset? end, bool isRenewed, TimeSpan? work)
    {
        if (end is not { } moment)
        {
            return isRenewed
                ? new Finding(FindingOutcome.Ok, $"{seen}; temporary, and fetched anew when it ends")
                : new Finding(FindingOutcome.Unknown, $"{seen}; temporary, and when it ends is not known here", "Ask whoever gave it how long it lasts.");
        }

        TimeSpan left = moment - store.Connection.Time.GetUtcNow();
        string told = string.Create(CultureInfo.InvariantCulture, $"{seen}; it ends at {moment.UtcDateTime:yyyy-MM-dd HH:mm}Z, {S3Span.Show(left)}");
        return left <= TimeSpan.Zero ? new Finding(FindingOutcome.Failed, told, "Renew it.")
            : isRenewed ? new Finding(FindingOutcome.Ok, $"{told}, and is fetched anew then")
            : left < (work ?? s_near) ? new Finding(
                FindingOutcome.Warning, told + (work is { } span ? $"; the work takes {S3Span.Length(span)}" : ""), "Renew it before, or have it renewed by a profile.")
            : new Finding(FindingOutcome.Ok, told);
    }

    /// <summary>Asked as often as the server has taught something by its refusal: the clock, the region, another credential.</summary>
    private async Task<StorePage> ListAsync(CancellationToken ct)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return await store.ListAsync(StorePath.Root, null, ct).ConfigureAwait(false);
            }
            catch (StoreException e) when (tries < Tries && e.Next == NextStep.RepeatCall)
            {
            }
        }
    }

    private async ValueTask<Finding?> AcceptedAsync(Task<StorePage> listing)
    {
        try
        {
            await listing.ConfigureAwait(false);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.Forbidden or StoreErrorKind.NotFound)
        {
            // Whose credential it is was clear: what follows says what it lacks.
        }

        string asked = store.Connection.Options.Region ?? store.Connection.Region;
        return store.Connection.Region == asked
            ? new Finding(FindingOutcome.Ok, $"the server accepts the credential (region {asked})")
            : new Finding(
                FindingOutcome.Warning, $"the server accepts the credential; the bucket is in region {store.Connection.Region}, not {asked}",
                $"Write --s3-region {store.Connection.Region}, or region: {store.Connection.Region} in the endpoint's options.");
    }

    private static async ValueTask<Finding?> ListedAsync(Task<StorePage> listing)
    {
        StorePage page = await listing.ConfigureAwait(false);
        return new Finding(
            FindingOutcome.Ok,
            page.Entries.Count == 0 ? "nothing is there yet" : $"{page.Entries.Count}{(page.Next is null ? "" : " or more")} {(page.Entries.Count == 1 ? "entry" : "entries")}");
    }

    private async ValueTask<Finding?> ReadAsync(Task<StorePage> listing, CancellationToken ct)
    {
        if ((await listing.ConfigureAwait(false)).Entries.FirstOrDefault(entry => entry is { Kind: EntryKind.File, Length: > 0 }) is not { } file)
        {
            return new Finding(FindingOutcome.Unknown, "there is no object directly in it to try");
        }

        Stream body = await store.OpenRangeAsync(file.Path, null, 0, 1, ct).ConfigureAwait(false);
        await body.DisposeAsync().ConfigureAwait(false);
        return new Finding(FindingOutcome.Ok, $"a byte of \"{file.Path}\" came");
    }

    private async ValueTask<Finding?> UploadsAsync(CancellationToken ct)
    {
        try
        {
            UploadPage page = await store.PartedWrite!.UploadListing!.ListAsync(StorePath.Root, null, ct).ConfigureAwait(false);
            string seen = $"{page.Uploads.Count}{(page.Next is null ? "" : " or more")} under way or left by stopped runs";
            return new Finding(FindingOutcome.Ok, page.Uploads.Count == 0 ? "none is under way" : $"{seen}; godwit cleanup lists them");
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Forbidden)
        {
            return new Finding(
                FindingOutcome.Warning, $"uploads under way may not be listed: {e.Message}", "Allow it (s3:ListBucketMultipartUploads), or go without godwit cleanup.");
        }
    }

    /// <summary>Ceph's gateway tells it with the bucket; other servers do not.</summary>
    private async ValueTask<Finding?> QuotaAsync(CancellationToken ct)
    {
        IDictionary<string, string> headers = new Dictionary<string, string>();
        void Note(object sender, ResponseEventArgs answer) => headers = (answer as WebServiceResponseEventArgs)?.ResponseHeaders ?? headers;
        store.Connection.Client.AfterResponseEvent += Note;
        try
        {
            await store.Connection.CallAsync(
                StorePath.Root, token => store.Connection.Client.HeadBucketAsync(new HeadBucketRequest { BucketName = store.Connection.Bucket }, token), ct)
                .ConfigureAwait(false);
        }
        finally
        {
            store.Connection.Client.AfterResponseEvent -= Note;
        }

        return S3Quota.Of(headers);
    }
}
