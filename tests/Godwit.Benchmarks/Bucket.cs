namespace Godwit.Benchmarks;

/// <summary>A bucket of the server for tests and measurements.</summary>
internal sealed class Bucket
{
    /// <summary>The SHA-256 of no bytes: Ceph's gateway wants it in the request, and curl does not send it by itself.</summary>
    private const string EmptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private readonly string _name = "godwit-bench-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Where the server is.</summary>
    public string Endpoint { get; } = Setting("ENDPOINT");

    /// <summary>What the programs need to reach it.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["AWS_ACCESS_KEY_ID"] = Setting("ACCESS_KEY"),
        ["AWS_SECRET_ACCESS_KEY"] = Setting("SECRET_KEY"),
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_REGION"] = "us-east-1",
        ["AWS_EC2_METADATA_DISABLED"] = "true",

        // Ceph's gateway of this version refuses the checksums that newer programs send behind the body.
        ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required",
        ["AWS_RESPONSE_CHECKSUM_VALIDATION"] = "when_required",
        ["RCLONE_CONFIG_BENCH_TYPE"] = "s3",
        ["RCLONE_CONFIG_BENCH_PROVIDER"] = "Ceph",
        ["RCLONE_CONFIG_BENCH_ENDPOINT"] = Setting("ENDPOINT"),
        ["RCLONE_CONFIG_BENCH_ACCESS_KEY_ID"] = Setting("ACCESS_KEY"),
        ["RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY"] = Setting("SECRET_KEY"),
    };

    /// <summary>Makes one.</summary>
    public static Bucket Make()
    {
        var bucket = new Bucket();
        Measure.Wait(
        [
            "curl", "-fsS", "-X", "PUT", "-H", $"x-amz-content-sha256: {EmptyBody}", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", $"{Setting("ACCESS_KEY")}:{Setting("SECRET_KEY")}",
            $"{bucket.Endpoint}/{bucket._name}",
        ]);
        return bucket;
    }

    /// <summary>The URL of a prefix.</summary>
    public string Url(string prefix) => $"s3://{_name}/{prefix}";

    private static string Setting(string name) => Environment.GetEnvironmentVariable("GODWIT_TEST_S3_" + name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException(
            $"No S3 server is known (GODWIT_TEST_S3_{name} is not set): set -a; eval \"$(GODWIT_S3_MEDIUM=bluestore servers/s3 start)\"; set +a");
}
