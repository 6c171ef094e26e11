using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Transfers.Record;

public sealed class SqliteLedgerTests : IDisposable
{
    private const uint Nfs = 0x6969;

    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-ledger-").FullName;

    public static TheoryData<string> Sentences => [.. LedgerKit.Checks.Select(check => check.Says)];

    private string LedgerFile => Path.Combine(_directory, SqliteLedger.FileName);

    public void Dispose() => Directory.Delete(_directory, true);

    [Theory]
    [MemberData(nameof(Sentences))]
    public Task The_contract_holds_on_a_local_disk(string sentence) =>
        Check(sentence).ProveAsync(async time => await SqliteLedger.OpenAsync(_directory, time, default));

    [Theory]
    [MemberData(nameof(Sentences))]
    public Task The_contract_holds_on_a_shared_file_system(string sentence) =>
        Check(sentence).ProveAsync(async time => await OpenAsync(time, OnNfs));

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task A_ledger_that_breaks_the_sentence_is_caught(string sentence)
    {
        LedgerCheck check = Check(sentence);
        Exception? caught = await Xunit.Record.ExceptionAsync(() => check.ProveAsync(
            async time => LedgerFaults.Plant(check, await SqliteLedger.OpenAsync(_directory, time, default))));
        Assert.True(caught is LedgerCheckException or LedgerException, $"caught: {caught}");
    }

    [Fact]
    public async Task The_journal_is_the_one_that_the_file_system_bears()
    {
        await using (await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default))
        {
            Assert.True(File.Exists(LedgerFile + "-shm"));
        }

