using System.Reflection;
using System.Runtime.InteropServices;
using Godwit.Backends.Gfal.Worker;

namespace Godwit.Cli.Options;

/// <summary>What has to be known of this process to start another one like it.</summary>
internal static partial class ThisProgram
{
    /// <summary>Its version, with the commit that it was built from.</summary>
    public static string Version { get; } =
        typeof(ThisProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The number of the user that this process runs as.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint User();

    /// <summary>The command that makes this program a worker with libgfal2.</summary>
    /// <param name="process">The file that this process runs: the program itself, or the runtime.</param>
    /// <param name="directory">Where the program's own files are.</param>
    public static IReadOnlyList<string> WorkerCommand(string process, string directory)
    {
        // Also a program of another name that holds this one, such as the runner of its tests, starts it with the runtime.
        string own = Path.Combine(directory, "godwit.dll");
        return Path.GetFileName(process) == "dotnet" && File.Exists(own)
            ? [process, own, GfalWorker.Argument]
            : [process, GfalWorker.Argument];
    }
}
