using System.Diagnostics;
using Godwit.Backends.Gfal;
using Godwit.Storage;

namespace Godwit.ServerTests.Gfal;

/// <summary>What the kit cannot ask about checksums.</summary>
public sealed class GfalChecksumTests
{
    // The server has whoever asks when its queue is full wait for 30 seconds.
    [Fact]
    public async Task Many_checksums_at_once_do_not_overflow_the_queue_of_an_XRootD_server()
    {
        await using GfalWorkers workers = GridServer.Connect("xrootd");
        await using GfalStore store = GridServer.Open(workers, "xrootd");
        StorePath[] files = [.. Enumerable.Range(0, 16).Select(i => StorePath.FromText($"f{i}"))];
        var content = new byte[3 << 20];
        foreach (StorePath file in files)
        {
            await store.WriteAsync(file, WriteSource.From(content), WriteOptions.Default, default);
        }

        long began = Stopwatch.GetTimestamp();
        await Task.WhenAll(files.Select(file => store.StoredChecksum!.GetAsync(file, ChecksumKind.Adler32, default).AsTask()));
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(25), "the server had somebody wait");
        await Task.WhenAll(files.Select(file => store.DeleteAsync(file, default).AsTask()));
    }
}
