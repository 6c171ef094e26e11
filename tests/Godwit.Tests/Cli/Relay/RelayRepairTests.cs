using System.Text.Json;

namespace Godwit.Tests.Cli.Relay;

/// <summary><c>godwit relay repair</c>: damage made by hand is told and mended, and nothing else is touched.</summary>
public sealed class RelayRepairTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Fact]
    public async Task A_box_without_faults_stays_as_it_is()
    {
        await ArrangeAsync();
        SortedDictionary<string, string>[] before = _relay.Trees();
        Assert.Equal("mended 0 faults\n", (await RepairAsync("--older-than", "0s")).Output);
        Assert.Equal(before, _relay.Trees());
    }

    [Fact]
    public async Task A_waiting_file_whose_bytes_are_gone_is_taken_back_and_can_be_sent_again()
    {
        await ArrangeAsync();
        File.Delete(InBox($"data/{IdOf("waits")}/00000001"));
        await RequireMendsAsync("lost-payload  waits: ");
        Assert.DoesNotContain("files/waits!", _relay.InBox("files"));
        await RelayFolder.DoneAsync(_relay.RunAsync(["relay", "resend", _relay.Site, _relay.Box, "--path", "waits"], "pushing"));
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RequireAllArrivesAsync();
    }

    [Fact]
    public async Task A_waiting_file_that_no_work_list_names_is_put_on_it_again()
    {
        await ArrangeAsync();
        File.Delete(InBox($"pending/waits!{IdOf("waits")}"));
        await RequireMendsAsync("lost-marker   waits: ");
        await RequireAllArrivesAsync();
    }

    [Fact]
    public async Task A_marker_of_nothing_goes_once_it_is_old()
    {
        await ArrangeAsync();
        foreach (string name in (string[])["pending/night!!/nothing!abc", $"pending/delivered!{IdOf("delivered")}", "pending/waits!older"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(InBox(name))!);
            File.WriteAllText(InBox(name), "");
        }

        Assert.Equal("mended 0 faults\n", (await RepairAsync()).Output);
        await RequireMendsAsync("stale-marker  night!/nothing: ", "stale-marker  delivered: ", "stale-marker  waits: ");
        Assert.Single(_relay.InBox("pending"));
        await RequireAllArrivesAsync();
    }

    [Fact]
    public async Task A_delivered_file_that_lost_its_record_gets_one_and_is_not_sent_again()
    {
        await ArrangeAsync();
        File.Delete(InBox("files/delivered!"));
        await RequireMendsAsync("lost-record   delivered: ");
        Directory.Delete(_relay.Folder.In("pushing"), recursive: true);
        Assert.Contains("2 unchanged", (await RelayFolder.DoneAsync(_relay.PushAsync())).Output, StringComparison.Ordinal);
        await RequireAllArrivesAsync();
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_told_and_stays()
    {
        await ArrangeAsync();
        string record = File.ReadAllText(InBox("files/waits!"));
        File.WriteAllText(InBox("files/waits!"), record.Replace("\"size\":3", "\"size\":4", StringComparison.Ordinal));
        SortedDictionary<string, string>[] before = _relay.Trees();
        Answer answer = await _relay.RunAsync(["relay", "repair", _relay.Box, "--older-than", "0s"]);
        Assert.Equal(6, answer.Code);
        Assert.Contains("its bytes are not those that were written", answer.Error, StringComparison.Ordinal);
        Assert.Equal(before, _relay.Trees());
    }

    private async Task ArrangeAsync()
    {
        _relay.Put("delivered", "one");
        await RelayFolder.DoneAsync(_relay.PushAsync());
        await RelayFolder.DoneAsync(_relay.PullAsync());
        _relay.Put("waits", "two");
        await RelayFolder.DoneAsync(_relay.PushAsync());
    }

    /// <summary>A dry run says it and changes nothing; mending says the same, and then nothing is left to mend.</summary>
    private async Task RequireMendsAsync(params string[] faults)
    {
        SortedDictionary<string, string>[] before = _relay.Trees();
        Answer dry = await RepairAsync("--older-than", "0s", "--dry-run");
        Assert.Equal(before, _relay.Trees());
        Assert.Contains($"dry run, nothing was changed; would mend {faults.Length} fault", dry.Output, StringComparison.Ordinal);
        Answer mended = await RepairAsync("--older-than", "0s");
        Assert.All(faults, fault => Assert.Contains(fault, dry.Output, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.Contains(fault, mended.Output, StringComparison.Ordinal));
        JsonElement counts = (await RepairAsync("--older-than", "0s", "--json")).Events[^1];
        Assert.Equal(0, counts.GetProperty("lost_payload").GetInt64() + counts.GetProperty("lost_marker").GetInt64());
        Assert.Equal("mended 0 faults\n", (await RepairAsync("--older-than", "0s")).Output);
    }

    private async Task RequireAllArrivesAsync()
    {
        await RelayFolder.DoneAsync(_relay.PullAsync());
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
        Assert.Empty(_relay.InBox("pending"));
    }

    private Task<Answer> RepairAsync(params string[] options) =>
        RelayFolder.DoneAsync(_relay.RunAsync(["relay", "repair", _relay.Box, .. options]));

    private string InBox(string name) => Path.Combine(_relay.Box, name);

    private string IdOf(string file) => JsonDocument.Parse(File.ReadAllText(InBox($"files/{file}!"))).RootElement.GetProperty("id").GetString()!;
}
