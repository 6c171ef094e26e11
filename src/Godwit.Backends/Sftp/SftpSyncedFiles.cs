using System.Collections.Concurrent;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>The files whose bytes this store brought to the medium before they got their names, until somebody asks for their names too:
/// these need not be synced again.</summary>
internal sealed class SftpSyncedFiles
{
    /// <summary>Forgetting one costs a sync.</summary>
    private const int MostKept = 100_000;

    private readonly ConcurrentDictionary<StorePath, bool> _files = new();

    public void Add(StorePath path)
    {
        if (_files.Count >= MostKept)
        {
            _files.Clear();
        }

        _files[path] = true;
    }

    public bool Has(StorePath path) => _files.ContainsKey(path);

    /// <summary>What is there from now on may be another's.</summary>
    public void Forget(StorePath path) => _files.TryRemove(path, out _);
}
