using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto;
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
/// <param name="clients">Looks at what a client shows.</param>
internal sealed class GridTlsServer(GridTlsServer.Own own, ClientCertificates clients) : DefaultTlsServer(own.Crypto)
{
    /// <summary>Who is at the other end; null where no certificate was shown.</summary>
    public CheckedCertificate? Client { get; private set; }

    public override TlsCredentials GetCredentials() => SignerFor(own.IsRsa ? SignatureAlgorithm.rsa : SignatureAlgorithm.ecdsa);

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
            Client = clients.Check([.. clientCertificate.GetCertificateList().Select(one => one.GetEncoded())]);
        }
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.TLSv13.DownTo(ProtocolVersion.TLSv12);

    /// <summary>Signs with the first way that both sides know.</summary>
    private BcDefaultTlsCredentialedSigner SignerFor(short signature)
    {
        bool is13 = TlsUtilities.IsTlsV13(m_context);
        SignatureAndHashAlgorithm algorithm = m_context.SecurityParameters.ClientSigAlgs?.FirstOrDefault(one => Fits(one, signature, is13))
            ?? throw new TlsFatalAlert(AlertDescription.handshake_failure);
        Certificate certificate = is13
            ? new Certificate(TlsUtilities.EmptyBytes, [.. own.Chain.Select(one => new CertificateEntry(one, null))])
            : new Certificate(own.Chain);
        return new BcDefaultTlsCredentialedSigner(new TlsCryptoParameters(m_context), own.Crypto, own.Key, certificate, algorithm);
    }

    private static bool Fits(SignatureAndHashAlgorithm algorithm, short signature, bool is13) => signature == SignatureAlgorithm.rsa
        ? algorithm.Signature is SignatureAlgorithm.rsa_pss_rsae_sha256 or SignatureAlgorithm.rsa_pss_rsae_sha384 or SignatureAlgorithm.rsa_pss_rsae_sha512
            || (!is13 && algorithm.Signature == SignatureAlgorithm.rsa && algorithm.Hash >= HashAlgorithm.sha256)
        : algorithm.Signature == SignatureAlgorithm.ecdsa && algorithm.Hash == HashAlgorithm.sha256;

    /// <summary>The server's certificate, those between it and its authority, and its key.</summary>
    internal sealed class Own
    {
        /// <param name="certificate">PEM.</param>
        /// <param name="key">PEM, without a password.</param>
        /// <exception cref="CryptographicException">They cannot be used.</exception>
        public Own(string certificate, string key)
        {
            using var reader = new PemReader(new StringReader(key));
            Key = reader.ReadObject() switch
            {
                AsymmetricCipherKeyPair pair => pair.Private,
                AsymmetricKeyParameter { IsPrivate: true } read => read,
                _ => throw new CryptographicException("the key's file holds no private key"),
            };
            Chain =
            [
                .. new Org.BouncyCastle.X509.X509CertificateParser().ReadCertificates(Encoding.ASCII.GetBytes(certificate)).Select(one => Crypto.CreateCertificate(one.GetEncoded())),
            ];
        }

        public BcTlsCrypto Crypto { get; } = new(new SecureRandom());

        public AsymmetricKeyParameter Key { get; }

        public TlsCertificate[] Chain { get; }

        public bool IsRsa => Key is Org.BouncyCastle.Crypto.Parameters.RsaKeyParameters;
    }
}
