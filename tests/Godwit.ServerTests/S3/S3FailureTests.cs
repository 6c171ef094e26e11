using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Godwit.Backends.S3;
using Godwit.Conformance;
using Godwit.Storage;
using Checksum = Godwit.Storage.Checksum;

namespace Godwit.ServerTests.S3;

/// <summary>What goes wrong at the server and on the way to it, and what it is called.</summary>
public sealed class S3FailureTests
{
    private static readonly StorePath s_file = StorePath.FromText("file");

    public static TheoryData<string, StoreErrorKind, NextStep, string> WrongOptions => new()
    {
        { "secret", StoreErrorKind.Unauthenticated, NextStep.RenewCredentials, "secret key is wrong" },
        { "key", StoreErrorKind.Unauthenticated, NextStep.RenewCredentials, "does not know the access key" },
        { "bucket", StoreErrorKind.NotFound, NextStep.GiveUp, "bucket does not exist" },
        { "endpoint", StoreErrorKind.Unavailable, NextStep.RepeatCall, "cannot be reached" },
        { "certificate", StoreErrorKind.Unavailable, NextStep.GiveUp, "certificate is not trusted" },
    };

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public async Task Whatever_is_wrong_is_said_by_every_call(string wrong, StoreErrorKind kind, NextStep next, string says)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        S3Options right = S3Server.Options(bucket.Name);
        S3Options options = wrong switch
        {
            "secret" => right with { Keys = right.Keys! with { SecretKey = "wrong" } },
            "key" => right with { Keys = new S3AccessKeys("NOSUCHKEY", "wrong") },
            "bucket" => right with { Bucket = "godwit-no-such-bucket" },
            "endpoint" => right with { Endpoint = new Uri("http://127.0.0.1:9") },
            _ => right with { Endpoint = S3Server.TlsEndpoint },
        };
        await using var store = new S3Store(options, TimeProvider.System);
        Func<Task>[] calls =
        [
            async () => await store.StatAsync(s_file, default),
            async () => await store.ListAsync(StorePath.Root, null, default),
            async () => await store.OpenReadAsync(s_file, default),
            async () => await store.WriteAsync(s_file, WriteSource.From(new byte[100]), WriteOptions.Default, default),
            async () => await store.PartedWrite!.BeginAsync(s_file, "tag", 1, WriteOptions.Default, default),
        ];
        foreach (Func<Task> call in calls)
        {
            StoreException failure = await Assert.ThrowsAsync<StoreException>(call);
            Assert.Equal((kind, next), (failure.Kind, failure.Next));
            Assert.Contains(says, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong\"", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    [InlineData(300_000)]
    [InlineData(3_000_000)]
    public async Task A_refused_write_does_not_spoil_what_follows_on_its_connection(int bytes)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await using S3Store store = bucket.Open(options => options with { Connections = 1 });
        byte[] content = RandomNumberGenerator.GetBytes(bytes);
        await store.WriteAsync(s_file, WriteSource.From(content), WriteOptions.Default, default);
        for (int i = 0; i < 3; i++)
        {
            // Refused before the server looked at the body, and after.
            var elsewhere = new PutObjectRequest
            {
                BucketName = "godwit-no-such-bucket",
                Key = "file",
                InputStream = new MemoryStream(content),
                UseChunkEncoding = false,
            };
            await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => store.Connection.Client.PutObjectAsync(elsewhere));
            Assert.Equal(content, await S3Bucket.ReadAsync(store, "file"));
            StoreException refused = await Assert.ThrowsAsync<StoreException>(async () => await store.WriteAsync(
                s_file, WriteSource.From(RandomNumberGenerator.GetBytes(bytes)), new WriteOptions { CreateOnly = true }, default));
            Assert.Equal(StoreErrorKind.AlreadyExists, refused.Kind);
            Assert.Equal(content, await S3Bucket.ReadAsync(store, "file"));
        }
    }

