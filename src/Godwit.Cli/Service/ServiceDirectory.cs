using Godwit.Cli.State;

namespace Godwit.Cli.Service;

/// <summary>Where a service keeps its ledger. It is not the one of this user's own transfers: what they write is for the service that of a stranger.</summary>
internal static class ServiceDirectory
{
    /// <summary>The file with the token of the first administrator, which only the service's own user may read.</summary>
    public const string TokenFile = "admin.token";

    /// <summary>The file that the running service holds, so that no second one begins here.</summary>
    public const string LockFile = "service.lock";

    /// <summary>The directory: <c>--data</c>, else systemd's <c>STATE_DIRECTORY</c>, else <c>server</c> below the state of this user.</summary>
    public static string Choose(string? option, Func<string, string?> environment) => !string.IsNullOrEmpty(option) ? Path.GetFullPath(option)
        : environment("STATE_DIRECTORY") is { Length: > 0 } state && Path.IsPathRooted(state) ? state.Split(':')[0]
        : Path.Combine(StateDirectory.Choose(null, environment), "server");
}
