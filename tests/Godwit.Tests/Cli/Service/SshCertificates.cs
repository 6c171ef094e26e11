using System.Diagnostics;

namespace Godwit.Tests.Cli.Service;

/// <summary>Keys with certificates, as OpenSSH makes them.</summary>
internal static class SshCertificates
{
    /// <summary>Makes a key with a certificate beside it.</summary>
    /// <param name="file">The key.</param>
    /// <param name="type">Its type, as ssh-keygen calls it.</param>
    /// <param name="validity">Until when, as ssh-keygen takes it.</param>
    public static async Task SignAsync(string file, string type, string validity)
    {
        await RunAsync("-q", "-t", "ed25519", "-N", "", "-f", file + "-ca");
        await RunAsync("-q", "-t", type, "-N", "", "-f", file);
        await RunAsync("-q", "-s", file + "-ca", "-I", "somebody", "-n", "alice,bob", "-z", "7", "-V", validity, file + ".pub");
    }

    private static async Task RunAsync(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("ssh-keygen", args) { RedirectStandardError = true })!;
        string said = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, said);
    }
}
