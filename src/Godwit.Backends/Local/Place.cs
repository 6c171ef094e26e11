using Godwit.Backends.Local.Native;

namespace Godwit.Backends.Local;

/// <summary>
/// Where an entry is: its name in a directory that is held open. Whatever happens to the directories above, calls on a place act there
/// and nowhere else.
/// </summary>
/// <param name="directory">The directory.</param>
/// <param name="name">The entry's name in it; the directory's own "." for a root.</param>
/// <param name="owned">Whether disposing closes the directory.</param>
internal readonly struct Place(Descriptor directory, NativeName name, bool owned) : IDisposable
{
    public Descriptor Directory { get; } = directory;

    public NativeName Name { get; } = name;

    /// <summary>The same directory under another name; it is closed through the first.</summary>
    public Place Beside(ReadOnlySpan<byte> other) => new(Directory, new NativeName(other), owned: false);

    public int Stat(out Statx facts) => Posix.StatAt(Directory, Name, out facts);

    public int Unlink() => Posix.UnlinkAt(Directory, Name);

    /// <summary>Opens the entry itself, never what a link points to.</summary>
    public int Open(int flags, uint mode = 0) => Posix.OpenAt(Directory, Name, flags | Native.Open.NoFollow, mode);

    public void Dispose()
    {
        if (owned)
        {
            Directory.Dispose();
        }
    }
}
