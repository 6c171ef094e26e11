namespace Godwit.Backends.Sftp.Wire;

/// <summary>The messages of SFTP version 3 (draft-ietf-secsh-filexfer-02).</summary>
internal enum PacketType : byte
{
    Init = 1,
    Version = 2,
    Open = 3,
    Close = 4,
    Read = 5,
    Write = 6,
    LStat = 7,
    FStat = 8,
    SetStat = 9,
    FSetStat = 10,
    OpenDirectory = 11,
    ReadDirectory = 12,
    Remove = 13,
    MakeDirectory = 14,
    RemoveDirectory = 15,
    RealPath = 16,
    Stat = 17,
    Rename = 18,
    ReadLink = 19,
    SymLink = 20,
    Status = 101,
    Handle = 102,
    Data = 103,
    Name = 104,
    Attributes = 105,
    Extended = 200,
    ExtendedReply = 201,
}

/// <summary>What a server says of a request. Those above 8 belong to later versions; some servers send them all the same.</summary>
internal enum StatusCode
{
    Ok = 0,
    EndOfFile = 1,
    NoSuchFile = 2,
    PermissionDenied = 3,
    Failure = 4,
    BadMessage = 5,
    NoConnection = 6,
    ConnectionLost = 7,
    Unsupported = 8,
    InvalidHandle = 9,
    NoSuchPath = 10,
    AlreadyExists = 11,
    WriteProtected = 12,
    NoMedium = 13,
    NoSpace = 14,
    QuotaExceeded = 15,
    UnknownPrincipal = 16,
    LockConflict = 17,
    DirectoryNotEmpty = 18,
    NotADirectory = 19,
    InvalidName = 20,
    LinkLoop = 21,
}

/// <summary>How a file is opened.</summary>
[Flags]
internal enum OpenFlags : uint
{
    Read = 1,
    Write = 2,
    Create = 8,
    Exclusive = 32,
}

/// <summary>What servers announce, by name; most of it is OpenSSH's.</summary>
internal static class Extension
{
    public const string PosixRename = "posix-rename@openssh.com";
    public const string HardLink = "hardlink@openssh.com";
    public const string Sync = "fsync@openssh.com";
    public const string Space = "statvfs@openssh.com";
    public const string Limits = "limits@openssh.com";
    public const string SetLinkStat = "lsetstat@openssh.com";
    public const string Copy = "copy-data";
    public const string Versions = "versions";
}
