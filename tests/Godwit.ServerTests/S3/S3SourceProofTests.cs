using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Amazon.S3.Model;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.ServerTests.S3;

/// <summary>What is read from a bucket is held against what the server, or whoever wrote it, says of it.</summary>
public sealed class S3SourceProofTests : IDisposable
{
    private const int PartBytes = 5 << 20;

    private readonly S3CommandLine _trial = new();

    public void Dispose() => _trial.Dispose();

    [Fact]
    public async Task What_Godwit_wrote_is_read_with_proof_small_or_by_parts()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        _trial.Put("src/empty", []);
        _trial.Put("src/small", RandomNumberGenerator.GetBytes(1000));
        _trial.Put("src/parts", RandomNumberGenerator.GetBytes((2 * PartBytes) + 7));
        _trial.Put("src/one", RandomNumberGenerator.GetBytes(9 << 20));
        await _trial.RunAsync(0, "copy", _trial.In("src"), $"s3://{bucket.Name}", "--quiet", "--part-size", "5MiB");
        Assert.All(await ProofsAsync(bucket.Name), proof => Assert.Equal("stored", proof.Value));
    }

    [Theory]
    [InlineData("none", "missing")]
    [InlineData("md5", "noted")]
    [InlineData("part-size", "stored")]
    [InlineData("other part-size", "missing")]
    [InlineData("part-size of another cut", "read-twice")]
    [InlineData("no MD5", "missing")]
    public async Task What_others_wrote_is_read_with_the_proof_that_there_is(string noted, string proof)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        byte[] content = RandomNumberGenerator.GetBytes((2 * PartBytes) - 9);
        await UploadAsync(bucket, content, noted switch
        {
            "md5" => ("md5chksum", NoteOf(content)),
            "no MD5" => ("md5chksum", "nonsense"),
            "part-size" => ("godwit-part-size", $"{PartBytes}"),
            "other part-size" => ("godwit-part-size", $"{20 << 20}"),
            "part-size of another cut" => ("godwit-part-size", $"{PartBytes + 100}"),
            _ => ("other", "note"),
        });
        Assert.Equal(proof, (await ProofsAsync(bucket.Name))["file"]);
        Assert.Equal(content, await File.ReadAllBytesAsync(_trial.In("back/file")));
    }

    [Fact]
    public async Task A_reading_that_is_to_be_proved_by_all_means_is_repeated_where_nothing_is_noted()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        await UploadAsync(bucket, RandomNumberGenerator.GetBytes(PartBytes + 9), ("other", "note"));
        Assert.Equal("read-twice", (await ProofsAsync(bucket.Name, "--verify", "readback"))["file"]);
    }

    [Fact]
    public async Task What_is_not_what_its_writer_noted_is_not_delivered()
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        byte[] content = RandomNumberGenerator.GetBytes(PartBytes + 9);
        await UploadAsync(bucket, content, ("md5chksum", NoteOf("other"u8)));
        (_, string error) = await _trial.RunAsync(5, "copy", $"s3://{bucket.Name}", _trial.In("back"));
        Assert.Contains("whoever wrote it noted md5:", error, StringComparison.Ordinal);
        Assert.Contains("--verify size", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_trial.In("back")));
        await _trial.RunAsync(0, "copy", $"s3://{bucket.Name}", _trial.In("back"), "--quiet", "--verify", "size");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_byte_that_flips_on_the_way_from_a_bucket_is_noticed_and_the_file_read_again(bool byParts)
    {
        await using S3Bucket bucket = await S3Bucket.MakeAsync();
        byte[] content = RandomNumberGenerator.GetBytes(byParts ? (3 * PartBytes) + 9 : 3_000_000);
        _trial.Put("src/file", content);
        await _trial.RunAsync(0, "copy", _trial.In("src"), $"s3://{bucket.Name}", "--quiet", "--part-size", "5MiB");
        int flips = 0;
        var target = new IPEndPoint(IPAddress.Loopback, S3Server.Endpoint.Port);
        await using var proxy = FaultProxy.Start(
            target,
            _ => Interlocked.Increment(ref flips) == 1 ? new ConnectionFault(ProxyFault.Flip, ProxyDirection.ToClient, 2_000_000) : ConnectionFault.None,
            TimeProvider.System);
        Dictionary<string, string> proofs = await ProofsAsync(bucket.Name, "--s3-endpoint", $"http://{proxy.Endpoint}");
        Assert.Equal("stored", proofs["file"]);
        Assert.Contains(proxy.Met, met => met.Fault == ProxyFault.Flip);
        Assert.Equal(content, await File.ReadAllBytesAsync(_trial.In("back/file")));
    }

    [Fact]
    public async Task A_copy_within_the_server_is_proved_by_what_both_sides_say_and_not_read()
    {
        await using S3Bucket from = await S3Bucket.MakeAsync();
        await using S3Bucket to = await S3Bucket.MakeAsync();
        _trial.Put("src/small", RandomNumberGenerator.GetBytes(2_000_000));
        _trial.Put("src/parts", RandomNumberGenerator.GetBytes((2 * PartBytes) + 7));
        await _trial.RunAsync(0, "copy", _trial.In("src"), $"s3://{from.Name}", "--quiet", "--part-size", "5MiB");
        (string events, _) = await _trial.RunAsync(0, "copy", $"s3://{from.Name}", $"s3://{to.Name}", "--json");
        foreach (JsonElement delivered in Delivered(events))
        {
            Assert.Equal(
                ("server", "stored", "stored"),
                (delivered.GetProperty("route").GetString(), delivered.GetProperty("verdict").GetString(), delivered.GetProperty("source_proof").GetString()));
        }

        await _trial.RunAsync(0, "check", _trial.In("src"), $"s3://{to.Name}", "--quiet", "--download");
        Assert.All(await ProofsAsync(to.Name), proof => Assert.Equal("stored", proof.Value));
    }

    private static string NoteOf(ReadOnlySpan<byte> content)
    {
        using var running = RunningChecksum.Start(ChecksumKind.Md5);
        running.Append(content);
        return Convert.ToBase64String(running.Finish().Value);
    }

    /// <summary>Uploads by two parts as another program would.</summary>
    private static async Task UploadAsync(S3Bucket bucket, byte[] content, (string Name, string Value) note)
    {
        var begin = new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = "file" };
        begin.Metadata[note.Name] = note.Value;
        string id = (await bucket.Client.InitiateMultipartUploadAsync(begin)).UploadId;
        var parts = new List<PartETag>();
        for (int number = 1, offset = 0; offset < content.Length; number++, offset += PartBytes)
        {
            using var body = new MemoryStream(content, offset, Math.Min(PartBytes, content.Length - offset));
            UploadPartResponse part = await bucket.Client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = bucket.Name,
                Key = "file",
                UploadId = id,
                PartNumber = number,
                InputStream = body,
                UseChunkEncoding = false,
            });
            parts.Add(new PartETag(number, part.ETag));
        }

        await bucket.Client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        {
            BucketName = bucket.Name,
            Key = "file",
            UploadId = id,
            PartETags = parts,
        });
    }

    private async Task<Dictionary<string, string>> ProofsAsync(string bucket, params string[] options)
    {
        (string events, _) = await _trial.RunAsync(0, ["copy", $"s3://{bucket}", _trial.In("back"), "--json", .. options]);
        return Delivered(events).ToDictionary(one => one.GetProperty("path").GetString()!, one => one.GetProperty("source_proof").GetString()!);
    }

    private static IEnumerable<JsonElement> Delivered(string events) => events.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Where(one => one.GetProperty("event").GetString() == "file.delivered");
}
