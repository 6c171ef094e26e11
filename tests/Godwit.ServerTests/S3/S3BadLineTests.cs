using System.Net;
using System.Security.Cryptography;
using System.Text;
using Godwit.Backends.S3;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>Whole copies over a bad line, and to a server that has too much to do: all arrives, and nothing is left.</summary>
public sealed class S3BadLineTests : IDisposable
{
    private readonly S3CommandLine _trial = new();

    public S3BadLineTests()
    {
        for (int i = 0; i < 40; i++)
        {
            _trial.Put($"src/d{i % 3}/f{i}", RandomNumberGenerator.GetBytes(i * 900));
        }

        _trial.Put("src/large", RandomNumberGenerator.GetBytes((17 << 20) + 5));
    }

    public void Dispose() => _trial.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Connections_that_break_off_anywhere_cost_repeats_and_no_file(int seed)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        ProxyFault[] faults = [ProxyFault.Refuse, ProxyFault.Reset, ProxyFault.Cut, ProxyFault.Truncate, ProxyFault.Delay];
        await using var proxy = FaultProxy.Start(
            new IPEndPoint(IPAddress.Loopback, S3Server.Endpoint.Port),
            ConnectionFault.FromSeed(seed, 0.4, 2_000_000, TimeSpan.FromMilliseconds(200), faults),
            TimeProvider.System);
        string[] way = ["--s3-endpoint", $"http://{proxy.Endpoint}", "--part-size", "5MiB", "--quiet"];
        await _trial.RunAsync(0, ["copy", _trial.In("src"), $"s3://{bucket.Name}", .. way]);
        await _trial.RunAsync(0, ["copy", $"s3://{bucket.Name}", _trial.In("back"), .. way]);
        Assert.NotEmpty(proxy.Met);
        await RequireSameAsync(bucket, 41);
    }

    [Theory]
    [InlineData("SlowDown", 503)]
    [InlineData("InternalError", 500)]
    [InlineData("RequestTimeout", 400)]
    public async Task A_server_that_refuses_every_third_call_for_now_is_asked_again(string code, int status)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        var busy = new Counter();
        _trial.DressStore = (store, _) => store is S3Store ? bucket.Open(options => options with { Around = inner => new Busy(inner, busy, code, status) }) : store;
        await _trial.RunAsync(0, "copy", _trial.In("src"), $"s3://{bucket.Name}", "--part-size", "5MiB", "--quiet");
        int refusedUp = busy.Refused;
        await _trial.RunAsync(0, "copy", $"s3://{bucket.Name}", _trial.In("back"), "--part-size", "5MiB", "--quiet");
        Assert.True(refusedUp > 10 && (status == 400 || busy.Refused > refusedUp + 10), $"{refusedUp}, then {busy.Refused} refused");
        await RequireSameAsync(bucket, 41);
    }

    [Theory]
    [InlineData("SlowDown", 503)]
    [InlineData("InternalError", 500)]
    public async Task A_copy_within_a_server_that_refuses_every_third_call_repeats_these_calls_alone(string code, int status)
    {
        await using S3Bucket from = await S3Bucket.MakeAsync();
        await using S3Bucket to = await S3Bucket.MakeAsync();
        byte[] content = RandomNumberGenerator.GetBytes((22 << 20) + 3);
        StoreEntry source = await from.Store.WriteAsync(StorePath.FromText("large"), WriteSource.From(content), WriteOptions.Default, default);
        var busy = new Counter();
        await using S3Store target = to.Open(options => options with
        {
            CopyInOneCallBytes = 1 << 20,
            CopyPartBytes = 5 << 20,
            Around = inner => new Busy(inner, busy, code, status),
        });
        await target.ServerCopy!.CopyAsync(from.Store.Identity, source.Path, source.Version, StorePath.FromText("copy"), WriteOptions.Default, default);
        Assert.True(busy.Refused >= 3, $"{busy.Refused} refused");
        Assert.Equal(content, await S3Bucket.ReadAsync(to.Store, "copy"));
        Assert.Empty(await to.UploadsAsync());
    }

    [Fact]
    public async Task An_upload_that_somebody_throws_away_meanwhile_is_begun_again()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        int parts = 0;
        var thief = new AtEachCall(async (call, moment, _) =>
        {
            if (call.Verb == StoreVerb.WritePart && moment == CallMoment.Before && Interlocked.Increment(ref parts) == 3)
            {
                Amazon.S3.Model.MultipartUpload one = Assert.Single(await bucket.UploadsAsync());
                await bucket.Client.AbortMultipartUploadAsync(bucket.Name, one.Key, one.UploadId);
            }
        });
        _trial.DressStore = (store, _) => store is S3Store ? new LayeredStore(store, thief) : store;
        (string output, _) = await _trial.RunAsync(0, "copy", _trial.In("src"), $"s3://{bucket.Name}", "--part-size", "5MiB", "--json");
        Assert.Contains("file.retried", output, StringComparison.Ordinal);
        await RequireSameAsync(bucket, null);
    }

    private async Task RequireSameAsync(S3Bucket bucket, int? files)
    {
        _trial.DressStore = (store, _) => store;
        await _trial.RunAsync(0, "check", _trial.In("src"), $"s3://{bucket.Name}", "--download", "--quiet");
        Assert.Empty(await bucket.UploadsAsync());
        if (files is { } back)
        {
            await _trial.RunAsync(0, "check", _trial.In("src"), _trial.In("back"), "--download", "--quiet");
            Assert.Equal(back, Directory.GetFiles(_trial.In("back"), "*", SearchOption.AllDirectories).Length);
        }
    }

    private sealed class Counter
    {
        private int _calls;
        private int _refused;

        public int Refused => Volatile.Read(ref _refused);

        public bool Refuses() => Interlocked.Increment(ref _calls) % 3 == 0 && Interlocked.Increment(ref _refused) > 0;
    }

    private sealed class Busy(HttpMessageHandler inner, Counter counter, string code, int status) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // A timeout of the server is about a body; and HEAD could not say that it was one.
            if ((status == 400 && request.Content is null) || !counter.Refuses())
            {
                return base.SendAsync(request, cancellationToken);
            }

            string body = request.Method == HttpMethod.Head ? "" : $"<Error><Code>{code}</Code><Message>not now</Message></Error>";
            return Task.FromResult(new HttpResponseMessage((HttpStatusCode)status)
            {
                RequestMessage = request,
                Content = new StringContent(body, Encoding.UTF8, "application/xml"),
            });
        }
    }
}
