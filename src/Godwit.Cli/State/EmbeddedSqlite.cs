using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Cli.State;

/// <summary>The SQLite inside the single-file program, for machines that have none, or one that is too old.</summary>
internal static partial class EmbeddedSqlite
{
    private const string Library = "libe_sqlite3.so";
    private const uint CloseOnExec = 1;

    // The runtime asks for each function, and functions of two copies do not go together.
    private static readonly Lazy<nint> s_library = new(Load);

    /// <summary>Offers it to the runtime, which asks only where it finds no other. It never touches a disk.</summary>
    public static void Offer()
    {
        if (OperatingSystem.IsLinux())
        {
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == "e_sqlite3" ? s_library.Value : 0;
        }
    }

    private static nint Load()
    {
        using Stream? content = typeof(EmbeddedSqlite).Assembly.GetManifestResourceStream(Library);
        int descriptor = content is null ? -1 : CreateMemoryFile(Library, CloseOnExec);
        if (descriptor < 0)
        {
            return 0;
        }

        using var file = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Write);
        content!.CopyTo(file);
        file.Flush();
        return NativeLibrary.TryLoad($"/proc/self/fd/{descriptor}", out nint library) ? library : 0;
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);
}
