using Godwit.ServerTests.Matrix;
using Godwit.Tests.Cli;
using Godwit.Tests.Cli.Service;

namespace Godwit.ServerTests.Serve;

/// <summary>A credential that stops to count while a service runs.</summary>
public sealed class ServiceCredentialTests : IAsyncLifetime
{
    private readonly ServiceTrial _service = ServiceTrial.Prepare();

    private CommandLineFolder Folder => _service.Folder;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Theory]
    [InlineData("s3", 7, "SignatureDoesNotMatch", "correct or renew the credential")]
    [InlineData("sftp", 7, "Permission denied", "key")]
    [InlineData("gsiftp", 7, "expired at", "proxy")]
    [InlineData("root", 7, "expired at", "proxy")]
    public async Task It_is_told_with_its_remedy_and_when_it_is_renewed_a_retry_is_enough(string kind, int code, string why, string remedy)
    {
        await using MatrixPlace place = await MatrixPlace.ReachAsync(kind, isSecond: false);
        ServiceCredential credential = await ServiceCredential.MakeAsync(kind, Folder.Root);
        try
        {
            await File.WriteAllLinesAsync(Folder.In("godwit.yaml"), ["endpoints:", "  lab:", $"    url: {place.Url}", .. credential.Lines.Select(line => "    " + line)]);
            _service.Variables["GODWIT_CONFIG"] = Folder.In("godwit.yaml");
            await _service.StartAsync();
            Folder.Put("first", "one");
            await EndsAsync(0, await _service.SubmitAsync(Folder.Source, "lab:"));

            await credential.TakeAwayAsync();
            Folder.Put("second", "two");
            string refused = await _service.SubmitAsync(Folder.Source, "lab:");
            string said = await EndsAsync(code, refused);
            Assert.Contains(why, said, StringComparison.Ordinal);
            Assert.Contains(remedy, said, StringComparison.Ordinal);
            Assert.Contains("godwit retry " + refused, said, StringComparison.Ordinal);
            await EndsAsync(0, await _service.SubmitAsync(Folder.Source, Folder.Destination));

            await credential.RenewAsync();
            Assert.Equal(0, (await _service.AskAsync("retry", refused)).Code);
            await EndsAsync(0, refused);
            Assert.Equal(["first", "second"], await place.LeftAsync());
        }
        finally
        {
            await credential.RemoveAsync();
        }
    }

    private async Task<string> EndsAsync(int expected, string id)
    {
        Answer ended = await _service.AskAsync("status", id, "--wait");
        Assert.True(expected == ended.Code, $"{ended.Code}: {ended.Error}");
        return ended.Error;
    }
}
