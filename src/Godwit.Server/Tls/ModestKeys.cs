using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Security.Certificates;
using Org.BouncyCastle.X509;

namespace Godwit.Server.Tls;

/// <summary>Keys and signatures that are looked at: strong enough to mean something, and no larger than anybody needs, because whoever shows one has not proved
/// who he is and must not have minutes of computing for it.</summary>
internal static class ModestKeys
{
    private const int LargestModulus = 8192;
    private const int SmallestModulus = 1024;
    private const int LargestExponent = 33;

    private static readonly string[] s_curves = [.. new[] { SecObjectIdentifiers.SecP256r1, SecObjectIdentifiers.SecP384r1, SecObjectIdentifiers.SecP521r1 }.Select(curve => curve.Id)];

    private static readonly string[] s_signatures =
    [
        "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", // RSA with SHA-256, -384, -512
        "1.2.840.113549.1.1.10", // RSASSA-PSS
        "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4", // ECDSA, likewise
        "1.3.101.112", // Ed25519
    ];

    /// <summary>Makes sure of a key's kind and size, without computing with it.</summary>
    /// <exception cref="CertificateException">It is none that is looked at.</exception>
    public static void RequireKey(X509Certificate certificate)
    {
        SubjectPublicKeyInfo key = certificate.CertificateStructure.SubjectPublicKeyInfo;
        DerObjectIdentifier kind = key.Algorithm.Algorithm;
        bool isModest = kind.Equals(PkcsObjectIdentifiers.RsaEncryption) ? IsModest(RsaPublicKeyStructure.GetInstance(key.ParsePublicKey()))
            : kind.Equals(X9ObjectIdentifiers.IdECPublicKey) ? key.Algorithm.Parameters is DerObjectIdentifier curve && s_curves.Contains(curve.Id)
            : kind.Id == "1.3.101.112";
        if (!isModest)
        {
            throw new CertificateException("its key, or that of one that was shown with it, is of a kind or size that is not taken: RSA of 1024 to 8192 bits, P-256, P-384, P-521 or Ed25519");
        }
    }

    /// <summary>Makes sure that a signature is none that anybody can forge.</summary>
    /// <exception cref="CertificateException">It is.</exception>
    public static void RequireSignature(X509Certificate certificate)
    {
        if (!s_signatures.Contains(certificate.SigAlgOid))
        {
            throw new CertificateException($"it, or one that it rests on, is signed with {certificate.SigAlgName}, which is not taken: it takes SHA-256 or more");
        }
    }

    private static bool IsModest(RsaPublicKeyStructure key) =>
        key.Modulus.BitLength is >= SmallestModulus and <= LargestModulus && key.PublicExponent.BitLength <= LargestExponent;
}
