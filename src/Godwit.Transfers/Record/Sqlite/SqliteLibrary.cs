using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Godwit.Transfers.Record.Sqlite;

/// <summary>Chooses the SQLite that is called: the system's, which is kept up to date, unless it is missing or older than the bundled one.</summary>
internal static class SqliteLibrary
{
    private const int BundledVersion = 3_035_005;

    private static readonly Lazy<bool> Chosen = new(Choose);

    /// <summary>Makes SQLite callable. May be called often.</summary>
    public static void Load() => _ = Chosen.Value;

    private static bool Choose()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());

        // Nobody asks how much memory SQLite has; counting it costs a lock at each piece. Where it runs already, it stays as it is.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
        return raw.sqlite3_initialize() == raw.SQLITE_OK;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) =>
        name == "e_sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out nint library) && VersionOf(library) >= BundledVersion
            ? library
            : 0;

    private static int VersionOf(nint library) =>
        NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out nint function)
            ? Marshal.GetDelegateForFunctionPointer<VersionNumber>(function)()
            : 0;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}
