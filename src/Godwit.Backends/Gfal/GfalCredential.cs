using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>An X.509 credential of the grid: a proxy, which is a file with a chain of certificates and the key of the first; or a certificate and
/// its key, without a passphrase.</summary>
/// <param name="CertificateFile">The proxy, or the certificate.</param>
/// <param name="KeyFile">The key; the same file for a proxy.</param>
public sealed record GfalCredential(string CertificateFile, string KeyFile)
{
    private const int MostBytes = 1 << 20;

    /// <summary>A proxy.</summary>
    public static GfalCredential Proxy(string file) => new(file, file);

    /// <summary>Whether it is a proxy.</summary>
    public bool IsProxy => CertificateFile == KeyFile;

    /// <summary>The credential that tools of the grid would take: <c>X509_USER_PROXY</c>; <c>X509_USER_CERT</c> and <c>X509_USER_KEY</c>;
    /// <c>/tmp/x509up_uUID</c>. Null where there is none. What a variable names is taken whether it is there or not: the error names it.</summary>
    /// <param name="variable">Tells a variable of the environment; null where it is not set.</param>
    /// <param name="user">The number of the user.</param>
    public static GfalCredential? Find(Func<string, string?> variable, uint user)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (Set("X509_USER_PROXY") is { } proxy)
        {
            return Proxy(proxy);
        }

        if (Set("X509_USER_CERT") is { } certificate && Set("X509_USER_KEY") is { } key)
        {
            return new GfalCredential(certificate, key);
        }

        string usual = string.Create(CultureInfo.InvariantCulture, $"/tmp/x509up_u{user}");
        return File.Exists(usual) ? Proxy(usual) : null;

        string? Set(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Until when it may be used: the earliest end in its chain.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unauthenticated"/>: it is not there, cannot be read or holds no certificate.</exception>
    public DateTimeOffset ValidUntil()
    {
        try
        {
            if (new FileInfo(CertificateFile) is { Exists: true, Length: > MostBytes })
            {
                throw Unusable("is larger than 1 MiB, and no certificate");
            }

            var chain = new X509Certificate2Collection();
            string text = File.ReadAllText(CertificateFile);
            chain.ImportFromPem(text);
            if (IsProxy && !text.Contains("PRIVATE KEY", StringComparison.Ordinal))
            {
                throw Unusable("holds no key");
            }

            return chain.Count > 0
                ? chain.Min(one => new DateTimeOffset(one.NotAfter))
                : throw Unusable("holds no certificate");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unusable("is not there");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or CryptographicException || (e is IOException and not StoreException))
        {
            throw Unusable($"cannot be used: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Makes sure that it is valid now.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Unauthenticated"/>: it is not, with since when.</exception>
    public void RequireValid(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        DateTimeOffset end = ValidUntil();
        if (end <= time.GetUtcNow())
        {
            throw Unusable(string.Create(CultureInfo.InvariantCulture, $"expired at {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"));
        }
    }

    /// <summary>What tells that the files are others now; null where they cannot be looked at.</summary>
    internal string? Stamp()
    {
        var file = new FileInfo(CertificateFile);
        return file.Exists ? string.Create(CultureInfo.InvariantCulture, $"{file.Length}@{file.LastWriteTimeUtc.Ticks}") : null;
    }

    private StoreException Unusable(string why) => new(
        StoreErrorKind.Unauthenticated,
        $"The {(IsProxy ? "proxy" : "certificate")} \"{CertificateFile}\" {why}. Make a new one (voms-proxy-init or grid-proxy-init), or name another with --x509-proxy.");
}
