using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using HashAlgorithm = Org.BouncyCastle.Tls.HashAlgorithm;

namespace Godwit.Server.Tls;

/// <summary>The server's side of one TLS connection that asks for the client's certificate and takes proxies: the framework's own gives up on any chain with a
/// proxy in it before somebody else can look at it.</summary>
/// <param name="own">The server's certificate and key.</param>
internal sealed class GridTlsServer(GridTlsServer.Own own) : DefaultTlsServer(own.Crypto)
{
    /// <summary>What the other end showed (DER); null for nothing.</summary>
    public IReadOnlyList<byte[]>? Shown { get; private set; }

    public override TlsCredentials GetCredentials() => SignerFor();

    public override CertificateRequest GetCertificateRequest()
    {
        IList<SignatureAndHashAlgorithm> algorithms = TlsUtilities.GetDefaultSupportedSignatureAlgorithms(m_context);
        return TlsUtilities.IsTlsV13(m_context)
            ? new CertificateRequest(TlsUtilities.EmptyBytes, algorithms, null, null)
            : new CertificateRequest([ClientCertificateType.rsa_sign, ClientCertificateType.ecdsa_sign], algorithms, null);
    }

    public override void NotifyClientCertificate(Certificate clientCertificate)
    {
        if (!clientCertificate.IsEmpty)
        {
            byte[][] shown = [.. clientCertificate.GetCertificateList().Select(one => one.GetEncoded())];
            RequireModest(shown);
            Shown = shown;
        }
    }

    /// <summary>The rest of the handshake computes with what was shown.</summary>
    private static void RequireModest(byte[][] shown)
    {
        try
        {
            Array.ForEach(shown, one => ModestKeys.RequireKey(GridTrust.Read(one)));
        }
        catch (Exception e) when (e is GeneralSecurityException or IOException or ArgumentException or InvalidCastException or FormatException or InvalidOperationException)
        {
            throw new TlsFatalAlert(AlertDescription.unsupported_certificate, e);
        }
    }

    protected override int[] GetSupportedCipherSuites() =>
    [
        CipherSuite.TLS_AES_256_GCM_SHA384, CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        .. own.IsRsa
            ? new[] { CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 }
            : [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256],
    ];

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.DownTo(ProtocolVersion.TLSv12);

    /// <summary>Signs with the first way that both sides know.</summary>
    private BcDefaultTlsCredentialedSigner SignerFor()
    {
        bool is13 = TlsUtilities.IsTlsV13(m_context);
        SignatureAndHashAlgorithm algorithm = m_context.SecurityParameters.ClientSigAlgs?.FirstOrDefault(one => Fits(one, is13))
            ?? throw new TlsFatalAlert(AlertDescription.handshake_failure);
        Certificate certificate = is13
            ? new Certificate(TlsUtilities.EmptyBytes, [.. own.Chain.Select(one => new CertificateEntry(one, null))])
            : new Certificate(own.Chain);
        return new BcDefaultTlsCredentialedSigner(new TlsCryptoParameters(m_context), own.Crypto, own.Key, certificate, algorithm);
    }

    private bool Fits(SignatureAndHashAlgorithm algorithm, bool is13) => own.IsRsa
        ? algorithm.Signature is SignatureAlgorithm.rsa_pss_rsae_sha256 or SignatureAlgorithm.rsa_pss_rsae_sha384 or SignatureAlgorithm.rsa_pss_rsae_sha512
            || (!is13 && algorithm.Signature == SignatureAlgorithm.rsa && algorithm.Hash >= HashAlgorithm.sha256)
        : algorithm.Signature == SignatureAlgorithm.ecdsa && algorithm.Hash == own.CurveHash;

    /// <summary>The server's certificate, those between it and its authority, and its key.</summary>
    internal sealed class Own
    {
        /// <param name="certificate">PEM.</param>
        /// <param name="key">PEM, without a password.</param>
        /// <exception cref="CryptographicException">They cannot be used.</exception>
        public Own(string certificate, string key)
        {
            Key = ReadKey(key);
            CurveHash = Key is ECKeyParameters { Parameters.N.BitLength: var bits } ? bits switch
            {
                256 => HashAlgorithm.sha256,
                384 => HashAlgorithm.sha384,
                521 => HashAlgorithm.sha512,
                _ => throw new CryptographicException("the key is of a curve other than P-256, P-384 and P-521"),
            }
            : IsRsa ? (short)0 : throw new CryptographicException("the key is neither RSA nor of a curve P-256, P-384 or P-521");
            Chain =
            [
                .. new Org.BouncyCastle.X509.X509CertificateParser().ReadCertificates(Encoding.ASCII.GetBytes(certificate)).Select(one => Crypto.CreateCertificate(one.GetEncoded())),
            ];
        }

        public BcTlsCrypto Crypto { get; } = new(new SecureRandom());

        public AsymmetricKeyParameter Key { get; }

        public TlsCertificate[] Chain { get; }

        public bool IsRsa => Key is RsaKeyParameters;

        /// <summary>The hash that goes with the key's curve.</summary>
        public short CurveHash { get; }

        private static AsymmetricKeyParameter ReadKey(string pem)
        {
            using var reader = new PemReader(new StringReader(pem));
            while (reader.ReadObject() is { } read)
            {
                if ((read is AsymmetricCipherKeyPair pair ? pair.Private : read) is AsymmetricKeyParameter { IsPrivate: true } key)
                {
                    return key;
                }
            }

            throw new CryptographicException("the key's file holds no private key");
        }
    }
}
