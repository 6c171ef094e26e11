using Godwit.Storage;

namespace Godwit.Backends.Sftp.Ssh;

/// <summary>
/// The order in which ciphers are offered. OpenSSH puts ChaCha20 first, which every processor computes; one with instructions for AES does
/// AES-GCM in a third of the time, here and on the server. The set of ciphers stays OpenSSH's own, and where a configuration says anything
/// of them nothing is changed.
/// </summary>
internal static class SshCiphers
{
    private const string Gcm = "-gcm@openssh.com";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>The order to ask for; null leaves it to ssh.</summary>
    public static async Task<string?> PreferredAsync(SftpOptions options, TimeProvider time)
    {
        if (!System.Runtime.Intrinsics.X86.Aes.IsSupported && !System.Runtime.Intrinsics.Arm.Aes.IsSupported)
        {
            return null;
        }

        using var patience = new CancellationTokenSource(s_patience, time);
        try
        {
            string?[] told = await Task.WhenAll(
                TellAsync(options, ["-G", .. SshArguments.For(options)], patience.Token),
                TellAsync(options, ["-G", "-F", "none", "--", options.Server.Host], patience.Token)).ConfigureAwait(false);
            return Order(configured: told[0], usual: told[1]);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // Connecting says it better.
            return null;
        }
    }

    /// <summary>The order to ask for.</summary>
    /// <param name="configured">What ssh would offer this host.</param>
    /// <param name="usual">What it offers without any configuration.</param>
    /// <returns>AES-GCM first; null where somebody has said what is to be offered, and where nothing would change.</returns>
    public static string? Order(string? configured, string? usual)
    {
        if (usual is null || configured != usual)
        {
            return null;
        }

        string[] ciphers = usual.Split(',');
        string order = string.Join(',', ciphers.OrderBy(cipher => !cipher.EndsWith(Gcm, StringComparison.Ordinal)));
        return order == usual ? null : order;
    }

    private static async Task<string?> TellAsync(SftpOptions options, IEnumerable<string> arguments, CancellationToken ct)
    {
        (int code, string told) = await SshQuestion.AskAsync(options, arguments, ct).ConfigureAwait(false);
        return code == 0 ? SshQuestion.Settings(told).GetValueOrDefault("ciphers") : null;
    }
}
