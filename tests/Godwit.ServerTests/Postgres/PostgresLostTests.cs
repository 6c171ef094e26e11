using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Postgres;
using Godwit.Transfers.Record.Sql;
using Npgsql;

namespace Godwit.ServerTests.Postgres;

/// <summary>Connections that are lost, and a server that is killed.</summary>
public sealed class PostgresLostTests(PrivatePostgres server) : IClassFixture<PrivatePostgres>
{
    [Fact]
    public async Task A_server_that_was_restarted_between_two_calls_is_not_noticed()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger ledger = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        await BeginAsync(ledger, "t1", "a");
        Assert.Single(await ledger.ListTransfersAsync(9, null, default));
        foreach (string how in (string[])["fast", "immediate"])
        {
            await server.ControlAsync("restart", how);
            Assert.Single(await ledger.ListTransfersAsync(9, null, default));
            await server.ControlAsync("restart", how);
            Assert.True(await ledger.RenewAsync("t1", default));
        }

        Assert.Single(await ledger.StartFilesAsync("t1", [Intent("a/f")], default));
    }

    [Fact]
    public async Task What_was_answered_survives_a_server_that_is_killed()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger ledger = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        await BeginAsync(ledger, "t1", "");
        for (int round = 0; round < 3; round++)
        {
            FileIntent[] files = [.. Enumerable.Range(0, 200).Select(at => Intent($"{round}/{at}"))];
            IReadOnlyList<long> numbers = await ledger.StartFilesAsync("t1", files, default);
            await ledger.RecordDeliveredAsync("t1", [.. files.Zip(numbers, (file, number) => Receipt(number, file))], default);
            await server.ControlAsync("kill");
            LedgerException e = await Assert.ThrowsAsync<LedgerException>(async () => await ledger.ListTransfersAsync(9, null, default));
            Assert.Contains(new Uri(place.Address).Authority.Split('@')[^1], e.Message, StringComparison.Ordinal);
            await server.ControlAsync("start");
            Assert.Equal((round + 1) * 200, (await ledger.ListDeliveredAsync("t1", null, 10_000, default)).Count);
        }

        await ledger.EndTransferAsync("t1", TransferOutcome.Interrupted, new TransferTotals(), default, default);
        Assert.Empty(await ledger.FindUnfinishedAsync("s3://b", StorePath.Root, default));
    }

    [Fact]
    public async Task Whoever_writes_waits_for_a_server_that_is_restarted_and_is_told_when_it_takes_too_long()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger patient = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, new PostgresSettings { Restart = TimeSpan.FromMinutes(2) }, default);
        await using PostgresLedger hasty = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, new PostgresSettings { Restart = TimeSpan.Zero }, default);
        await BeginAsync(patient, "t1", "");
        Assert.True(await hasty.RenewAsync("t1", default));
        await server.ControlAsync("stop");
        LedgerException e = await Assert.ThrowsAsync<LedgerException>(async () => await hasty.RenewAsync("t1", default));
        Assert.Contains("is not reached", e.Message, StringComparison.Ordinal);
        using var giveUp = new CancellationTokenSource();
        Task<bool> cancelled = Task.Run(async () => await patient.RenewAsync("t1", giveUp.Token));
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Task<bool> waiting = Task.Run(async () => await patient.RenewAsync("t1", default));
        await server.ControlAsync("start");
        Assert.True(await waiting);
    }

    [Fact]
    public async Task A_connection_that_is_lost_inside_a_transaction_leaves_nothing_of_it_and_the_next_call_goes_on()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger ledger = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        using var database = new PostgresDatabase(new PostgresLink(PostgresAddress.Parse(place.Address), "test"), 60, TimeSpan.Zero);
        await Assert.ThrowsAsync<LedgerException>(() => Task.Run(() => database.Write(
            Survives.PowerFailure,
            () =>
            {
                int written = database.Sql("INSERT INTO space (name) VALUES (?)").Bind("lost").Run();
                using NpgsqlConnection other = place.OpenAsync().GetAwaiter().GetResult();
                using var end = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'test' AND pid <> pg_backend_pid() AND datname = current_database()", other);
                end.ExecuteScalar();
                return written + database.Sql("INSERT INTO space (name) VALUES (?)").Bind("lost, too").Run();
            },
            default)));
        Assert.Null(database.Read(() => database.Sql("SELECT number FROM space").Find(), default));
        Assert.Equal(1, database.Write(Survives.PowerFailure, () => database.Sql("INSERT INTO space (name) VALUES (?)").Bind("kept").Run(), default));
        Assert.NotNull(database.Read(() => database.Sql("SELECT number FROM space WHERE name = ?").Bind("kept").Find(), default));
    }

    [Fact]
    public async Task A_commit_that_was_not_answered_is_told_as_such()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger ledger = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        await place.ExecuteAsync("""
            CREATE FUNCTION vanish() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER vanishing AFTER INSERT ON space DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION vanish()
            """);
        LedgerException e = await Assert.ThrowsAsync<LedgerException>(() => BeginAsync(ledger, "t1", ""));
        Assert.Contains("it is there, or nothing of it is", e.Message, StringComparison.Ordinal);
        await place.ExecuteAsync("DROP TRIGGER vanishing ON space");
        Assert.Empty(await ledger.ListTransfersAsync(9, null, default));
        await BeginAsync(ledger, "t1", "");
    }

    [Fact]
    public async Task Whoever_waits_for_the_lock_gives_up_with_a_sentence_and_can_be_cancelled()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger patient = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        await using PostgresLedger hasty = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, new PostgresSettings { LockTries = 1 }, default);
        await using NpgsqlConnection other = await place.OpenAsync();
        await using (NpgsqlTransaction holding = await other.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(1197766516, 1)", other);
            await hold.ExecuteNonQueryAsync();
            LedgerException e = await Assert.ThrowsAsync<LedgerException>(() => BeginAsync(hasty, "t1", ""));
            Assert.Contains("locked by another program", e.Message, StringComparison.Ordinal);
            using var giveUp = new CancellationTokenSource();
            ValueTask<TransferRecord?> waiting = patient.BeginTransferAsync(Transfer("t1", ""), Holder, giveUp.Token);
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
            Assert.Empty(await patient.ListTransfersAsync(9, null, default));
        }

        await BeginAsync(hasty, "t1", "");
    }

    [Fact]
    public async Task Claims_of_two_programs_exclude_each_other()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger one = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        await using PostgresLedger other = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        for (int round = 0; round < 20; round++)
        {
            string path = $"p{round}";
            TransferRecord?[] answers = await Task.WhenAll(
                Task.Run(async () => await one.BeginTransferAsync(Transfer($"a{round}", path), Holder, default)),
                Task.Run(async () => await other.BeginTransferAsync(Transfer($"b{round}", path), Holder, default)));
            Assert.Single(answers, answer => answer is null);
        }
    }

    [Fact]
    public async Task A_thousand_files_take_a_handful_of_round_trips()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger ledger = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        await BeginAsync(ledger, "t1", "");
        var database = new PostgresDatabase(new PostgresLink(PostgresAddress.Parse(place.Address), "test"), 60, TimeSpan.Zero);
        await using var connection = new Connection(database, TimeProvider.System);
        FileIntent[] files = [.. Enumerable.Range(0, 1000).Select(at => Intent($"f{at}"))];
        List<long> numbers = await connection.WriteAsync(Survives.PowerFailure, rows => rows.Files.Start(rows.Transfers.NumberOfHolder("t1"), files), default);
        long begun = database.RoundTrips;
        await connection.WriteAsync(
            Survives.PowerFailure,
            rows =>
            {
                rows.Receipts.Record(rows.Transfers.NumberOfHolder("t1"), [.. files.Zip(numbers, (file, number) => Receipt(number, file))]);
                rows.Files.Forget(numbers);
                return true;
            },
            default);
        Assert.InRange(begun, 1, 12);
        Assert.InRange(database.RoundTrips - begun, 1, 8);
        Assert.Equal(1000, (await ledger.ListDeliveredAsync("t1", null, 10_000, default)).Count);
    }

    [Theory]
    [InlineData(2600, true)]
    [InlineData(4000, false)]
    public async Task A_path_as_long_as_an_index_takes_is_kept_and_a_longer_one_is_refused(int bytes, bool isKept)
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Address);
        await using PostgresLedger ledger = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        await BeginAsync(ledger, "t1", "");
        FileIntent file = Intent("f") with { Source = LongPath(bytes), Destination = LongPath(bytes) };
        if (!isKept)
        {
            LedgerException e = await Assert.ThrowsAsync<LedgerException>(async () => await ledger.StartFilesAsync("t1", [file], default));
            Assert.Contains("path", e.Message, StringComparison.Ordinal);
            return;
        }

        long number = (await ledger.StartFilesAsync("t1", [file], default))[0];
        await ledger.RecordDeliveredAsync("t1", [Receipt(number, file)], default);
        await ledger.RecordMarksAsync([new FileMark(MarkKind.Resend, file.SourceSpace, file.Source, file.DestinationSpace, file.Destination, "v", 1, default)], default);
        await ledger.RecordAttemptsAsync("t1", [Failed(file)], default);
        Assert.Equal(file.Source, Assert.Single(await ledger.ListFailedAsync("t1", null, 9, default)).Source);
        Assert.Equal(file.Destination, Assert.Single(await ledger.ListDeliveredAsync("t1", null, 9, default)).Intent.Destination);
    }

    private static RunHolder Holder => new("run", _ => false, TimeSpan.FromMinutes(2));

    private static FileIntent Intent(string name) => new("file://a", StorePath.FromText(name), "v1", "s3://b", StorePath.FromText(name), 12, "tag");

    private static Receipt Receipt(long number, FileIntent file) => new()
    {
        File = number,
        Intent = file,
        Checksums = [],
        Verdict = Verdict.Stored,
        Route = "stream",
        SentBytes = 1,
        Delivered = default,
    };

    private static FileAttempt Failed(FileIntent file) => new()
    {
        File = 0,
        Source = file.Source,
        Destination = file.Destination,
        Number = 1,
        Kind = "source-changed",
        Side = StoreSide.Source,
        Message = "said",
        MayPass = false,
        Final = true,
        Ended = new Timestamp(5),
    };

    private static TransferRecord Transfer(string id, string path) => new(id, "copy", "a", "b", "s3://b", StorePath.FromText(path), default);

    private static async Task BeginAsync(PostgresLedger ledger, string id, string path) =>
        Assert.Null(await ledger.BeginTransferAsync(Transfer(id, path), Holder, default));

    private static StorePath LongPath(int bytes)
    {
        byte[] path = Noise(bytes);
        for (int at = 0; at < path.Length; at++)
        {
            path[at] = at % 210 == 209 ? (byte)'/' : path[at];
        }

        return StorePath.FromBytes(path);
    }

    /// <summary>What does not get smaller by compressing.</summary>
    private static byte[] Noise(int bytes)
    {
        byte[] noise = new byte[bytes];
        new Random(5).NextBytes(noise);
        return [.. noise.Select(one => (byte)(128 + (one % 127)))];
    }
}