    [Theory]
    [InlineData(ProxyFault.Cut)]
    [InlineData(ProxyFault.Truncate)]
    [InlineData(ProxyFault.Reset)]
    public async Task A_body_that_breaks_off_ends_with_an_error(ProxyFault fault)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.Store.WriteAsync(s_file, WriteSource.From(new byte[1_000_000]), WriteOptions.Default, default);
        await using FaultProxy proxy = ProxyWith(number => new ConnectionFault(fault, ProxyDirection.ToClient, 300_000));
        await using S3Store store = bucket.Open(options => options with { Endpoint = EndpointOf(proxy) });
        StoreException broken = await Assert.ThrowsAsync<StoreException>(() => S3Bucket.ReadAsync(store, "file"));
        Assert.Equal((StoreErrorKind.Interrupted, NextStep.RepeatCall), (broken.Kind, broken.Next));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_byte_that_flips_on_the_way_is_refused(bool byParts)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        byte[] content = RandomNumberGenerator.GetBytes(300_000);
        var sum = new Checksum(ChecksumKind.Sha256, SHA256.HashData(content));
        PartedUpload upload = await bucket.Store.PartedWrite!.BeginAsync(s_file, "tag", content.Length, WriteOptions.Default, default);
        await using FaultProxy proxy = ProxyWith(number => new ConnectionFault(ProxyFault.Flip, ProxyDirection.ToServer, 200_000));
        await using S3Store store = bucket.Open(options => options with { Endpoint = EndpointOf(proxy) });
        StoreException refused = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            if (byParts)
            {
                await store.PartedWrite!.WritePartAsync(upload, 1, 0, WriteSource.From(content), sum, default);
            }
            else
            {
                await store.WriteAsync(s_file, WriteSource.From(content), new WriteOptions { Expected = sum }, default);
            }
        });
        Assert.Equal(StoreErrorKind.Integrity, refused.Kind);
        Assert.Contains("do not match their checksum", refused.Message, StringComparison.Ordinal);
        Assert.Null(await bucket.Store.StatAsync(s_file, default));
    }

    [Fact]
    public async Task A_completion_whose_answer_is_lost_is_recognised_by_asking()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        byte[] content = RandomNumberGenerator.GetBytes((5 << 20) + 1);
        IPartedWrite direct = bucket.Store.PartedWrite!;
        PartedUpload upload = await direct.BeginAsync(s_file, "tag", content.Length, WriteOptions.Default, default);
        StoredPart[] parts =
        [
            await direct.WritePartAsync(upload, 1, 0, WriteSource.From(content.AsMemory(0, 5 << 20)), null, default),
            await direct.WritePartAsync(upload, 2, 5 << 20, WriteSource.From(content.AsMemory(5 << 20)), null, default),
        ];
        await using FaultProxy proxy = ProxyWith(number => number == 1 ? new ConnectionFault(ProxyFault.Cut) : ConnectionFault.None);
        await using S3Store store = bucket.Open(options => options with { Endpoint = EndpointOf(proxy) });
        StoreEntry published = await store.PartedWrite!.CompleteAsync(upload, parts, default);
        Assert.Equal(content.Length, published.Length);
        Assert.Equal(published, await bucket.Store.StatAsync(s_file, default) is { } there ? there with { Checksums = published.Checksums } : null);
        Assert.Equal(content, await S3Bucket.ReadAsync(bucket.Store, "file"));
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_told_and_the_next_call_goes_by_the_server_s()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await using var store = new S3Store(S3Server.Options(bucket.Name), new WrongClock(TimeSpan.FromHours(-3)));
        StoreException skewed = await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync(StorePath.Root, null, default));
        Assert.Equal((StoreErrorKind.Unauthenticated, NextStep.RepeatCall), (skewed.Kind, skewed.Next));
        Assert.Empty((await store.ListAsync(StorePath.Root, null, default)).Entries);
    }

    private static FaultProxy ProxyWith(Func<int, ConnectionFault> plan) =>
        FaultProxy.Start(new IPEndPoint(IPAddress.Loopback, S3Server.Endpoint.Port), plan, TimeProvider.System);

    private static Uri EndpointOf(FaultProxy proxy) => new($"http://{proxy.Endpoint}");

    private sealed class WrongClock(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + off;
    }
}
