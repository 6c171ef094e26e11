using System.Text.Json;

namespace Godwit.Tests.Cli.Service;

public sealed class ScheduleTests : IAsyncLifetime
{
    private readonly ShiftedTime _time = new();
    private ServiceTrial _service = null!;

    private CommandLineFolder Folder => _service.Folder;

    public async Task InitializeAsync()
    {
        _service = ServiceTrial.Prepare();
        _service.Time = _time;
        Folder.Put("a.dat", "one");
        Folder.Put("b.tmp", "two");
        await _service.StartAsync();
    }

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Fact]
    public async Task A_schedule_is_made_listed_shown_run_paused_and_removed()
    {
        Answer added = await _service.AskAsync(
            "schedule", "add", "nightly", Folder.Source, Folder.Destination, "--cron", "30 2 * * *", "--zone", "Europe/Zurich", "--exclude", "*.tmp", "--priority", "5");
        Assert.True(added.Code == 0, added.Error);
        Assert.StartsWith("nightly  \"30 2 * * *\" Europe/Zurich  copy ", added.Output, StringComparison.Ordinal);
        Assert.Contains(" 02:30", added.Output, StringComparison.Ordinal);
        Assert.Equal(added.Output, (await _service.AskAsync("schedule", "list")).Output);

        Answer run = await _service.AskAsync("schedule", "run", "nightly", "--wait");
        Assert.True(run.Code == 0, run.Error);
        Assert.Equal(["a.dat"], CommandLineFolder.Tree(Folder.Destination).Keys);
        string shown = (await _service.AskAsync("schedule", "show", "nightly")).Output;
        Assert.Contains("started, asked for  " + run.Output.Trim(), shown, StringComparison.Ordinal);
        Assert.Contains("  --exclude *.tmp\n", shown, StringComparison.Ordinal);
        Assert.Equal(5, shown.Split('\n').Single(line => line.StartsWith("  next: ", StringComparison.Ordinal)).Split(", ").Length);

        Assert.Contains("  paused", (await _service.AskAsync("schedule", "pause", "nightly")).Output, StringComparison.Ordinal);
        Assert.Contains("  next ", (await _service.AskAsync("schedule", "resume", "nightly")).Output, StringComparison.Ordinal);
        Assert.Equal("nightly  removed\n", (await _service.AskAsync("schedule", "remove", "nightly")).Output);
        Assert.Equal(4, (await _service.AskAsync("schedule", "show", "nightly")).Code);
        Assert.Empty((await _service.AskAsync("schedule", "list")).Output);
    }

    [Fact]
    public async Task At_its_time_it_fires_by_itself_and_after_a_restart_once_for_all_that_passed()
    {
        SetTime(new TimeSpan(10, 59, 30));
        await AddAsync("hourly", "0 * * * *");
        _time.Shift += TimeSpan.FromMinutes(1);
        await WakeAsync();
        JsonElement first = Assert.Single(await RunsAsync(1));
        await _service.UntilAsync(first.GetProperty("transfer").GetString()!, "SUCCESS");
        Assert.Equal(["a.dat", "b.tmp"], CommandLineFolder.Tree(Folder.Destination).Keys.Order());

        await _service.StopAsync();
        _time.Shift += TimeSpan.FromHours(3.5);
        await _service.RestartAsync();
        JsonElement[] runs = await RunsAsync(2);
        Assert.Equal(2, runs.Length);
        Assert.Contains("no service ran", runs[0].GetProperty("why").GetString(), StringComparison.Ordinal);
        await _service.UntilAsync(runs[0].GetProperty("transfer").GetString()!, "SUCCESS");
    }

    [Fact]
    public async Task At_the_end_of_its_window_it_is_paused_and_in_the_next_one_it_goes_on()
    {
        SetTime(new TimeSpan(22, 30, 0));
        Directory.CreateDirectory(Folder.In("large"));
        await File.WriteAllTextAsync(Folder.In("large/file"), new string('x', 1_000_000));
        Assert.Equal(0, (await _service.AskAsync(
            "schedule", "add", "slow", Folder.In("large"), Folder.Destination, "--cron", "0 22 * * *", "--window", "22:00-06:00", "--bandwidth", "1024")).Code);
        string transfer = (await _service.AskAsync("schedule", "run", "slow")).Output.Trim();
        await _service.UntilAsync(transfer, "TRANSFERRING");
        Assert.NotEqual(0, (await _service.AskAsync("schedule", "run", "slow")).Code);
        _time.Shift += TimeSpan.FromHours(8);
        await WakeAsync();
        await UntilSaysAsync(transfer, "paused by schedule slow");
        Assert.Contains("22:00-06:00", (await _service.AskAsync("schedule", "run", "slow")).Error, StringComparison.Ordinal);
        _time.Shift += TimeSpan.FromHours(16);
        await WakeAsync();
        while ((await _service.AskAsync("status", transfer)).Output.Contains("paused by", StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task After_a_restart_nothing_goes_on_outside_its_window()
    {
        SetTime(new TimeSpan(22, 30, 0));
        Directory.CreateDirectory(Folder.In("large"));
        await File.WriteAllTextAsync(Folder.In("large/file"), new string('x', 1_000_000));
        Assert.Equal(0, (await _service.AskAsync(
            "schedule", "add", "slow", Folder.In("large"), Folder.Destination, "--cron", "0 22 * * *", "--window", "22:00-06:00", "--bandwidth", "1024")).Code);
        string transfer = (await _service.AskAsync("schedule", "run", "slow")).Output.Trim();
        await _service.UntilAsync(transfer, "TRANSFERRING");
        await _service.StopAsync();
        _time.Shift += TimeSpan.FromHours(8);
        await _service.RestartAsync();
        JsonElement told = JsonDocument.Parse((await _service.AskAsync("status", transfer, "--json")).Output).RootElement;
        Assert.StartsWith("schedule slow", told.GetProperty("paused").GetProperty("by").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, told.GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task What_is_wrong_with_a_schedule_is_said()
    {
        Answer wrong = await _service.AskAsync("schedule", "add", "x", Folder.Source, Folder.Destination, "--cron", "0 26 * * *", "--zone", "Mars/Olympus");
        Assert.Equal(2, wrong.Code);
        Assert.Contains("cron: \"26\" is no hour", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("zone: \"Mars/Olympus\" is no time zone", wrong.Error, StringComparison.Ordinal);
        Answer outside = await _service.AskAsync("schedule", "add", "x", Folder.Source, Folder.Destination, "--cron", "0 12 * * *", "--window", "22:00-06:00");
        Assert.Contains("fires at 12:00", outside.Error, StringComparison.Ordinal);
        await AddAsync("x", "@daily");
        Assert.Contains("already", (await _service.AskAsync("schedule", "add", "x", Folder.Source, Folder.Destination, "--cron", "@daily")).Error, StringComparison.Ordinal);
        Assert.Equal(4, (await _service.AskAsync("schedule", "remove", "../x")).Code);
    }

    private void SetTime(TimeSpan ofDay) => _time.Shift += ofDay - _time.GetUtcNow().TimeOfDay;

    private async Task AddAsync(string name, string cron)
    {
        Answer added = await _service.AskAsync("schedule", "add", name, Folder.Source, Folder.Destination, "--cron", cron);
        Assert.True(added.Code == 0, added.Error);
    }

    /// <summary>The service looks at its clock again when a schedule changes; otherwise it does so after some seconds.</summary>
    private async Task WakeAsync()
    {
        Assert.Equal(0, (await _service.AskAsync("schedule", "add", "wake", Folder.Source, Folder.In("wake"), "--cron", "@yearly")).Code);
        Assert.Equal(0, (await _service.AskAsync("schedule", "remove", "wake")).Code);
    }

    private async Task<JsonElement[]> RunsAsync(int count)
    {
        while (true)
        {
            string[] lines = (await _service.AskAsync("schedule", "show", "hourly", "--json")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length > count)
            {
                return [.. lines.Skip(1).Select(line => JsonDocument.Parse(line).RootElement)];
            }

            await Task.Yield();
        }
    }

    private async Task UntilSaysAsync(string transfer, string text)
    {
        while (!(await _service.AskAsync("status", transfer)).Output.Contains(text, StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }

    /// <summary>The system's clock, set ahead.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        private long _shift;

        public TimeSpan Shift
        {
            get => new(Interlocked.Read(ref _shift));
            set => Interlocked.Exchange(ref _shift, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
