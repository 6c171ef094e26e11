using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Postgres;
using Npgsql;

namespace Godwit.ServerTests.Postgres;

/// <summary>One service has a ledger at a time.</summary>
public sealed class PostgresHoldTests(PrivatePostgres server) : IClassFixture<PrivatePostgres>
{
    private static readonly HoldSettings s_hasty = new() { PatienceToTake = TimeSpan.Zero, Question = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task Of_two_services_one_has_it_until_it_gives_it_back()
    {
        await using PostgresPlace place = await ReadyAsync();
        await using (PostgresHold first = await TakeAsync(place))
        {
            LedgerException e = await Assert.ThrowsAsync<LedgerException>(() => TakeAsync(place));
            Assert.Contains("Another service has the ledger", e.Message, StringComparison.Ordinal);
            Assert.True(first.IsHeld);
        }

        await using PostgresHold second = await TakeAsync(place);
        Assert.False(second.Lost.IsCompleted);
    }

    [Fact]
    public async Task Whoever_waits_gets_what_a_killed_one_leaves()
    {
        await using PostgresPlace place = await ReadyAsync();
        PostgresHold first = await TakeAsync(place);
        Task<PostgresHold> waiting = PostgresHold.TakeAsync(place.Address, TimeProvider.System, new HoldSettings { PatienceToTake = TimeSpan.FromMinutes(1) }, default);
        await first.DisposeAsync();
        await using PostgresHold second = await waiting;
        Assert.True(second.IsHeld);
    }

    [Fact]
    public async Task A_hold_outlives_a_server_that_is_restarted()
    {
        await using PostgresPlace place = await ReadyAsync();
        await using PostgresHold hold = await TakeAsync(place);
        await server.ControlAsync("kill");
        await UntilAsync(() => !hold.IsHeld);
        await server.ControlAsync("start");
        await UntilAsync(() => hold.IsHeld);
        Assert.False(hold.Lost.IsCompleted);
        await Assert.ThrowsAsync<LedgerException>(() => TakeAsync(place));
    }

    [Fact]
    public async Task A_hold_that_another_one_had_meanwhile_is_lost()
    {
        await using PostgresPlace place = await ReadyAsync();
        await using PostgresHold hold = await TakeAsync(place);
        await using NpgsqlConnection other = await place.OpenAsync();

        // Waits in line behind the first one, as nobody does who is not quicker by chance.
        Task<int> next = new NpgsqlCommand("SELECT pg_advisory_lock(1197766516, 2); UPDATE godwit_ledger SET holder = holder + 1", other).ExecuteNonQueryAsync();
        await EndSessionAsync(place);
        await next;
        await UntilAsync(() => !hold.IsHeld);
        await other.CloseAsync();
        LedgerException e = await hold.Lost.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("Another service took the ledger", e.Message, StringComparison.Ordinal);
        Assert.False(hold.IsHeld);
    }

    [Fact]
    public async Task A_hold_that_cannot_be_taken_again_is_lost()
    {
        await using PostgresPlace place = await ReadyAsync();
        await using PostgresHold hold = await PostgresHold.TakeAsync(
            place.Address, TimeProvider.System, s_hasty with { PatienceToRegain = TimeSpan.FromMilliseconds(300) }, default);
        await server.ControlAsync("stop");
        LedgerException e = await hold.Lost.WaitAsync(TimeSpan.FromMinutes(1));
        await server.ControlAsync("start");
        Assert.Contains("could not be told", e.Message, StringComparison.Ordinal);
    }

    private static async Task EndSessionAsync(PostgresPlace place) => Assert.Equal(
        1L, await place.AskAsync("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'godwit (hold)' AND datname = current_database()"));

    private static Task<PostgresHold> TakeAsync(PostgresPlace place) => PostgresHold.TakeAsync(place.Address, TimeProvider.System, s_hasty, default);

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<PostgresPlace> ReadyAsync()
    {
        PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using (await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default))
        {
            return place;
        }
    }
}
