using Godwit.Backends.Local;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Cli.State;

/// <summary>Where this user's ledger is kept.</summary>
internal static class StateDirectory
{
    /// <summary>The directory, made for this user alone where it is missing.</summary>
    /// <param name="option">What <c>--state</c> says; null without it.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="LedgerException">There is no such place, or it cannot be made.</exception>
    public static string Make(string? option, Func<string, string?> environment)
    {
        string directory = Choose(option, environment);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                // There, a directory below the user's own is his alone.
                return Directory.CreateDirectory(directory).FullName;
            }

            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return directory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException(
                $"The state directory {directory} cannot be made: {e.Message.TrimEnd('.')}. Choose another one with --state DIR.", e);
        }
    }

    /// <summary>The directory as a whole path: <c>--state</c>, else <c>$XDG_STATE_HOME/godwit</c>, else <c>~/.local/state/godwit</c>.</summary>
    public static string Choose(string? option, Func<string, string?> environment)
    {
        if (!string.IsNullOrEmpty(option))
        {
            return Path.GetFullPath(option);
        }

        // The XDG specification: a relative path there is not valid and has to be ignored.
        if (environment("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state))
        {
            return Path.Combine(state, "godwit");
        }

        return environment("HOME") is { Length: > 0 } home
            ? Path.Combine(Path.GetFullPath(home), ".local", "state", "godwit")
            : throw new LedgerException("There is no place for the state: neither $XDG_STATE_HOME nor $HOME is set. Use --state DIR.");
    }

    /// <summary>The ledger's files, also those that are not there yet.</summary>
    /// <param name="option">What <c>--state</c> says; null without it.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="LedgerException">There is no such place.</exception>
    public static IEnumerable<ReadFile> FilesOf(string? option, Func<string, string?> environment)
    {
        string ledger = Path.Combine(Choose(option, environment), SqliteLedger.FileName);
        return ((string[])[ledger, $"{ledger}-wal", $"{ledger}-shm", $"{ledger}-journal"]).Select(file => new ReadFile(file, "a file of the ledger"));
    }

    /// <summary>Refuses a run that would delete its own ledger.</summary>
    /// <param name="tree">Where the run deletes.</param>
    /// <param name="role">What the command line calls that.</param>
    /// <param name="fate">What would become of the ledger, in a half sentence.</param>
    /// <param name="option">What <c>--state</c> says; null without it.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="CommandException">The state directory lies in the tree.</exception>
    public static void RequireOutside(IStore tree, string role, string fate, string? option, Func<string, string?> environment)
    {
        StorePath root = tree.Identity.Root;
        StorePath state = LocalStore.In(Choose(option, environment)).Identity.Root;
        if (tree is LocalStore && (state == root || state.IsBelow(root)))
        {
            throw new CommandException(
                ExitCode.Usage, $"The state directory \"/{state}\" lies inside {role} \"{tree.Identity}\": {fate}. Choose another one with --state DIR.");
        }
    }
}
