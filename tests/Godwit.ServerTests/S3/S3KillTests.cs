using Godwit.ServerTests.Kills;
using Xunit.Abstractions;

namespace Godwit.ServerTests.S3;

/// <summary>Promise 2 with a bucket on either side: killed at every kind of step, the same transfer again gives the same final state.</summary>
public sealed class S3KillTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _room = Directory.CreateTempSubdirectory("godwit-s3-kill-").FullName;

    public void Dispose() => Directory.Delete(_room, recursive: true);

    [Fact]
    public async Task Into_a_bucket_a_copy_survives_a_kill_at_every_step()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await RequireSurvivesAsync("into-s3", new KillDirectory(_room), new KillBucket("archive", bucket), KillEveryStep.IsBehind("Destination"));
    }

    [Fact]
    public async Task Out_of_a_bucket_a_copy_survives_a_kill_at_every_step()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await RequireSurvivesAsync("out-of-s3", new KillBucket("night", bucket), new KillDirectory(_room), KillEveryStep.IsBehind("Source"));
    }

    // Each side's steps are those of the two tests above: what is left to see is that they go together.
    [Fact]
    public async Task From_bucket_to_bucket_a_copy_survives_a_kill_at_every_step_that_writes()
    {
        await using S3Bucket here = await S3Bucket.MakeAsync();
        await using S3Bucket there = await S3Bucket.MakeAsync();
        await RequireSurvivesAsync("s3-to-s3", new KillBucket("night", here), new KillBucket("archive", there), IsWrite, "--route", "stream");
    }

    [Fact]
    public async Task A_copy_within_the_server_survives_a_kill_at_every_step_that_writes()
    {
        await using S3Bucket here = await S3Bucket.MakeAsync();
        await using S3Bucket there = await S3Bucket.MakeAsync();
        await RequireSurvivesAsync("within-s3", new KillBucket("night", here), new KillBucket("archive", there), IsWrite, "--route", "server");
    }

    private static bool IsWrite(string step) => step.EndsWith(".After", StringComparison.Ordinal)
        && step.Split('.')[1] is "Write" or "WritePart" or "BeginParts" or "CompleteParts" or "AbortParts" or "ServerCopy" or "RecordUpload";

    private Task RequireSurvivesAsync(string name, KillPlace source, KillPlace destination, Func<string, bool> takes, params string[] options) =>
        new KillEveryStep(source, destination, _room, name, output).RequireSurvivesAsync(takes, chances: 0, options);
}
