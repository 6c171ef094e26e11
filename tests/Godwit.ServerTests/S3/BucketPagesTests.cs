using Godwit.Tests.Cli.Pages;

namespace Godwit.ServerTests.S3;

/// <summary>Every command on a page about buckets is run against the server, and does what the page says.</summary>
public sealed class BucketPagesTests
{
    public static TheoryData<string> Pages { get; } =
        [.. Directory.EnumerateFiles(PageRun.Tasks, "bucket*.md").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_does_what_it_says(string page)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        string text = await File.ReadAllTextAsync(Path.Combine(PageRun.Tasks, page));
        await PageRun.RequireAsync(
            text.Replace("my-bucket", bucket.Name, StringComparison.Ordinal), [.. S3CommandLine.Variables.Select(pair => (pair.Key, pair.Value))]);
    }
}
