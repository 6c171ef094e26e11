using System.Buffers.Binary;

namespace Godwit.Benchmarks;

/// <summary>Into a drop box in a bucket of the server that <c>servers/s3</c> started, against the two things that a push does at once: packing, and
/// uploading what was packed.</summary>
internal static class RelayScenarios
{
    private const int BlockBytes = 1 << 20;
    private const int Bias = 1000;
    private const int Noise = 16;

    public static IReadOnlyList<Scenario> All { get; } = [new("relay-push", Push)];

    private static Race Push(Room room)
    {
        long bytes = room.Size.Bytes ?? 2L << 30;
        string night = room.At("night");
        string image = Path.Combine(Directory.CreateDirectory(night).FullName, "image.fits");
        WriteImage(image, bytes);
        string packed = room.At("packed");
        Measure.Wait("zstd", "-q", "-3", "-T0", image, "-o", packed);
        var bucket = Bucket.Make();
        return new Race(
            $"one file of {bytes >> 20} MiB of 16-bit pixels, which pack to {new FileInfo(packed).Length >> 20} MiB",
            [
                new("zstd -3 -T0 alone", () => new Command(["zstd", "-q", "-3", "-T0", "-c", image])),
                new("aws, the packed file alone", () => new Command(
                    ["aws", "--endpoint-url", bucket.Endpoint, "s3", "cp", "--quiet", packed, bucket.Url(Path.GetFileName(room.Fresh("packed")))], bucket.Settings)),
                new("godwit relay push", () => new Command(
                    [
                        Room.Godwit, "relay", "push", night, bucket.Url(Path.GetFileName(room.Fresh("box"))), "--s3-endpoint", bucket.Endpoint,
                        "--state", room.Fresh("state"), "--quiet",
                    ],
                    bucket.Settings)),
            ]);
    }

    /// <summary>Pixels as a camera gives them, most significant byte first as FITS has them: a level, and noise around it.</summary>
    private static void WriteImage(string file, long bytes)
    {
        var random = new Random(1);
        var block = new byte[BlockBytes];
        using FileStream image = File.Create(file);
        for (long left = bytes; left > 0; left -= block.Length)
        {
            for (int at = 0; at < block.Length; at += sizeof(short))
            {
                BinaryPrimitives.WriteInt16BigEndian(block.AsSpan(at), (short)(Bias + random.Next(Noise) + random.Next(Noise)));
            }

            image.Write(block, 0, (int)Math.Min(left, block.Length));
        }
    }
}
