namespace Godwit.Backends.Gfal.Wire;

/// <summary>What a worker is asked to do.</summary>
internal enum Verb : byte
{
    /// <summary>Look at a path.</summary>
    Look = 1,

    /// <summary>Open a directory; the lane holds it.</summary>
    OpenDirectory,

    /// <summary>Read some of its entries.</summary>
    ReadDirectory,

    /// <summary>Open a file; the lane holds it.</summary>
    Open,

    /// <summary>Go to an offset of it.</summary>
    Seek,

    /// <summary>Read from it.</summary>
    Read,

    /// <summary>Write to it.</summary>
    Write,

    /// <summary>Read from it into memory that both processes have; how much it was is answered.</summary>
    ReadShared,

    /// <summary>Write to it what is in memory that both processes have.</summary>
    WriteShared,

    /// <summary>Close the file or directory that the lane holds. Holding none is success.</summary>
    Close,

    /// <summary>Remove a file.</summary>
    Unlink,

    /// <summary>Remove an empty directory.</summary>
    RemoveDirectory,

    /// <summary>Make a directory and those above it.</summary>
    MakeDirectories,

    /// <summary>Rename.</summary>
    Rename,

    /// <summary>Tell a checksum.</summary>
    Checksum,

    /// <summary>Tell an extended attribute.</summary>
    Attribute,

    /// <summary>Have one server fetch a file from another, replacing what is there.</summary>
    Copy,

    /// <summary>Give up what the lane does now. Never answered.</summary>
    Cancel,

    /// <summary>End the lane. Never answered.</summary>
    End,
}

/// <summary>What a worker answers.</summary>
internal enum Answer : byte
{
    /// <summary>It is done; what was asked for follows.</summary>
    Done = 1,

    /// <summary>It failed; a <see cref="GfalFault"/> follows.</summary>
    Failed,

    /// <summary>It goes on; the bytes so far follow, and the answer later.</summary>
    Passing,
}
