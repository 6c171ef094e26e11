using Godwit.Tests.Cli;
using Godwit.Tests.Cli.Service;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Postgres;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.ServerTests.Postgres;

/// <summary>A service whose database server is killed under it.</summary>
public sealed class PostgresServiceRestartTests(PrivatePostgres server) : IClassFixture<PrivatePostgres>
{
    private const int Files = 3000;

    [Theory]
    [InlineData("kill")]
    [InlineData("stop")]
    public async Task A_service_whose_database_goes_away_in_the_middle_ends_what_it_has_begun(string how)
    {
        await using PostgresPlace place = await PostgresPlace.MakeAsync(server.Keyless);
        await using var service = ServiceTrial.Prepare();
        service.Arguments.AddRange(["--database", place.Address]);
        for (int at = 0; at < Files; at++)
        {
            service.Folder.Put($"d{at % 10}/f{at}", $"{at}");
        }

        await service.StartAsync();
        string id = await service.SubmitAsync(service.Folder.Source, service.Folder.Destination);
        await UntilAsync(() => Directory.Exists(service.Folder.Destination));
        await server.ControlAsync(how);
        await server.ControlAsync("start");
        string status = "";
        try
        {
            await UntilAsync(async () => (status = (await service.AskAsync("status", id, "--json")) is var told ? told.Output + told.Error : "").Contains("SUCCESS", StringComparison.Ordinal));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{status}\n{service.Log}");
        }

        Assert.Equal(Files, CommandLineFolder.Tree(service.Folder.Destination).Count);
        Assert.False(service.Running.IsCompleted, service.Log);
        Assert.Equal(0, await service.StopAsync());
        await using PostgresLedger ledger = await PostgresLedger.OpenAsync(place.Address, TimeProvider.System, default);
        var delivered = new HashSet<Storage.StorePath>();
        foreach (SubmissionRun run in await ledger.Submissions.ListRunsAsync(id, default))
        {
            foreach (Receipt receipt in await ledger.FindTransfersAsync(run.RunId, default) is [] ? [] : await ledger.ListDeliveredAsync(run.RunId, null, int.MaxValue, default))
            {
                Assert.True(delivered.Add(receipt.Intent.Destination), $"{receipt.Intent.Destination} was delivered twice");
            }
        }
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }
}
