using System.Security.Cryptography;
using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.ServerTests.Kills;

/// <summary>One side of copies that are killed: places for trees, each with a name of its own.</summary>
internal abstract class KillPlace
{
    /// <summary>What reaches it, as environment variables.</summary>
    public virtual IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>();

    /// <summary>What times are rounded down to there, in nanoseconds; 0 where they cannot be set.</summary>
    public virtual long TimePrecision => 1;

    /// <summary>Whether a large file goes there in several parts, so that a stopped one goes on inside.</summary>
    public virtual bool TakesParts => true;

    /// <summary>The address of one of them.</summary>
    public abstract string Url(string name);

    /// <summary>One of them as a store.</summary>
    public abstract Task<IStore> OpenAsync(string name);

    /// <summary>Every file with its time and its bytes, also those that the store would not show where that can be seen.</summary>
    public abstract Task<SortedDictionary<string, KillFile>> FilesAsync(string name);

    /// <summary>The ids of uploads under way for files of one of them.</summary>
    public abstract Task<IReadOnlySet<string>> UploadsAsync(string name);

    /// <summary>Takes one away.</summary>
    public abstract Task ClearAsync(string name);

    /// <summary>Writes small files and two that are cut into parts.</summary>
    /// <param name="name">Where.</param>
    /// <param name="precision">What their times are rounded down to, in nanoseconds.</param>
    /// <param name="smallFiles">How many small ones.</param>
    public async Task FillAsync(string name, long precision, int smallFiles)
    {
        var random = new Random(4);
        await using IStore store = await OpenAsync(name);
        foreach ((string file, int length) in ((string, int)[])
            [.. Enumerable.Range(0, smallFiles).Select(i => ($"d{i % 3}/f{i}", i * 700)), ("a-large/one", (11 << 20) + 1), ("a-large/two", 9 << 20)])
        {
            var content = new byte[length];
            random.NextBytes(content);
            var modified = new Timestamp(1_700_000_000_000_000_000 + (random.NextInt64(1L << 40) * 100)).Floor(precision);
            var options = new WriteOptions { Metadata = new WriteMetadata { Modified = modified } };
            await store.WriteAsync(StorePath.FromText(file), WriteSource.From(content), options, default);
        }
    }

    protected static KillFile Described(Timestamp modified, byte[] content) =>
        new(modified, $"{content.Length} {Convert.ToHexStringLower(SHA256.HashData(content))}");
}

/// <summary>A file as it is found.</summary>
/// <param name="Modified">Its time; null where that is not to be compared.</param>
/// <param name="Content">Its length and what its bytes are known by.</param>
internal sealed record KillFile(Timestamp? Modified, string Content);

/// <summary>Directories of this machine.</summary>
/// <param name="above">The directory that holds them.</param>
internal class KillDirectory(string above) : KillPlace
{
    public override string Url(string name) => OnDisk(name);

    public override Task<IStore> OpenAsync(string name) =>
        Task.FromResult<IStore>(LocalStore.In(System.Text.Encoding.UTF8.GetBytes(Url(name)), new LocalOptions { CreateRoot = true }));

    /// <summary>What times are rounded down to when they are told, in nanoseconds.</summary>
    protected virtual long ToldPrecision => 1;

    public override async Task<SortedDictionary<string, KillFile>> FilesAsync(string name)
    {
        var files = new SortedDictionary<string, KillFile>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(
            OnDisk(name), "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            files[Path.GetRelativePath(OnDisk(name), file)] = Described(
                Timestamp.From(File.GetLastWriteTimeUtc(file)).Floor(ToldPrecision), await File.ReadAllBytesAsync(file));
        }

        return files;
    }

    public override Task<IReadOnlySet<string>> UploadsAsync(string name) => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>());

    public override Task ClearAsync(string name)
    {
        Directory.Delete(OnDisk(name), recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Where one of them is on this machine.</summary>
    protected string OnDisk(string name) => Path.Combine(above, name);
}
