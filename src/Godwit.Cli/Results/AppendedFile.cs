using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Cli.Results;

/// <summary>
/// A file that lines are appended to, also by others, and that is rotated meanwhile. Each append is one write at what is the end then: lines of
/// several runs do not cover each other, and where the file was cut to nothing (<c>copytruncate</c>) it goes on from there. Where the name was
/// given to another file, or to none (<c>create</c>), the next append goes to the one that has the name.
/// </summary>
internal sealed partial class AppendedFile : IDisposable
{
    // The same on all of Linux's machines that the runtime knows.
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Append = 0x400;
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;

    private readonly string _file;
    private SafeFileHandle _handle;
    private string? _name;

    /// <exception cref="IOException">The file cannot be opened or made.</exception>
    public AppendedFile(string file)
    {
        // As the checks before the run read the name: the system would follow a link before it takes ".." for what is above.
        _file = Path.GetFullPath(file);
        _handle = Open();
        _name = NameOf(_handle);
    }

    /// <summary>Appends.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> line)
    {
        GoAfterName();
        while (!line.IsEmpty)
        {
            nint written = Write(_handle, line, (nuint)line.Length);
            if (written >= 0)
            {
                line = line[(int)written..];
            }
            else if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw Failure();
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private void GoAfterName()
    {
        if (_name is null || NameOf(_handle) == _name)
        {
            return;
        }

        try
        {
            SafeFileHandle now = Open();
            _handle.Dispose();
            _handle = now;
            _name = NameOf(now);
        }
        catch (IOException)
        {
            // The file that was renamed still takes the line.
        }
    }

    private SafeFileHandle Open()
    {
        const int ReadableByAll = 0x1A4;
        int number = Open(Encoding.UTF8.GetBytes(_file + '\0'), WriteOnly | Create | Append | CloseOnExec, ReadableByAll);
        return number >= 0 ? new SafeFileHandle(number, ownsHandle: true) : throw Failure();
    }

    /// <summary>What the open file is called now; null where that cannot be told.</summary>
    private static string? NameOf(SafeFileHandle handle) => new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget;

    private static IOException Failure() => new(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(ReadOnlySpan<byte> path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, nuint count);
}
