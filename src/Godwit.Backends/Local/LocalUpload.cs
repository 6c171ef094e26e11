using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>A file under its partial name.</summary>
internal sealed class LocalUpload : PartedUpload
{
    private readonly byte[] _partial;
    private Descriptor? _kept;

    public LocalUpload(StorePath path, string tag, byte[] partial, WriteOptions options)
        : base(path, tag, PathText.Escape(partial))
    {
        _partial = partial;
        Options = options;
    }

    /// <summary>How it was begun.</summary>
    public WriteOptions Options { get; }

    /// <summary>The file, where it is kept open between calls.</summary>
    public Descriptor? Kept => Volatile.Read(ref _kept);

    /// <summary>The partial file beside the final place.</summary>
    public Place PartialBeside(in Place final) => final.Beside(_partial);

    public void Keep(Descriptor file) => _kept = file;

    /// <summary>Closes the file.</summary>
    /// <returns>Whether it was open; true once only.</returns>
    public bool Release()
    {
        Descriptor? kept = Interlocked.Exchange(ref _kept, null);
        kept?.Dispose();
        return kept is not null;
    }
}
