using System.Runtime.CompilerServices;

namespace Godwit.Tests.Server.Api;

public sealed class OpenApiTests
{
    [Fact]
    public async Task The_document_in_the_repository_is_what_the_service_answers()
    {
        await using ApiTrial trial = await ApiTrial.StartAsync();
        string told = await trial.Client.GetStringAsync("/api/v1/openapi.json");
        string file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../../docs/openapi.json"));
        if (Environment.GetEnvironmentVariable("GODWIT_ACCEPT_PAGES") == "1")
        {
            await File.WriteAllTextAsync(file, told);
        }

        Assert.True(
            File.Exists(file) && await File.ReadAllTextAsync(file) == told,
            $"{file} differs from what the service answers. To accept that, run this test with GODWIT_ACCEPT_PAGES=1.");
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
