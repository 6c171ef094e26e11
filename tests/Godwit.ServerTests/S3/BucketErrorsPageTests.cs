using System.Globalization;
using Godwit.Cli;
using Godwit.Tests.Backends.S3;
using Godwit.Tests.Cli.Pages;

namespace Godwit.ServerTests.S3;

/// <summary>The rows of <c>docs/errors.md</c> that need a server, each made to happen; with those of directories they are all.</summary>
public sealed class BucketErrorsPageTests : IDisposable
{
    private const string SkewedClock = "the clocks differ too much";
    private const string Quota = "the bucket's quota is used up";

    private readonly string _root = Directory.CreateTempSubdirectory("godwit-errors-").FullName;

    /// <summary>Each situation with the variable that makes it, and its value.</summary>
    public static TheoryData<string, string?, string?> Situations { get; } = new()
    {
        { "the access key is not known", "AWS_ACCESS_KEY_ID", "NOSUCHKEY" },
        { "the secret key is wrong", "AWS_SECRET_ACCESS_KEY", "wrong" },
        { "the server cannot be reached", "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9" },
        { "the certificate is not trusted", "AWS_ENDPOINT_URL_S3", null },
        { "the destination's bucket is not there", null, null },
        { "the source's bucket is not there", null, null },
        { SkewedClock, "AWS_ENDPOINT_URL_S3", null },
        { Quota, null, null },
    };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Every_row_with_a_bucket_is_made_to_happen() => Assert.Equal(
        ErrorTable.Rows.Values.Where(row => row.Line.Contains("s3:", StringComparison.Ordinal)).Select(row => row.Situation).Order(StringComparer.Ordinal),
        Situations.Select(row => (string)row[0]).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_situation_is_told_as_the_page_says(string situation, string? variable, string? value)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();

        // A server whose answers tell another time than the one that it judges by, as behind a proxy that writes its own.
        await using var skewed = new S3StandIn(_ => S3StandIn.Error(403, "RequestTimeTooSkewed"));
        if (situation == Quota)
        {
            await S3Server.AdministerAsync("quota", "set", "--quota-scope=bucket", $"--bucket={bucket.Name}", "--max-size=4096");
            await S3Server.AdministerAsync("quota", "enable", "--quota-scope=bucket", $"--bucket={bucket.Name}");
        }

        ErrorRow row = ErrorTable.Rows[situation];
        string local = Path.Combine(_root, "files");
        Directory.CreateDirectory(local);
        await File.WriteAllTextAsync(Path.Combine(local, "a"), new string('x', 10_000));
        string there = $"s3://{(situation.Contains("bucket is not there", StringComparison.Ordinal) ? "godwit-no-such-bucket" : bucket.Name)}/below";
        string[] ends = row.Side == "source" ? [there, Path.Combine(_root, "new")] : [local, there];
        var environment = new Dictionary<string, string>(S3CommandLine.Variables);
        if (variable is not null)
        {
            environment[variable] = value ?? (situation == SkewedClock ? skewed.Endpoint : S3Server.TlsEndpoint).ToString();
        }

        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        var wiring = new Wiring { Environment = environment.GetValueOrDefault };
        int code = await GodwitCommandLine.RunAsync(
            (IReadOnlyList<string>)["copy", .. ends, "--state", Path.Combine(_root, "state")], wiring, output, error, CancellationToken.None);
        row.Require(code, error.ToString());
        Assert.DoesNotContain(S3Server.Keys.SecretKey, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(await bucket.KeysAsync());
        Assert.Empty(await bucket.UploadsAsync());
        Assert.False(Directory.Exists(Path.Combine(_root, "new")));
    }
}
