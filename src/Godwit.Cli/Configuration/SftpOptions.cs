namespace Godwit.Cli.Configuration;

/// <summary>What an SFTP endpoint may say. It is kept and checked; this version cannot reach SFTP servers yet.</summary>
internal static class SftpOptions
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ISetting> All { get; } =
    [
        new Setting<string>("key-file", "--sftp-key-file", "FILE", "The private key.", "as ssh is configured", [], SettingText.FileName) { IsFile = true },
        new Setting<string>(
            "known-hosts", "--sftp-known-hosts", "FILE", "The keys of hosts.", "as ssh is configured", [], SettingText.FileName) { IsFile = true },
    ];
}
