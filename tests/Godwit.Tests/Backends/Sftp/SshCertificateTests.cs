using Godwit.Backends.Sftp.Ssh;
using Godwit.Tests.Cli.Service;

namespace Godwit.Tests.Backends.Sftp;

/// <summary>When certificates end that OpenSSH itself made.</summary>
public sealed class SshCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("godwit-ssh-").FullName;

    private string Key => Path.Combine(_folder, "id");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public async Task Its_end_is_read_whatever_the_key_is(string type)
    {
        await SshCertificates.SignAsync(Key, type, "20260101000000Z:20300203040506Z");
        Assert.Equal(new DateTimeOffset(2030, 2, 3, 4, 5, 6, TimeSpan.Zero), SshCertificate.EndOf(SshCertificate.FileOf(Key)));
    }

    [Fact]
    public async Task One_for_ever_has_none()
    {
        await SshCertificates.SignAsync(Key, "ed25519", "always:forever");
        Assert.Null(SshCertificate.EndOf(SshCertificate.FileOf(Key)));
    }

    [Fact]
    public async Task What_is_none_or_is_cut_off_has_no_end()
    {
        await SshCertificates.SignAsync(Key, "ed25519", "+1d");
        string text = await File.ReadAllTextAsync(SshCertificate.FileOf(Key));
        Assert.Null(SshCertificate.EndOf(Key + ".pub"));
        Assert.Null(SshCertificate.EndOf(Path.Combine(_folder, "missing")));
        byte[] whole = Convert.FromBase64String(text.Split(' ')[1]);
        for (int length = 0; length < whole.Length / 2; length++)
        {
            await File.WriteAllTextAsync(Key, $"ssh-ed25519-cert-v01@openssh.com {Convert.ToBase64String(whole.AsSpan(0, length))} x");
            DateTimeOffset? end = SshCertificate.EndOf(Key);
            Assert.True(end is null || end == SshCertificate.EndOf(SshCertificate.FileOf(Key)), $"{length}: {end}");
        }
    }
}
