using System.Runtime.InteropServices;

namespace Godwit.Backends.Gfal.Native;

/// <summary>What a worker does to its own process.</summary>
internal static partial class WorkerProcess
{
    /// <summary>Where the frames come in.</summary>
    public const int Input = 0;

    private const string Library = "libc";
    private const int Output = 1;
    private const int Error = 2;
    private const int SetPipeSize = 1031;
    private const int PipeBytes = 1 << 20;

    /// <summary>Out of the reach of the terminal's signals: whoever started it decides when it ends.</summary>
    public static void LeaveTerminal() => _ = SetSession();

    /// <summary>The output for the frames. What native code prints goes to the error output from now on.</summary>
    public static int TakeOutput()
    {
        int own = Duplicate(Output);
        _ = Duplicate(Error, Output);
        return own;
    }

    /// <summary>Makes a pipe larger, where the system allows: fewer turns for large contents.</summary>
    public static void Widen(int pipe) => _ = Control(pipe, SetPipeSize, PipeBytes);

    /// <summary>Ends at once, whatever native threads do.</summary>
    [LibraryImport(Library, EntryPoint = "_exit")]
    public static partial void End(int code);

    [LibraryImport(Library, EntryPoint = "setsid")]
    private static partial int SetSession();

    [LibraryImport(Library, EntryPoint = "dup")]
    private static partial int Duplicate(int file);

    [LibraryImport(Library, EntryPoint = "dup2")]
    private static partial int Duplicate(int file, int place);

    [LibraryImport(Library, EntryPoint = "fcntl")]
    private static partial int Control(int file, int command, int value);
}
