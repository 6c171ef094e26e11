using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

/// <summary>What is wrong with a secure connection is said, with what to do about it.</summary>
public sealed class S3CertificatesTests
{
    [Theory]
    [InlineData("good", null)]
    [InlineData("other name", "is for another name (other.example.org)")]
    [InlineData("expired", "is out of its time (from 2001-01-01 to 2002-01-01)")]
    [InlineData("unknown authority", "nobody here knows the authority \"CN=Elsewhere\"")]
    [InlineData("no TLS", "may not speak TLS at this port")]
    public async Task A_secure_connection_is_made_or_refused_with_its_reason(string how, string? says)
    {
        using X509Certificate2 authority = Authority("Here");
        using X509Certificate2 elsewhere = Authority("Elsewhere");
        using X509Certificate2 certificate = how switch
        {
            "other name" => Issue(authority, "other.example.org"),
            "expired" => Issue(authority, "localhost", new DateTimeOffset(2001, 1, 1, 0, 0, 0, default)),
            "unknown authority" => Issue(elsewhere, "localhost"),
            _ => Issue(authority, "localhost"),
        };
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, authority.ExportCertificatePem());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, how == "no TLS" ? null : certificate);
        var options = new S3Options
        {
            Bucket = "bucket",
            Endpoint = new Uri($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}"),
            Keys = new S3AccessKeys("KEY", "secret"),
            CaFile = file,
        };
        await using (var store = new S3Store(options, TimeProvider.System))
        {
            if (says is null)
            {
                Assert.Empty((await store.ListAsync(StorePath.Root, null, default)).Entries);
            }
            else
            {
                StoreException refused = await Assert.ThrowsAsync<StoreException>(async () => await store.ListAsync(StorePath.Root, null, default));
                Assert.Equal((StoreErrorKind.Unavailable, NextStep.GiveUp), (refused.Kind, refused.Next));
                Assert.Contains(says, refused.Message, StringComparison.Ordinal);
            }
        }

        File.Delete(file);
        await serving;
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2? certificate)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using NetworkStream plain = client.GetStream();
        var buffer = new byte[10_000];
        if (certificate is null)
        {
            _ = await plain.ReadAsync(buffer);
            await plain.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            return;
        }

        await using var secure = new SslStream(plain);
        try
        {
            await secure.AuthenticateAsServerAsync(certificate);
            _ = await secure.ReadAsync(buffer);
            const string body = "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
            await secure.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The client has gone away, as it should.
        }
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(new DateTimeOffset(2000, 1, 1, 0, 0, 0, default), new DateTimeOffset(2100, 1, 1, 0, 0, 0, default));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string name, DateTimeOffset? from = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset begin = from ?? new DateTimeOffset(2020, 1, 1, 0, 0, 0, default);
        using X509Certificate2 issued = request.Create(authority, begin, from is null ? begin.AddYears(50) : begin.AddYears(1), [1, 2, 3, 4]);
        using X509Certificate2 whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
