using System.Globalization;
using System.Text.Json;
using Godwit.Cli.Client;

namespace Godwit.Tests.Cli.Service;

/// <summary>What <c>godwit status</c> says of those who were asked.</summary>
public sealed class CallOutLineTests
{
    [Theory]
    [InlineData("STAGING", """ "tries":0 """, "stage    tape  is about to be asked. Waits until {11:00}.")]
    [InlineData("STAGING", """ "tries":1 """, "stage    tape  asked once, {10:00}, no answer yet. Waits until {11:00}.")]
    [InlineData("STAGING", """ "tries":3,"fault":"It answers 503." """, "stage    tape  asked 3 times since {10:00}, last answer: It answers 503. Waits until {11:00}.")]
    [InlineData("STAGING", """ "tries":3,"fault":null,"acknowledged":"2026-11-23T10:02:00Z" """, "stage    tape  acknowledged {10:02}, waits for its call until {11:00}")]
    [InlineData("ERROR", """ "tries":1,"acknowledged":"2026-11-23T10:02:00Z" """, "stage    tape  acknowledged {10:02}, never called back")]
    [InlineData("ERROR", """ "tries":2,"fault":"It answers 400: no" """, "stage    tape  asked 2 times since {10:00}, last answer: It answers 400: no.")]
    [InlineData("CANCELED", """ "tries":0 """, "stage    tape  was not asked.")]
    [InlineData("CANCELED", """ "tries":1 """, "stage    tape  asked once, {10:00}, no answer.")]
    [InlineData("STAGED", """ "tries":1,"answered":"2026-11-23T10:30:00Z","success":true """, "stage    tape  ready {10:30}")]
    [InlineData(
        "TRANSFERRING", """ "tries":1,"answered":"2026-11-23T10:30:00Z","success":true,"message":"two tapes","source":"archive:staged/x" """,
        "stage    tape  ready {10:30} at archive:staged/x (two tapes)")]
    [InlineData("ERROR", """ "tries":1,"answered":"2026-11-23T10:30:00Z","success":false,"message":"tape lost" """, "stage    tape  failed {10:30}: tape lost")]
    [InlineData("ERROR", """ "tries":1,"answered":"2026-11-23T10:30:00Z","success":false,"message":"" """, "stage    tape  failed {10:30}: no reason given")]
    [InlineData(
        "SUCCESS", """ "tries":1,"answered":"2026-11-23T10:30:00Z","success":true,"release_fault":"It answers 500." """,
        "stage    tape  ready {10:30}; does not know yet that it is over: It answers 500.")]
    [InlineData("SUCCESS", """ "tries":1,"answered":"2026-11-23T10:30:00Z","success":true,"release_fault":"It answers 500.","released":"2026-11-23T10:40:00Z" """, "stage    tape  ready {10:30}")]
    public void One_line_says_how_far_somebody_is(string state, string fields, string line) => Assert.Equal(Local(line), Lines(state, Call("stage", 2, fields)).Single());

    [Fact]
    public void Both_are_told_and_only_of_this_round()
    {
        string[] lines = Lines("PREPARING", $"{Call("stage", 1, "\"tries\":9")},{Call("stage", 2, "\"tries\":1,\"success\":true,\"answered\":\"2026-11-23T10:30:00Z\"")},{Call("prepare", 2, "\"tries\":0")}");
        Assert.Equal([Local("stage    tape  ready {10:30}"), Local("prepare  tape  is about to be asked. Waits until {11:00}.")], lines);
    }

    [Fact]
    public void A_source_that_nobody_knows_yet_is_said_to_come()
    {
        using var json = JsonDocument.Parse("""{"id":"t1","state":"STAGING","verb":"copy","destination":"disk:x","made":"2026-11-23T10:00:00Z"}""");
        Assert.Equal("t1  STAGING  copy (from its stager) -> disk:x", new TransferView(json.RootElement).Lines().First());
    }

    [Fact]
    public void A_schedule_says_who_is_asked_each_time()
    {
        using var json = JsonDocument.Parse("""
            {"name":"n","id":"s1","owner":"alice","verb":"copy","destination":"disk:x","priority":3,"options":{},"cron":"@daily","zone":"UTC","missed":"run","enabled":true,"next":[],
             "stage":{"by":"tape","what":"it all"},"prepare":{"by":"pack","what":""}}
            """);
        string[] lines = [.. new ScheduleView(json.RootElement).Lines([])];
        Assert.Equal(["  copy (from its stager) -> disk:x, priority 3", "  --stager tape --stage it all", "  --preparer pack"], lines[1..4]);
    }

    private static string[] Lines(string state, string calls)
    {
        using var json = JsonDocument.Parse($$"""{"id":"t1","state":"{{state}}","round":2,"verb":"copy","source":"a","destination":"b","call_outs":[{{calls}}]}""");
        return [.. new TransferView(json.RootElement).Lines().Skip(1).Where(line => line.Contains("  tape  ", StringComparison.Ordinal)).Select(line => line[2..])];
    }

    private static string Call(string stage, int round, string fields) =>
        $$"""{"round":{{round}},"stage":"{{stage}}","by":"tape","what":"x","id":"c","made":"2026-11-23T10:00:00Z","deadline":"2026-11-23T11:00:00Z",{{fields}}}""";

    /// <summary>The line, with its times as those of this machine.</summary>
    private static string Local(string line) => System.Text.RegularExpressions.Regex.Replace(line, @"\{(\d\d:\d\d)\}", time => DateTimeOffset
        .Parse($"2026-11-23T{time.Groups[1].Value}:00Z", CultureInfo.InvariantCulture).ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
}
