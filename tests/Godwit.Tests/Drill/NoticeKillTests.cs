using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Godwit.Drill;
using Godwit.Drill.Service;
using Godwit.Tests.Server.Notices;

namespace Godwit.Tests.Drill;

/// <summary>A service that is killed around the end of a transfer tells of it all the same.</summary>
public sealed class NoticeKillTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-told-");
    private WebhookReceiver _receiver = null!;

    private string Data => In("data");

    public async Task InitializeAsync()
    {
        _receiver = await WebhookReceiver.StartAsync();
        Directory.CreateDirectory(In("src"));
        await File.WriteAllTextAsync(In("src/a.dat"), "one");
        await File.WriteAllTextAsync(In("hook.secret"), "a line that both know\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(In("hook.secret"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await File.WriteAllTextAsync(In("godwit.yaml"), $"notices:\n  - webhook: {_receiver.At("/")}\n    secret: {{ file: hook.secret }}\n");
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        _room.Delete(recursive: true);
    }

    [Theory]
    [InlineData("Service.StepSuccess.Before@1")]
    [InlineData("Service.StepSuccess.After@1")]
    public async Task One_that_is_killed_at_the_end_of_a_transfer_tells_of_it(string kill)
    {
        string? id;
        await using (ServiceProcess first = Start(kill))
        {
            id = await SubmitAsync(first);
            await first.Ended.WaitAsync(s_patience);
            Assert.Equal(DrillProcess.Killed, first.Code);
        }

        await using ServiceProcess second = Start(null);
        Delivery told = await _receiver.NextAsync();
        Assert.Equal((id ?? told.Transfer, "SUCCESS"), (told.Transfer, told.State));
    }

    [Fact]
    public async Task One_that_is_killed_while_it_tells_tells_it_again()
    {
        var never = new TaskCompletionSource();
        _receiver.Answer = (_, http) => never.Task.WaitAsync(http.RequestAborted);
        Delivery told;
        await using (ServiceProcess first = Start(null))
        {
            await SubmitAsync(first);
            told = await _receiver.NextAsync();
        }

        _receiver.Say(200);
        await using ServiceProcess second = Start(null);
        Delivery again = await _receiver.NextAsync();
        Assert.Equal(told.Id, again.Id);
        Assert.Equal(told.Body, again.Body);
    }

    private string In(string name) => Path.Combine(_room.FullName, name);

    private ServiceProcess Start(string? kill) => ServiceProcess.Start(Data, kill, null, "--config", In("godwit.yaml"));

    /// <summary>Hands a copy over.</summary>
    /// <returns>Its id; null where the service was killed before it answered.</returns>
    private async Task<string?> SubmitAsync(ServiceProcess service)
    {
        using var http = new HttpClient { BaseAddress = await service.Address.WaitAsync(s_patience) ?? throw new InvalidOperationException(service.Said) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(Data, "admin.token"))).Trim());
        string body = JsonSerializer.Serialize(new Dictionary<string, string> { ["source"] = In("src"), ["destination"] = In("dst") });
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using HttpResponseMessage answer = await http.PostAsync("api/v1/transfers", content);
            return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
