namespace Godwit.ServerTests.S3;

/// <summary>What the doctor says of a real server, and that it leaves nothing there.</summary>
public sealed class S3DoctorTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bucket_that_is_well_is_looked_at_from_its_name_to_its_quota(bool overTls)
    {
        using var line = new S3CommandLine();
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("pre/file", "content");
        await S3Server.AdministerAsync("quota", "set", "--quota-scope=bucket", $"--bucket={bucket.Name}", "--max-size=1048576");
        await S3Server.AdministerAsync("quota", "enable", "--quota-scope=bucket", $"--bucket={bucket.Name}");
        string[] tls = overTls ? ["--s3-endpoint", S3Server.TlsEndpoint.ToString(), "--s3-ca", S3Server.CaFile] : [];
        (string said, _) = await line.RunAsync(0, ["doctor", line.Root, $"s3://{bucket.Name}/pre", "--probe", "--state", line.In("state"), .. tls]);
        foreach (string check in (string[])["name ", "port ", "certificate ", "server ", "clock ", "credential ", "accepted ", "list ", "read ", "uploads ", "probe ", "proof ", "resuming "])
        {
            Assert.Contains($"ok   {check}", said, StringComparison.Ordinal);
        }

        Assert.Contains("1048576 bytes in the bucket", said, StringComparison.Ordinal);
        Assert.Contains(S3Server.Keys.AccessKey, said, StringComparison.Ordinal);
        Assert.DoesNotContain(S3Server.Keys.SecretKey, said, StringComparison.Ordinal);
        Assert.Equal(["pre/file"], await bucket.KeysAsync());
        Assert.Empty(await bucket.UploadsAsync());
    }

    [Fact]
    public async Task A_source_that_is_a_file_or_is_not_there_is_told()
    {
        using var line = new S3CommandLine();
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("pre/file", "content");
        Assert.Contains("a file of 7 bytes", (await line.RunAsync(0, "doctor", $"s3://{bucket.Name}/pre/file", "--state", line.In("state"))).Output, StringComparison.Ordinal);
        Assert.Contains("there is nothing at", (await line.RunAsync(7, "doctor", $"s3://{bucket.Name}/gone", "--state", line.In("state"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_is_compared_by_what_the_server_tells_and_by_reading()
    {
        using var line = new S3CommandLine();
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await bucket.PutAsync("pre/file", "content");
        line.Put("list", System.Text.Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(System.Security.Cryptography.SHA512.HashData("content"u8))}  file\n"));
        Assert.Contains("0 by what the store tells, 1 read", (await line.RunAsync(0, "check", "--manifest", line.In("list"), $"s3://{bucket.Name}/pre")).Output, StringComparison.Ordinal);
        line.Put("list", "9a0364b9e99bb480dd25e1f0284c8555  file\n"u8.ToArray());
        Assert.Contains("1 by what the store tells, 0 read", (await line.RunAsync(0, "check", "--manifest", line.In("list"), $"s3://{bucket.Name}/pre")).Output, StringComparison.Ordinal);
        await bucket.PutAsync("pre/file", "changed");
        Assert.Contains("* file: md5 differs", (await line.RunAsync(1, "check", "--manifest", line.In("list"), $"s3://{bucket.Name}/pre")).Output, StringComparison.Ordinal);
    }
}
