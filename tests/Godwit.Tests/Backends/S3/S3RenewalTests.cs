using System.Globalization;
using Amazon.Runtime;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

/// <summary>A credential that expires, and a clock that is off, while many calls are under way.</summary>
public sealed class S3RenewalTests
{
    private const int Calls = 16;

    private const string EmptyListing = "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

    [Fact]
    public async Task Of_many_calls_with_an_expired_credential_each_is_repeated_and_one_looks_for_another()
    {
        int found = 0;
        var together = new Together();
        await using var server = new S3StandIn(async request =>
        {
            if (request.Headers["Authorization"]!.Contains("Credential=OLD/", StringComparison.Ordinal))
            {
                await together.ComeAsync();
                return S3StandIn.Error(400, "ExpiredToken");
            }

            return new S3StandIn.Answer(200, EmptyListing);
        });
        AWSCredentials Find() => new BasicAWSCredentials(Interlocked.Increment(ref found) == 1 ? "OLD" : "NEW", "secret");
        await using S3Store store = server.Open(options => options with { FindCredentials = Find });
        Assert.All(await ListAtOnceAsync(store), next => Assert.Equal(NextStep.RepeatCall, next));
        Assert.All(await ListAtOnceAsync(store), Assert.Null);
        Assert.Equal(2, found);
    }

    [Fact]
    public async Task A_credential_that_was_just_looked_up_and_is_refused_too_is_final()
    {
        await using var server = new S3StandIn(_ => S3StandIn.Error(400, "ExpiredToken"));
        await using S3Store store = server.Open();
        Assert.Equal(NextStep.RepeatCall, await ListAsync(store));
        Assert.Equal(NextStep.RenewCredentials, await ListAsync(store));
    }

    [Fact]
    public async Task Of_many_calls_signed_by_a_wrong_clock_each_is_repeated()
    {
        DateTimeOffset server = TimeProvider.System.GetUtcNow().AddHours(3);
        var together = new Together();
        await using var standIn = new S3StandIn(async request =>
        {
            var signedAt = DateTimeOffset.ParseExact(
                request.Headers["X-Amz-Date"]!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            if ((signedAt - server).Duration() > TimeSpan.FromMinutes(15))
            {
                await together.ComeAsync();
                return S3StandIn.Error(403, "RequestTimeTooSkewed", "Late.", ("Date", server.ToString("R", CultureInfo.InvariantCulture)));
            }

            return new S3StandIn.Answer(200, EmptyListing);
        });
        await using S3Store store = standIn.Open();
        Assert.All(await ListAtOnceAsync(store), next => Assert.Equal(NextStep.RepeatCall, next));
        Assert.All(await ListAtOnceAsync(store), Assert.Null);
    }

    private static Task<NextStep?[]> ListAtOnceAsync(S3Store store) =>
        Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Task.Run(() => ListAsync(store))));

    /// <summary>What may be done about a listing's failure; null when it succeeded.</summary>
    private static async Task<NextStep?> ListAsync(S3Store store)
    {
        try
        {
            await store.ListAsync(StorePath.Root, null, default);
            return null;
        }
        catch (StoreException e)
        {
            Assert.NotEqual(StoreErrorKind.Unexpected, e.Kind);
            return e.Next;
        }
    }

    /// <summary>Lets nobody go on before all are there.</summary>
    private sealed class Together
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _count;

        public Task ComeAsync()
        {
            if (Interlocked.Increment(ref _count) == Calls)
            {
                _all.SetResult();
            }

            return _all.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }
}
