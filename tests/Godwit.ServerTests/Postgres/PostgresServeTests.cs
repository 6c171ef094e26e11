using Godwit.Tests.Cli;
using Godwit.Tests.Cli.Service;
using Npgsql;

namespace Godwit.ServerTests.Postgres;

/// <summary><c>godwit serve</c> with its ledger in PostgreSQL.</summary>
public sealed class PostgresServeTests : IAsyncLifetime
{
    private readonly ServiceTrial _service = ServiceTrial.Prepare();
    private PostgresPlace _place = null!;

    private CommandLineFolder Folder => _service.Folder;

    public async Task InitializeAsync()
    {
        _place = await PostgresPlace.MakeAsync(PostgresServer.Keyless);
        _service.Arguments.AddRange(["--database", _place.Address]);
        Folder.Put("a.dat", "one");
        Folder.Put("sub/b.dat", "two");
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _place.DisposeAsync();
    }

    [Fact]
    public async Task What_is_handed_over_is_carried_out_and_is_there_after_a_restart()
    {
        await _service.StartAsync();
        string id = await _service.SubmitAsync(Folder.Source, Folder.Destination);
        Answer status = await _service.AskAsync("status", id, "--wait");
        Assert.True(status.Code == 0, status.Error + _service.Log);
        Assert.Contains("2 of 2 files delivered", status.Error, StringComparison.Ordinal);
        Assert.Equal(["a.dat", "sub/b.dat"], CommandLineFolder.Tree(Folder.Destination).Keys);
        await _service.RestartAsync();
        Assert.Contains($"{id}  SUCCESS", (await _service.AskAsync("transfers")).Output, StringComparison.Ordinal);
        Assert.Contains("file.delivered path=a.dat", (await _service.AskAsync("logs", id)).Output, StringComparison.Ordinal);
        string again = await _service.SubmitAsync(Folder.Source, Folder.Destination);
        Assert.Contains("2 unchanged", (await _service.AskAsync("status", again, "--wait")).Error, StringComparison.Ordinal);
        Assert.Equal(0, await _service.StopAsync());
        Assert.False(File.Exists(Folder.In("data/ledger.db")));
        Assert.Contains($"its ledger is in postgres://127.0.0.1:{new Uri(_place.Address).Port}/{_place.Name}.", _service.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_service_on_one_database_does_not_begin()
    {
        await _service.StartAsync();
        Answer second = await Folder.RunBareAsync(["serve", "--data", Folder.In("other"), "--listen", "127.0.0.1:0", "--database", _place.Address]);
        Assert.NotEqual(0, second.Code);
        Assert.Contains("Another service has the ledger postgres://", second.Error, StringComparison.Ordinal);
        string id = await _service.SubmitAsync(Folder.Source, Folder.Destination);
        Assert.Equal(0, (await _service.AskAsync("status", id, "--wait")).Code);
    }

    [Fact]
    public async Task A_service_that_another_one_replaced_ends_with_an_error()
    {
        await _service.StartAsync();
        await using NpgsqlConnection other = await _place.OpenAsync();
        Task<int> next = new NpgsqlCommand("SELECT pg_advisory_lock(1197766516, 2); UPDATE godwit_ledger SET holder = holder + 1", other).ExecuteNonQueryAsync();
        await _place.AskAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'godwit (hold)' AND datname = current_database()");
        await next;
        await other.CloseAsync();
        Assert.NotEqual(0, await _service.Running.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Contains("Another service took the ledger", _service.Log, StringComparison.Ordinal);
        Assert.Contains("This service ends", _service.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_whose_connections_are_all_cut_goes_on()
    {
        await _service.StartAsync();
        string first = await _service.SubmitAsync(Folder.Source, Folder.Destination);
        Assert.Equal(0, (await _service.AskAsync("status", first, "--wait")).Code);
        Assert.NotEqual(0L, await _place.AskAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"));
        Answer second = await _service.AskAsync("submit", Folder.Source, Folder.In("elsewhere"));
        for (int tries = 0; second.Code != 0 && tries < 10_000; tries++)
        {
            Assert.Contains("taken up again", second.Error, StringComparison.Ordinal);
            second = await _service.AskAsync("submit", Folder.Source, Folder.In("elsewhere"));
        }

        Answer status = await _service.AskAsync("status", second.Output.Trim(), "--wait");
        Assert.True(status.Code == 0, status.Error);
        Assert.Equal(0, await _service.StopAsync());
    }

    [Theory]
    [InlineData("postgres://me:hunter2@127.0.0.1/ledger", "PGPASSWORD")]
    [InlineData("postgres://me:hunter2@127.0.0.1/ledger?colour=red", "colour")]
    [InlineData("mysql://me:hunter2@127.0.0.1/ledger", "postgres://user@host:port/database")]
    public async Task An_address_with_a_password_or_a_fault_is_refused_without_repeating_it(string address, string why)
    {
        Answer refused = await Folder.RunBareAsync(["serve", "--data", Folder.In("other"), "--database", address]);
        Assert.Equal(2, refused.Code);
        Assert.Contains(why, refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Error, StringComparison.Ordinal);
    }
}
