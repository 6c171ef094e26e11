using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sql;
using Godwit.Transfers.Record.Sqlite;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Transfers.Record;

/// <summary>The transfers that were handed to a service, in SQLite.</summary>
public sealed class SqliteSubmissionsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-submissions-").FullName;

    public static TheoryData<string> Sentences => [.. SubmissionKit.Checks.Select(check => check.Says)];

    public void Dispose() => Directory.Delete(_directory, true);

    [Theory]
    [MemberData(nameof(Sentences))]
    public Task The_contract_holds(string sentence) => Check(sentence).ProveAsync(async () => await OpenAsync());

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task What_breaks_the_sentence_is_caught(string sentence)
    {
        Func<OpenedSubmissions, OpenedSubmissions> plant = FaultySubmissions.All
            .Select(fault => KeyValuePair.Create<string, Func<OpenedSubmissions, OpenedSubmissions>>(
                fault.Key, opened => opened with { Submissions = fault.Value(opened.Submissions) }))
            .Concat(FaultyJournal.All).Concat(FaultyNotices.All).Concat(FaultyCallOuts.All).Concat(FaultyHousekeeping.All)
            .Single(fault => sentence.StartsWith(fault.Key, StringComparison.Ordinal)).Value;
        Exception? caught = await Xunit.Record.ExceptionAsync(() => Check(sentence).ProveAsync(async () =>
        {
            OpenedSubmissions opened = await OpenAsync();
            return plant(opened);
        }));
        Assert.True(caught is LedgerCheckException or LedgerException, $"caught: {caught}");
    }

    [Fact]
    public async Task A_call_that_was_cancelled_leaves_nothing()
    {
        await using OpenedSubmissions opened = await OpenAsync();
        var submission = new Submission("t1", "alice", "atlas", "copy", "a", "b", "", default);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opened.Submissions.ReceiveAsync(submission, new CancellationToken(true)).AsTask());
        Assert.Null(await opened.Submissions.ReceiveAsync(submission, default));
    }

    [Fact]
    public async Task A_page_of_a_large_transfer_is_found_without_reading_those_before()
    {
        await using OpenedSubmissions opened = await OpenAsync();
        await opened.Submissions.ReceiveAsync(new Submission("t1", "alice", "atlas", "copy", "a", "b", "", default), default);
        foreach (int[] some in Enumerable.Range(0, 20_000).Chunk(2_000))
        {
            await opened.Submissions.AddFilesAsync("t1", [.. some.Select(at => File($"d{at % 7}/f{at:D6}"))], default);
        }

        Assert.Equal(20_000, (await opened.Submissions.SubmitAsync("t1", "h", default, default)).Files);
        IReadOnlyList<ListedFile> page = await opened.Submissions.ListFilesAsync("t1", File("d6/f019990"), 100, default);
        Assert.Equal(["d6/f019991", "d6/f019998"], page.Select(file => file.Source.ToString()));
        using var database = SqliteDatabase.Open(Path.Combine(_directory, SqliteLedger.FileName), 1, create: false);
        string plan = string.Join('\n', database
            .Sql("EXPLAIN QUERY PLAN SELECT source FROM submission_file WHERE submission = 1 AND (source, destination) > (x'61', x'61') ORDER BY source, destination LIMIT 9")
            .Select(row => (row.Long(), row.Long(), row.Long(), row.Text()).Item4));
        Assert.Contains("SEARCH submission_file USING PRIMARY KEY", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "alice", null, "event_of_owner (owner=? AND id>?)")]
    [InlineData(null, "alice", "atlas", "event_of_owner (owner=? AND id>?)")]
    [InlineData(null, null, "atlas", "event_of_project (project=? AND id>?)")]
    [InlineData("t1", "alice", "atlas", "event_of_submission (submission=? AND id>?)")]
    [InlineData(null, null, null, "INTEGER PRIMARY KEY (rowid>?)")]
    public async Task Events_are_read_without_those_of_others(string? transfer, string? owner, string? project, string index)
    {
        await using OpenedSubmissions opened = await OpenAsync();
        var filter = new EventFilter { Submission = transfer, Owner = owner, Project = project };
        using var database = SqliteDatabase.Open(Path.Combine(_directory, SqliteLedger.FileName), 1, create: false);
        string[] plan = [.. database.Sql("EXPLAIN QUERY PLAN " + EventRows.Question(filter)).Select(row => (row.Long(), row.Long(), row.Long(), row.Text()).Item4)];
        Assert.Contains(index, plan[0], StringComparison.Ordinal);
        Assert.DoesNotContain(plan, line => line.Contains("SCAN", StringComparison.Ordinal) || line.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_schedule_began_and_has_not_ended_is_found_without_what_has_ended()
    {
        await using OpenedSubmissions opened = await OpenAsync();
        using var database = SqliteDatabase.Open(Path.Combine(_directory, SqliteLedger.FileName), 1, create: false);
        foreach (string before in (string[])["SELECT 1", "ANALYZE"])
        {
            database.Execute(before);
            string[] plan = [.. database.Sql("EXPLAIN QUERY PLAN " + SubmissionRows.OpenByKey).Select(row => (row.Long(), row.Long(), row.Long(), row.Text()).Item4)];
            Assert.Equal(["SEARCH submission USING INDEX submission_open_by_key (owner=? AND request_key>? AND request_key<?)"], plan);
        }
    }

    [Fact]
    public async Task What_is_old_is_found_behind_what_may_not_be_removed()
    {
        await using OpenedSubmissions opened = await OpenAsync();
        foreach (string id in (string[])["open", "ended"])
        {
            await opened.Submissions.ReceiveAsync(new Submission(id, "alice", "atlas", "copy", "a", "b", "", default), default);
            await opened.Submissions.SubmitAsync(id, "h", default, default);
        }

        await opened.Journal.AppendAsync("open", [new NewEvent(new Timestamp(long.MaxValue), "{}"), .. Enumerable.Repeat(new NewEvent(default, "{}"), 2500)], default);
        await opened.Submissions.StepAsync("ended", TransferState.Submitted, TransferState.Canceled, null, default, default);
        await opened.Journal.AppendAsync("ended", [.. Enumerable.Repeat(new NewEvent(default, "{}"), 1500)], default);
        Assert.Equal(1300, await opened.Housekeeping.PruneAsync(new Timestamp(1), 1300, default));
        Assert.Equal(202, await opened.Housekeeping.PruneAsync(new Timestamp(1), 1300, default));
        Assert.Equal(2502, (await opened.Journal.ReadAsync(new EventFilter(), 0, 9999, default)).Count);
    }

    [Fact]
    public async Task A_transfer_of_a_schedule_is_accepted_together_with_the_note_of_it_or_not_at_all()
    {
        await using OpenedSubmissions opened = await OpenAsync();
        await opened.Schedules.AddAsync(new Schedule("s", "nightly", "alice", "", "copy", "a", "b", "", default) { Cron = "@daily" }, default);
        var transfer = new Submission("t1", "alice", "", "copy", "a", "b", "", default) { RequestKey = "k" };
        var run = new ScheduleRun("s", new Timestamp(5), new Timestamp(6), ScheduleEnd.Started);
        using (var database = SqliteDatabase.Open(Path.Combine(_directory, SqliteLedger.FileName), 1, create: false))
        {
            database.Execute("CREATE TRIGGER broken BEFORE INSERT ON schedule_run BEGIN SELECT RAISE(ABORT, 'broken'); END");
            await Assert.ThrowsAsync<LedgerException>(() => opened.Schedules.FireAsync(run, transfer, "h", default).AsTask());
            Assert.Empty(await opened.Submissions.ListAsync(new SubmissionFilter(), null, 9, default));
            Assert.Null((await opened.Schedules.FindAsync("s", default))!.LastTransfer);
            database.Execute("DROP TRIGGER broken");
        }

        Assert.NotNull(await opened.Schedules.FireAsync(run, transfer, "h", default));
    }

    private static ListedFile File(string name) => new(StorePath.FromText(name), StorePath.FromText(name));

    private static SubmissionCheck Check(string sentence) => SubmissionKit.Checks.Single(check => check.Says == sentence);

    private async Task<OpenedSubmissions> OpenAsync()
    {
        SqliteLedger ledger = await SqliteLedger.OpenAsync(_directory, TimeProvider.System, default);
        return new OpenedSubmissions(ledger.Submissions, ledger)
        {
            Ledger = ledger,
            Journal = ledger.Journal,
            Tokens = ledger.Tokens,
            Settings = ledger.ServiceSettings,
            Audit = ledger.Audit,
            Schedules = ledger.Schedules,
            Notices = ledger.Notices,
            CallOuts = ledger.CallOuts,
            Housekeeping = ledger.Housekeeping,
        };
    }
}