        await using (await OpenAsync(TimeProvider.System, OnNfs))
        {
            Assert.False(File.Exists(LedgerFile + "-shm"));
        }
    }

    [Theory]
    [InlineData(0x6969u, "NFS")]
    [InlineData(0xFF534D42u, "CIFS")]
    [InlineData(0x0BD00BD0u, "Lustre")]
    [InlineData(0xEF53u, null)]
    [InlineData(null, null)]
    public void Shared_file_systems_are_known_by_their_number(uint? number, string? name) =>
        Assert.Equal(name, StateFileSystem.SharedName(number));

    [Fact]
    public void The_system_tells_the_number_of_its_process_file_system() => Assert.Equal(0x9FA0u, StateFileSystem.NumberOf("/proc"));

    [Fact]
    public async Task A_journal_that_cannot_be_had_is_an_error_that_names_the_remedy()
    {
        // Another program reads from the log, so it cannot be given up.
        await using SqliteLedger other = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        LedgerException e = await FailsAsync(OnNfs);
        Assert.Contains(LedgerFile, e.Message, StringComparison.Ordinal);
        Assert.Contains("locked by another program", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_as_it_was()
    {
        string[] newer = [.. Schema.Steps, "CREATE TABLE later (number INTEGER)"];
        await using (await OpenAsync(TimeProvider.System, new SqliteSettings { SchemaSteps = newer }))
        {
        }

        LedgerException e = await FailsAsync(new SqliteSettings());
        Assert.Contains($"newer Godwit (schema {newer.Length}, this one knows {Schema.Steps.Count})", e.Message, StringComparison.Ordinal);
        await using (await OpenAsync(TimeProvider.System, new SqliteSettings { SchemaSteps = newer }))
        {
        }
    }

    [Fact]
    public async Task Where_files_come_from_is_kept_as_a_path()
    {
        await using SqliteLedger ledger = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        var path = StorePath.FromBytes([(byte)'a', (byte)'/', 0xff]);
        await ledger.BeginTransferAsync(LedgerSamples.Transfer("t1") with { SourcePath = path }, LedgerSamples.Holder, default);
        Assert.Equal(path, Assert.Single(await ledger.FindTransfersAsync("t1", default)).SourcePath);
    }

    [Fact]
    public async Task A_ledger_of_an_older_Godwit_keeps_its_receipts()
    {
        await using (await OpenAsync(TimeProvider.System, new SqliteSettings { SchemaSteps = [Schema.Steps[0]] }))
        {
        }

        using (var database = SqliteDatabase.Open(LedgerFile, 1))
        {
            database.Execute("""
                INSERT INTO space VALUES (1, 's3://there/bucket');
                INSERT INTO transfer (number, id, verb, source, destination, destination_space, destination_path, started)
                    VALUES (1, 't1', 'copy', 'there', 'here', 1, '', 1);
                INSERT INTO receipt VALUES (1, CAST('there' AS BLOB), 1, 1, CAST('here' AS BLOB), 'v', 7, 'tag', 5, NULL, '', 1, 'stream', 7, 9)
                """);
        }

        await using SqliteLedger now = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        Receipt kept = Assert.Single(await now.ListDeliveredAsync("t1", null, 9, default));
        Assert.Equal((StorePath.FromText("there"), 7L, SourceProof.None), (kept.Intent.Destination, kept.Intent.Length, kept.SourceProof));
        Assert.Single(await now.FindDeliveriesAsync(new PlaceSearch(LedgerSamples.Space, StorePath.FromText("here")), null, 9, default));
    }

    [Theory]
    [InlineData("SELECT 1 FROM receipt WHERE transfer = 1 AND source > x'61' AND source < x'62'", "receipt_by_source")]
    [InlineData("SELECT 1 FROM mark WHERE destination_space = 1 AND destination > x'61'", "mark_by_destination")]
    public async Task A_ledger_of_an_older_Godwit_gets_what_finds_a_place_quickly(string question, string index)
    {
        await using (await OpenAsync(TimeProvider.System, new SqliteSettings { SchemaSteps = [.. Schema.Steps.Take(7)] }))
        {
        }

        await using SqliteLedger now = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        using var database = SqliteDatabase.Open(LedgerFile, 1);
        IEnumerable<string> plan = database.Sql("EXPLAIN QUERY PLAN " + question).Select(row => (row.Long(), row.Long(), row.Long(), row.Text()).Item4);
        Assert.Contains($"INDEX {index} (", Assert.Single(plan), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ledger_of_an_older_Godwit_knows_whose_its_events_are()
    {
        await using (await OpenAsync(TimeProvider.System, new SqliteSettings { SchemaSteps = [.. Schema.Steps.Take(16)] }))
        {
        }

        using (var database = SqliteDatabase.Open(LedgerFile, 1))
        {
            database.Execute("""
                INSERT INTO submission (number, id, owner, project, verb, source, destination, details, made, priority, state, round, files) VALUES
                    (1, 't1', 'alice', 'atlas', 'copy', 'a', 'b', '', 1, 3, 1, 1, 0), (2, 't2', 'bob', 'cta', 'copy', 'a', 'b', '', 1, 3, 7, 1, 0);
                INSERT INTO event (submission, at, text) VALUES (1, 1, 'a1'), (2, 2, 'b1'), (9, 3, 'of none'), (1, 4, 'a2'), (2, 5, 'b2')
                """);
        }

        await using SqliteLedger now = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        await now.Journal.AppendAsync("t1", [new NewEvent(default, "a3")], default);
        Assert.Equal(["a1", "a2", "a3"], await TextsAsync(new EventFilter { Owner = "alice" }));
        Assert.Equal(["b1", "b2"], await TextsAsync(new EventFilter { Project = "cta" }));
        Assert.Null((await now.Submissions.FindAsync("t1", default))!.WaitingSince);

        async Task<IEnumerable<string>> TextsAsync(EventFilter filter) => (await now.Journal.ReadAsync(filter, 0, 9, default)).Select(one => one.Text);
    }

    [Fact]
    public async Task A_step_of_the_schema_that_fails_halfway_leaves_the_step_before_it()
    {
        await using (SqliteLedger ledger = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default))
        {
            await ledger.BeginTransferAsync(LedgerSamples.Transfer("t1"), LedgerSamples.Holder, default);
        }

        string[] broken = [.. Schema.Steps, "CREATE TABLE half (number INTEGER); DROP TABLE transfer; CREATE NONSENSE"];
        await FailsAsync(new SqliteSettings { SchemaSteps = broken });
        await using SqliteLedger again = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        Assert.Single(await again.ListTransfersAsync(9, null, default));
        string[] mended = [.. Schema.Steps, "CREATE TABLE half (number INTEGER)"];
        await using SqliteLedger later = await OpenAsync(TimeProvider.System, new SqliteSettings { SchemaSteps = mended });
    }

    [Fact]
    public async Task A_file_of_another_program_is_refused()
    {
        using (var other = SqliteDatabase.Open(LedgerFile, 1))
        {
            other.Execute("CREATE TABLE theirs (number INTEGER)");
        }

        Assert.Contains("another program", (await FailsAsync(new SqliteSettings())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        File.WriteAllText(LedgerFile, new string('x', 5000));
        LedgerException e = await FailsAsync(new SqliteSettings());
        Assert.StartsWith($"The ledger {LedgerFile} is not a ledger: move it away", e.Message, StringComparison.Ordinal);
        Assert.StartsWith("xxx", File.ReadAllText(LedgerFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_directory_is_an_error_that_names_the_remedy()
    {
        var e = await Assert.ThrowsAsync<LedgerException>(
            async () => await SqliteLedger.OpenAsync(_directory + "/none", TimeProvider.System, default));
        Assert.Contains("--state DIR", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_is_an_error_and_never_an_empty_answer()
    {
        await using (SqliteLedger ledger = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default))
        {
            await ledger.BeginTransferAsync(LedgerSamples.Transfer("t1"), LedgerSamples.Holder, default);
        }

        byte[] bytes = File.ReadAllBytes(LedgerFile);
        Array.Fill(bytes, (byte)0x5a, 4096, bytes.Length - 4096);
        File.WriteAllBytes(LedgerFile, bytes);
        var e = await Assert.ThrowsAsync<LedgerException>(async () =>
        {
            await using SqliteLedger damaged = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
            await damaged.ListTransfersAsync(9, null, default);
        });
        Assert.Contains("is damaged", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_another_program_keeps_is_an_error_in_the_end_and_leaves_the_ledger_usable()
    {
        await using SqliteLedger ledger = await OpenAsync(TimeProvider.System, new SqliteSettings { LockTries = 1 });
        using var other = SqliteDatabase.Open(LedgerFile, 1);
        other.Execute("BEGIN IMMEDIATE");
        var e = await Assert.ThrowsAsync<LedgerException>(async () => await BeginAsync(ledger));
        Assert.Contains("locked by another program", e.Message, StringComparison.Ordinal);
        other.Execute("ROLLBACK");
        Assert.Null(await BeginAsync(ledger));
    }

    [Fact]
    public async Task A_call_that_waits_for_a_lock_can_be_cancelled()
    {
        await using SqliteLedger ledger = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        using var other = SqliteDatabase.Open(LedgerFile, 1);
        other.Execute("BEGIN IMMEDIATE");
        using var cancel = new CancellationTokenSource();
        Task waiting = ledger.BeginTransferAsync(LedgerSamples.Transfer("t1"), LedgerSamples.Holder, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Theory]
    [InlineData(13, "its disk is full: free some space, or choose another directory with --state DIR (of a service: --data DIR)")]
    [InlineData(8, "you may write the file and its directory")]
    [InlineData(10 | (15 << 8), "cannot be locked on this file system: put it on a local disk with --state DIR")]
    [InlineData(10, "cannot be read or written")]
    public void Every_failure_names_the_file_and_the_remedy(int code, string remedy)
    {
        string message = SqliteErrors.Translate(code, "said", "/state/ledger.db").Message;
        Assert.StartsWith("The ledger /state/ledger.db ", message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }

    private static SqliteSettings OnNfs => new() { FileSystemOf = _ => Nfs, LockTries = 10 };

    private static LedgerCheck Check(string sentence) => LedgerKit.Checks.Single(check => check.Says == sentence);

    private static ValueTask<TransferRecord?> BeginAsync(SqliteLedger ledger) =>
        ledger.BeginTransferAsync(LedgerSamples.Transfer("t1"), LedgerSamples.Holder, default);

    private ValueTask<SqliteLedger> OpenAsync(TimeProvider time, SqliteSettings settings) =>
        SqliteLedger.OpenAsync(_directory, time, settings, default);

    private Task<LedgerException> FailsAsync(SqliteSettings settings) => Assert.ThrowsAsync<LedgerException>(
        async () => await OpenAsync(TimeProvider.System, settings with { LockTries = 1 }));
}
