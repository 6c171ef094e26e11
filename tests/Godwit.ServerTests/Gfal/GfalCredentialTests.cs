using Godwit.Backends.Gfal;
using Godwit.Storage;

namespace Godwit.ServerTests.Gfal;

/// <summary>Proxies that are no good, are no good any more, or are renewed.</summary>
public sealed class GfalCredentialTests
{
    [Theory]
    [InlineData("gridftp", "EXPIRED", "expired at")]
    [InlineData("xrootd", "EXPIRED", "expired at")]
    [InlineData("gridftp", "ROGUE", "does not accept the credential")]
    [InlineData("xrootd", "ROGUE", "does not accept the credential")]
    public async Task A_credential_that_is_no_good_is_told_as_that(string server, string who, string why)
    {
        await using GfalWorkers workers = GridServer.Connect(server, who);
        await using GfalStore store = GridServer.Open(workers, server);
        StoreException refused = await FailsAsync(async () => await store.StatAsync(default, default));
        Assert.Equal(StoreErrorKind.Unauthenticated, refused.Kind);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gridftp")]
    [InlineData("xrootd")]
    public async Task A_credential_that_expires_while_its_worker_runs_is_told_as_that(string server)
    {
        var time = new LaterTime();
        await using var workers = new GfalWorkers(GridServer.Connect(server, "ROGUE").Options, time);
        await using GfalStore store = GridServer.Open(workers, server);
        Assert.Contains("does not accept", (await FailsAsync(async () => await store.StatAsync(default, default))).Message, StringComparison.Ordinal);
        time.Later = TimeSpan.FromDays(10_000);
        Assert.Contains("expired at", (await FailsAsync(async () => await store.StatAsync(default, default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_renewed_is_taken_up_with_the_next_call()
    {
        string file = Path.Combine(Path.GetTempPath(), GridServer.Fresh());
        File.Copy(GridServer.Setting("X509_EXPIRED"), file);
        try
        {
            await using var workers = new GfalWorkers(
                GridServer.Connect("gridftp").Options with { Credential = GfalCredential.Proxy(file) }, TimeProvider.System);
            await using GfalStore store = GridServer.Open(workers, "gridftp");
            await FailsAsync(async () => await store.StatAsync(default, default));
            Renew(file, "X509_ALICE");
            Assert.Null(await store.StatAsync(default, default));
            int? first = workers.ProcessId;
            Renew(file, "X509_BOB");
            Assert.Equal(StoreErrorKind.Forbidden, (await FailsAsync(async () => await store.StatAsync(default, default))).Kind);
            Assert.NotEqual(first, workers.ProcessId);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Renew(string file, string from)
    {
        string aside = file + ".new";
        File.Copy(GridServer.Setting(from), aside);
        File.SetLastWriteTimeUtc(aside, DateTime.UnixEpoch.AddDays(from.Length));
        File.Move(aside, file, overwrite: true);
    }

    private static async Task<StoreException> FailsAsync(Func<Task> call) => await Assert.ThrowsAsync<StoreException>(call);

    /// <summary>The system's clock, and then a later one.</summary>
    private sealed class LaterTime : TimeProvider
    {
        public TimeSpan Later { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Later;
    }
}
