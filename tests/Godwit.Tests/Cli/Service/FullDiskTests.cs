using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Godwit.Tests.Cli.Service;

/// <summary>A service whose ledger's disk is full, until there is room again.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private const int Files = 16;
    private const int Length = 512 << 10;

    private readonly ServiceTrial _service = ServiceTrial.Prepare();

    private CommandLineFolder Folder => _service.Folder;

    private string Data => Folder.In("data");

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(Data);
        Run("mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "godwit-test", Data);
        for (int i = 0; i < Files; i++)
        {
            Folder.Put($"f{i}", new string((char)('a' + i), Length));
        }

        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _service.StopAsync();
        Run("umount", "-l", Data);
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_taken_nothing_is_lost_and_with_room_again_everything_goes_on_by_itself()
    {
        await _service.StartAsync();
        string slow = await _service.SubmitAsync(Folder.Source, Folder.Destination, "--bandwidth", "1MiB", "--transfers", "1");
        await _service.UntilAsync(slow, "TRANSFERRING");
        while (Delivered(await ToldAsync(slow)) == 0)
        {
            await Task.Yield();
        }

        Fill();
        Answer refused = await SubmitUntilRefusedAsync();
        Assert.Equal(7, refused.Code);
        Assert.Contains("disk is full", refused.Error, StringComparison.Ordinal);
        while (await ReadyAsync() is not (503, { } why) || !why.Contains("disk is full", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        // What goes on comes to the full disk, too.
        await UntilBrokenOffAsync(slow);
        Assert.Equal("TRANSFERRING", (await ToldAsync(slow)).GetProperty("state").GetString());
        File.Delete(Path.Combine(Data, "filler"));
        await UntilReadyAsync();
        JsonElement ended = await UntilEndedAsync(slow);
        Assert.Equal("SUCCESS", ended.GetProperty("state").GetString());
        Assert.Equal(CommandLineFolder.Tree(Folder.Source), CommandLineFolder.Tree(Folder.Destination));
        Assert.Equal((Files, true), (Delivered(ended), ended.GetProperty("runs").GetArrayLength() > 1));
        Assert.Equal(Files, await DeliveriesAsync(slow));
        Assert.Equal(0, (await _service.AskAsync("submit", Folder.Source, Folder.In("after"), "--wait")).Code);
    }

    private async Task<Answer> SubmitUntilRefusedAsync()
    {
        for (int i = 0; i < 2000; i++)
        {
            Answer answer = await _service.AskAsync("submit", Folder.In("none"), Folder.In($"x{i}"));
            if (answer.Code != 0)
            {
                return answer;
            }
        }

        throw new InvalidOperationException("The disk is not full.");
    }

    /// <summary>Waits until its run has ended, however that is told: it delivers nothing more.</summary>
    private async Task UntilBrokenOffAsync(string id)
    {
        while ((await ToldAsync(id)).GetProperty("runs").EnumerateArray().Last() is var run && run.TryGetProperty("totals", out JsonElement totals)
            && totals.ValueKind == JsonValueKind.Object)
        {
            await Task.Yield();
        }
    }

    /// <summary>How many files its receipts tell of.</summary>
    private async Task<int> DeliveriesAsync(string id)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(Data, "admin.token"))).Trim());
        string files = await http.GetStringAsync(new Uri($"{Folder.Wiring.Environment("GODWIT_SERVER")}/api/v1/transfers/{id}/files?state=delivered"));
        return JsonElement.Parse(files).GetProperty("items").EnumerateArray().DistinctBy(one => one.GetProperty("path").GetString()).Count();
    }

    private async Task UntilReadyAsync()
    {
        while ((await ReadyAsync()).Status != 200)
        {
            await Task.Yield();
        }
    }

    private async Task<JsonElement> UntilEndedAsync(string id)
    {
        while (true)
        {
            JsonElement told = await ToldAsync(id);
            if (told.GetProperty("state").GetString() is "SUCCESS" or "ERROR" or "PARTIAL")
            {
                return told;
            }

            await Task.Yield();
        }
    }

    private async Task<(int Status, string? Why)> ReadyAsync()
    {
        using var http = new HttpClient();
        using HttpResponseMessage answer = await http.GetAsync(new Uri(Folder.Wiring.Environment("GODWIT_SERVER") + "/readyz"));
        var told = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        return ((int)answer.StatusCode, answer.StatusCode == HttpStatusCode.OK ? null : told.ToString());
    }

    private async Task<JsonElement> ToldAsync(string id) => JsonElement.Parse((await _service.AskAsync("status", id, "--json")).Output);

    private static long Delivered(JsonElement told) =>
        told.TryGetProperty("totals", out JsonElement totals) && totals.ValueKind == JsonValueKind.Object ? totals.GetProperty("delivered").GetInt64() : 0;

    /// <summary>Writes until nothing more goes in.</summary>
    private void Fill()
    {
        using var filler = new FileStream(Path.Combine(Data, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, 1);
        try
        {
            for (byte[] page = new byte[4096]; ;)
            {
                filler.Write(page);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    private static void Run(string program, params string[] args)
    {
        using var process = Process.Start(program, args);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
