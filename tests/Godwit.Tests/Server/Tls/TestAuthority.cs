using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Godwit.Tests.Server.Tls;

/// <summary>An authority of the tests' own, with what it and its users sign.</summary>
internal sealed class TestAuthority : IDisposable
{
    public static readonly DateTimeOffset Then = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly RSA _key = RSA.Create(2048);
    private int _serial = 100;

    public TestAuthority(string name = "DC=org, CN=Authority", DateTimeOffset? now = null)
    {
        Now = now ?? Then;
        CertificateRequest request = Named(name, _key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Certificate = request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10));
    }

    public DateTimeOffset Now { get; }

    public X509Certificate2 Certificate { get; }

    public (string, byte[]) AsFile => ("1234abcd.0", Encoding.ASCII.GetBytes(Certificate.ExportCertificatePem()));

    /// <summary>A person's or a server's certificate.</summary>
    public X509Certificate2 Issue(string name, DateTimeOffset? notAfter = null, string usage = "1.3.6.1.5.5.7.3.2", bool isServer = false)
    {
        using var key = RSA.Create(2048);
        CertificateRequest request = Named(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        return Signed(request, Certificate, notAfter ?? Now.AddYears(1), key);
    }

    /// <summary>A certificate of a key that nobody has, signed as nobody should any more where that is said.</summary>
    public X509Certificate2 Certify(string name, int bits, System.Numerics.BigInteger exponent, bool isWeak = false)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger((System.Numerics.BigInteger.One << (bits - 1)) + 1);
            writer.WriteInteger(exponent);
        }

        var key = new PublicKey(new Oid("1.2.840.113549.1.1.1"), new AsnEncodedData([5, 0]), new AsnEncodedData(writer.Encode()));
        var request = new CertificateRequest(NameOf(name), key, HashAlgorithmName.SHA256);
        return request.Create(
            Certificate.SubjectName, isWeak ? new Sha1(_key) : X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1), Now.AddDays(-7), Now.AddDays(7), BitConverter.GetBytes(++_serial));
    }

    /// <summary>A proxy of somebody.</summary>
    /// <param name="owner">Whose, with his key; his own proxy or certificate.</param>
    /// <param name="name">Its name; the owner's and one part more unless said.</param>
    /// <param name="language">What it may do.</param>
    /// <param name="length">How many may follow it; null for any number.</param>
    /// <param name="notAfter">Until when.</param>
    public X509Certificate2 Proxy(X509Certificate2 owner, string? name = null, string language = "1.3.6.1.5.5.7.21.1", int? length = null, DateTimeOffset? notAfter = null)
    {
        using var key = RSA.Create(2048);
        CertificateRequest request = name is null ? OneMore(owner, key) : Named(name, key);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.5.5.7.1.14", Info(language, length), true));
        return Signed(request, owner, notAfter ?? Now.AddHours(12), key);
    }

    /// <summary>The list of what it has revoked.</summary>
    public (string, byte[]) Revoked(DateTimeOffset nextUpdate, params X509Certificate2[] certificates)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (X509Certificate2 one in certificates)
        {
            list.AddEntry(one);
        }

        byte[] built = list.Build(
            Certificate.SubjectName, X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1), 1, nextUpdate, HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false), Now.AddDays(-30));
        return ("1234abcd.r0", Encoding.ASCII.GetBytes(PemEncoding.WriteString("X509 CRL", built)));
    }

    public void Dispose()
    {
        _key.Dispose();
        Certificate.Dispose();
    }

    /// <summary>The parts in the order in which they are written; the builder begins with the last.</summary>
    private static CertificateRequest Named(string name, RSA key) => new(NameOf(name), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static X500DistinguishedName NameOf(string name)
    {
        var builder = new X500DistinguishedNameBuilder();
        foreach (string[] part in name.Split(", ").Reverse().Select(part => part.Split('=', 2)))
        {
            builder.Add(part[0] switch { "DC" => "0.9.2342.19200300.100.1.25", "O" => "2.5.4.10", _ => "2.5.4.3" }, part[1], part[0] == "DC" ? UniversalTagNumber.IA5String : UniversalTagNumber.UTF8String);
        }

        return builder.Build();
    }

    private CertificateRequest OneMore(X509Certificate2 owner, RSA key)
    {
        var reader = new AsnReader(owner.SubjectName.RawData, AsnEncodingRules.DER);
        AsnReader parts = reader.ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            while (parts.HasData)
            {
                writer.WriteEncodedValue(parts.ReadEncodedValue().Span);
            }

            using (writer.PushSetOf())
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("2.5.4.3");
                writer.WriteCharacterString(UniversalTagNumber.UTF8String, $"{++_serial}");
            }
        }

        return new CertificateRequest(new X500DistinguishedName(writer.Encode()), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static byte[] Info(string language, int? length)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            if (length is { } most)
            {
                writer.WriteInteger(most);
            }

            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(language);
            }
        }

        return writer.Encode();
    }

    private X509Certificate2 Signed(CertificateRequest request, X509Certificate2 issuer, DateTimeOffset notAfter, RSA key)
    {
        using RSA signing = issuer.GetRSAPrivateKey()!;
        using X509Certificate2 made = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForRSA(signing, RSASignaturePadding.Pkcs1), Now.AddDays(-7), notAfter, BitConverter.GetBytes(++_serial));
        return made.CopyWithPrivateKey(key);
    }

    /// <summary>Signs with SHA-1, which the framework's own does not do.</summary>
    private sealed class Sha1(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.1.5");
                writer.WriteNull();
            }

            return writer.Encode();
        }

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => CreateForRSA(key, RSASignaturePadding.Pkcs1).PublicKey;
    }
}
