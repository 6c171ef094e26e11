using System.Runtime.Versioning;
using System.Text.Json;
using Godwit.Cli.Configuration;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>What a configuration says of those who make transfers ready.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class StagerConfigurationTests : IDisposable
{
    private const string Whole = """
        stagers:
          tape:
            url: https://tape.example.org/stage?key=hush
            secret: { file: tape.secret }
            at-once: 50
            time-limit: 36h
            places: ["disk:staged", "s3://stage-*"]
            projects: [atlas, ska]
            certificate: host.pem
            key: ~/host.key
            ca: /etc/ca.pem
          disk:
            url: http://127.0.0.1:8080/
            secret: { env: X }
        preparers:
          tape:
            url: https://prepare.example.org/
            secret: { command: [pass, show, hush] }

        """;

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_is_read()
    {
        var faults = new Faults("x");
        GodwitConfiguration read = ConfigurationReader.Read(Whole, new ConfigurationPlace("/c/godwit.yaml", "/home/me"), faults);
        faults.Require();
        StagerEntry tape = read.Stagers![0];
        Assert.Equal(("tape", CallStage.Stage, "/c/godwit.yaml:2"), (tape.Name, tape.Stage, tape.Origin));
        Assert.Equal((50, TimeSpan.FromHours(36)), (tape.AtOnce, tape.Limit));
        Assert.Equal(["disk:staged", "s3://stage-*"], tape.Places.Select(place => place.Text));
        Assert.Equal(["atlas", "ska"], tape.Projects!);
        Assert.Equal(["/c/host.pem", "/home/me/host.key", "/etc/ca.pem"], tape.Files.Select(one => one.File.Text));
        StagerEntry disk = read.Stagers![1];
        Assert.Equal((null, null, null), (disk.AtOnce, disk.Limit, disk.Projects));
        Assert.Empty(disk.Places);
        Assert.Equal(("tape", CallStage.Prepare), (read.Preparers![0].Name, read.Preparers![0].Stage));
    }

    [Fact]
    public void The_page_tells_of_every_key_and_has_no_fault()
    {
        string[] lines = File.ReadAllLines(Page());
        IEnumerable<string> example = lines.SkipWhile(line => !line.StartsWith("    server:", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal));
        var faults = new Faults("x");
        string yaml = string.Join('\n', example.Select(line => line[4..]));
        _folder.Put(".config/godwit/operators.txt", "/DC=org/DC=example/CN=Olga\n");
        GodwitConfiguration read = ConfigurationReader.Read(yaml, new ConfigurationPlace(_folder.File, _folder.Root), faults);
        Assert.Equal([], faults.Lines);
        StagerEntry tape = read.Stagers!.Single();
        Assert.NotEqual((null, null, null), (tape.AtOnce, tape.Limit, tape.Projects));
        Assert.Equal((1, 3, "pack"), (tape.Places.Count, tape.Files.Count(), read.Preparers!.Single().Name));
        Assert.All(new[] { "public-url", "wait-limit", "transfer-limit", "keep" }, key => Assert.Contains(key, read.Server.Keys));
    }

    private static string Page([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "..", "docs", "configuration.md"));

    [Fact]
    public async Task They_are_shown_without_secrets()
    {
        _folder.Write(Whole);
        Answer answer = await _folder.SucceedAsync("config", "show");
        Assert.Contains("\nstagers tape:\n  url             https://tape.example.org/stage?***\n", answer.Output, StringComparison.Ordinal);
        Assert.Contains("\n  at-once         50\n  time-limit      36h\n  places          disk:staged, s3://stage-*\n  projects        atlas, ska\n", answer.Output, StringComparison.Ordinal);
        Assert.Contains("\npreparers tape:\n  url             https://prepare.example.org/\n  secret          command: pass ***\n", answer.Output, StringComparison.Ordinal);
        Answer json = await _folder.SucceedAsync("config", "show", "--json");
        JsonElement shown = JsonDocument.Parse(json.Output).RootElement.GetProperty("stagers").GetProperty("disk");
        Assert.Equal(("4", "default"), (shown.GetProperty("at-once").GetProperty("value").GetString(), shown.GetProperty("at-once").GetProperty("origin").GetString()));
        Assert.Equal("1d", shown.GetProperty("time-limit").GetProperty("value").GetString());
        Assert.DoesNotContain("hush", answer.Output + json.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("time-limit: 0s", "line 9: time-limit is \"0s\": write at least 1s.")]
    [InlineData("time-limit: 3651d", "line 9: time-limit is \"3651d\": write at most 3650d.")]
    [InlineData("time-limit: 5000000d", "line 9: time-limit is \"5000000d\": write at most 3650d.")]
    [InlineData("time-limit: 3650d", null)]
    public async Task A_time_limit_has_bounds(string line, string? fault)
    {
        _folder.Write(
            "stagers:\n  tape: { url: \"https://t/\", secret: { env: X } }\n  disk: { url: \"https://d/\", secret: { env: X } }\npreparers:\n  tape:\n    url: https://p/\n    secret: { env: X }\n\n    " + line + "\n");
        _folder.Variables["X"] = "a line that both know";
        Answer answer = await _folder.RunAsync("config", "check");
        Assert.Equal(fault is null ? 0 : 2, answer.Code);
        Assert.Contains(fault ?? "", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_looks_for_secrets_and_files()
    {
        _folder.Write(Whole);
        _folder.Variables["X"] = "a secret";
        Answer answer = await _folder.RunAsync("config", "check");
        Assert.Equal(2, answer.Code);
        string[] lines = [.. answer.Error.Split('\n').Where(line => line.Contains(", line ", StringComparison.Ordinal)).Select(line => line.Split(", line ")[1])];
        Assert.Contains(lines, line => line.StartsWith("4: the secret of \"file: ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("9: certificate is \"", StringComparison.Ordinal) && line.EndsWith("and there is no such file. Name another one.", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("10: key is \"", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("11: ca is \"/etc/ca.pem\"", StringComparison.Ordinal));
    }
}
