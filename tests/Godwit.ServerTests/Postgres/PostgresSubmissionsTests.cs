using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record.Postgres;
using Godwit.Transfers.Record.Sql;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.ServerTests.Postgres;

/// <summary>The transfers that were handed to a service, in PostgreSQL.</summary>
public sealed class PostgresSubmissionsTests
{
    public static TheoryData<string> Sentences => [.. SubmissionKit.Checks.Select(check => check.Says)];

    [Theory]
    [MemberData(nameof(Sentences))]
    public async Task The_contract_holds(string sentence)
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync();
        await SubmissionKit.Checks.Single(check => check.Says == sentence).ProveAsync(async () => await place.OpenSubmissionsAsync());
    }

    [Fact]
    public async Task A_page_of_a_large_transfer_is_found_without_reading_those_before()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync();
        await using OpenedSubmissions opened = await place.OpenSubmissionsAsync();
        await opened.Submissions.ReceiveAsync(new Submission("t1", "alice", "atlas", "copy", "a", "b", "", default), default);
        foreach (int[] some in Enumerable.Range(0, 20_000).Chunk(2_000))
        {
            await opened.Submissions.AddFilesAsync("t1", [.. some.Select(at => File($"d{at % 7}/f{at:D6}"))], default);
        }

        Assert.Equal(20_000, (await opened.Submissions.SubmitAsync("t1", "h", default, default)).Files);
        IReadOnlyList<ListedFile> page = await opened.Submissions.ListFilesAsync("t1", File("d6/f019990"), 100, default);
        Assert.Equal(["d6/f019991", "d6/f019998"], page.Select(file => file.Source.ToString()));
        foreach (string after in (string[])["", "ANALYZE"])
        {
            await place.ExecuteAsync(after.Length > 0 ? after : "SELECT 1");
            using var database = new PostgresDatabase(new PostgresLink(PostgresAddress.Parse(place.Address), "test"), 1, TimeSpan.Zero);
            string plan = string.Join('\n', database.Read(
                () => database
                    .Sql("EXPLAIN SELECT source FROM submission_file WHERE submission = 1 AND (source, destination) > ('a', 'a') ORDER BY source, destination LIMIT 9")
                    .Select(row => row.Text()),
                default));
            Assert.Contains("Index Scan using submission_file_by_source", plan, StringComparison.Ordinal);
            Assert.DoesNotMatch("(?m)^\\W*Sort  ", plan);
        }
    }

    [Theory]
    [InlineData("alice", null, "event_of_owner")]
    [InlineData("alice", "atlas", "event_of_owner")]
    [InlineData(null, "atlas", "event_of_project")]
    public async Task Events_are_read_without_those_of_others(string? owner, string? project, string index)
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync();
        await using OpenedSubmissions opened = await place.OpenSubmissionsAsync();
        await place.ExecuteAsync("""
            INSERT INTO submission (number, id, owner, project, verb, source, destination, details, made, priority, state, round, files)
                SELECT n, 't' || n, CASE n WHEN 1 THEN 'alice' ELSE 'bob' END, CASE n WHEN 1 THEN 'atlas' ELSE 'cta' END, 'copy', 'a', 'b', '', 1, 3, 1, 1, 0
                FROM generate_series(1, 100) n;
            INSERT INTO event (submission, owner, project, at, text)
                SELECT s.number, s.owner, s.project, 1, '{}' FROM generate_series(1, 300) n CROSS JOIN submission s
            """);
        string question = EventRows.Question(new EventFilter { Owner = owner, Project = project });
        foreach (string before in (string[])["SELECT 1", "ANALYZE"])
        {
            await place.ExecuteAsync(before);
            using var database = new PostgresDatabase(new PostgresLink(PostgresAddress.Parse(place.Address), "test"), 1, TimeSpan.Zero);
            Statement asked = database.Sql("EXPLAIN " + question).Bind(0).Bind(owner ?? project);
            asked = owner is not null && project is not null ? asked.Bind(project) : asked;
            string plan = string.Join('\n', database.Read(() => asked.Bind(100).Select(row => row.Text()), default));
            Assert.Contains($"{index} on event", plan, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_schedule_began_and_has_not_ended_is_found_without_what_has_ended()
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync();
        await using OpenedSubmissions opened = await place.OpenSubmissionsAsync();
        await place.ExecuteAsync("""
            INSERT INTO submission (number, id, owner, project, verb, source, destination, details, made, priority, request_key, state, round, files)
                SELECT n, 't' || n, 'alice', 'atlas', 'copy', 'a', 'b', '', 1, 3, 'schedule/s/' || n, CASE n % 1000 WHEN 0 THEN 1 ELSE 7 END, 1, 0
                FROM generate_series(1, 20000) n
            """);
        foreach (string before in (string[])["SELECT 1", "ANALYZE"])
        {
            await place.ExecuteAsync(before);
            using var database = new PostgresDatabase(new PostgresLink(PostgresAddress.Parse(place.Address), "test"), 1, TimeSpan.Zero);
            Statement asked = database.Sql("EXPLAIN " + SubmissionRows.OpenByKey).Bind("alice").Bind("schedule/s/").Bind("schedule/s0").Bind(500);
            string plan = string.Join('\n', database.Read(() => asked.Select(row => row.Text()), default));
            Assert.Matches("submission_open", plan);
            Assert.DoesNotMatch("Seq Scan|submission_by_key", plan);
        }
    }

    private static ListedFile File(string name) => new(StorePath.FromText(name), StorePath.FromText(name));
}
