namespace Godwit.Backends.Local.Native;

/// <summary>Error numbers of Linux; the same on x64 and arm64.</summary>
internal static class Errno
{
    public const int Perm = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int NoSuchDeviceOrAddress = 6;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int Access = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int CrossDevice = 18;
    public const int NoDevice = 19;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int NotTerminal = 25;
    public const int TextBusy = 26;
    public const int FileTooBig = 27;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int TooManyLinks = 31;
    public const int NameTooLong = 36;
    public const int NoSystemCall = 38;
    public const int NotEmpty = 39;
    public const int Loop = 40;
    public const int NoLink = 67;
    public const int BadMessage = 74;
    public const int IllegalSequence = 84;
    public const int NotSupported = 95;
    public const int ConnectionReset = 104;
    public const int NotConnected = 107;
    public const int Shutdown = 108;
    public const int TimedOut = 110;
    public const int ConnectionRefused = 111;
    public const int HostDown = 112;
    public const int HostUnreachable = 113;
    public const int Stale = 116;
    public const int NeedsCleaning = 117;
    public const int RemoteInputOutput = 121;
    public const int Quota = 122;
    public const int NoMedium = 123;
    public const int NoKey = 126;
    public const int KeyExpired = 127;
    public const int KeyRevoked = 128;
    public const int KeyRejected = 129;
}
