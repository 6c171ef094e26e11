using System.Diagnostics;
using System.Security.Cryptography;

namespace Godwit.ServerTests.S3;

/// <summary>Uploads whose process is killed, and what the next run makes of them.</summary>
public sealed class S3KillTests : IDisposable
{
    private const int Parts = 7;

    private readonly string _root = Directory.CreateTempSubdirectory("godwit-s3-kill-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("Destination.BeginParts.After@1", Parts)]
    [InlineData("Destination.WritePart.Before@1", Parts)]
    [InlineData("Destination.WritePart.After@5", 5)]
    [InlineData("Destination.CompleteParts.Before@1", 0)]
    [InlineData("Destination.CompleteParts.After@1", 0)]
    public async Task A_killed_upload_goes_on_inside_the_file(string kill, int partsAtMost)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        byte[] content = RandomNumberGenerator.GetBytes(((Parts - 1) * (8 << 20)) + 1);
        Directory.CreateDirectory(Path.Combine(_root, "src"));
        await File.WriteAllBytesAsync(Path.Combine(_root, "src", "large"), content);
        (int killed, string said) = await CopyAsync(bucket, kill, null);
        Assert.True(killed == 128 + 9, said);
        string steps = Path.Combine(_root, "steps");
        (int finished, said) = await CopyAsync(bucket, null, steps);
        Assert.True(finished == 0, said);
        var met = File.ReadLines(steps).Select(line => line.Split(' ')).ToDictionary(pair => pair[0], pair => int.Parse(pair[1]));
        Assert.InRange(met.GetValueOrDefault("Destination.WritePart.After"), 0, partsAtMost);
        Assert.Equal(["large"], await bucket.KeysAsync());
        Assert.Equal(content, await S3Bucket.ReadAsync(bucket.Store, "large"));

        // One whose beginning was answered and not recorded is known to nobody; it holds no bytes.
        bool unrecorded = kill.StartsWith("Destination.BeginParts", StringComparison.Ordinal);
        Assert.Equal(unrecorded ? 1 : 0, (await bucket.UploadsAsync()).Count);
    }

    private async Task<(int Code, string Said)> CopyAsync(S3Bucket bucket, string? kill, string? steps)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "godwit-drill.dll"), "copy", Path.Combine(_root, "src"), $"s3://{bucket.Name}",
                "--state", Path.Combine(_root, "state"), "--part-size", "8MiB", "--parts", "2",
            },
        };
        start.Environment["AWS_ENDPOINT_URL_S3"] = S3Server.Endpoint.ToString();
        start.Environment["AWS_ACCESS_KEY_ID"] = S3Server.Keys.AccessKey;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = S3Server.Keys.SecretKey;
        start.Environment["GODWIT_DRILL_KILL"] = kill;
        start.Environment["GODWIT_DRILL_STEPS"] = steps;
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error + await output);
    }
}
