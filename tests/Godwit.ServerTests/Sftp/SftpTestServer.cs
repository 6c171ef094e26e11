using Godwit.Backends.Sftp;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>The SFTP server that the tests run against: <c>./test</c> starts it and says where it is.</summary>
internal static class SftpTestServer
{
    private const string HowToStart = "start the server and take over its settings: set -a; eval \"$(servers/sftp start)\"; set +a";

    /// <summary>The accounts, as ssh's configuration names them, and where each may write.</summary>
    public static IReadOnlyDictionary<string, string> Accounts { get; } = new Dictionary<string, string>
    {
        ["shell"] = "",
        ["chroot"] = "/data",
        ["bare"] = "",
        ["proftpd"] = "",
    };

    public static string Config => Setting("CONFIG");

    public static int Port => int.Parse(Setting("PORT"));

    public static string User => Setting("USER");

    public static string Password => Setting("PASSWORD");

    public static string Key => Setting("KEY");

    /// <summary>The key that signs certificates which the server trusts.</summary>
    public static string Authority => Setting("CA");

    public static string KnownHosts => Setting("KNOWN_HOSTS");

    /// <summary>The home of the account with a shell, as this machine sees it.</summary>
    public static string Home => Setting("HOME");

    /// <summary>The root of the account in a chroot, as this machine sees it.</summary>
    public static string Chroot => Setting("CHROOT");

    /// <summary>The options to reach an account.</summary>
    public static SftpOptions Options(string account) => new()
    {
        Server = new SftpServer(account),
        Command = ["ssh", "-F", Config],
    };

    /// <summary>Connections to an account.</summary>
    public static SftpConnections Connect(string account, Func<SftpOptions, SftpOptions>? change = null) =>
        new((change ?? (same => same))(Options(account)), TimeProvider.System);

    /// <summary>A directory of an account; a fresh one unless named.</summary>
    public static Task<SftpStore> OpenAsync(SftpConnections connections, string? name = null) => SftpStore.OpenAsync(
        connections, Bytes($"{Root(connections.Options.Server.Host)}{name ?? Fresh()}"), createRoot: true, followLinks: false, CancellationToken.None);

    /// <summary>Where an account may write: what stands before a name there.</summary>
    public static string Root(string account) => Accounts[account].Length > 0 ? $"{Accounts[account]}/" : "";

    public static string Fresh() => "t" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Takes away all below a directory of a store.</summary>
    public static async Task CleanAsync(SftpStore store, StorePath directory = default)
    {
        StorePage page;
        do
        {
            page = await store.ListAsync(directory, null, CancellationToken.None);
            page.Next?.Dispose();
            foreach (StoreEntry entry in page.Entries)
            {
                if (entry.Kind == EntryKind.Directory)
                {
                    await CleanAsync(store, entry.Path);
                }

                await store.DeleteAsync(entry.Path, CancellationToken.None);
            }
        }
        while (page.Next is not null);
    }

    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Setting(string name) => Environment.GetEnvironmentVariable("GODWIT_TEST_SFTP_" + name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"No SFTP server is known (GODWIT_TEST_SFTP_{name} is not set): run ./test, or {HowToStart}");
}
