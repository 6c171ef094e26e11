namespace Godwit.Backends.Gfal;

/// <summary>The environment of a worker. It is there before libgfal2 is: plugins read parts of it once, when they are loaded.</summary>
internal static class GfalEnvironment
{
    private static readonly string[] s_credentials = ["X509_USER_PROXY", "X509_USER_CERT", "X509_USER_KEY", "X509_CERT_DIR", "BEARER_TOKEN", "BEARER_TOKEN_FILE", "XDG_RUNTIME_DIR", "KRB5CCNAME"];

    /// <summary>Takes out every credential that is not this worker's, and puts in its own.</summary>
    public static void Fill(IDictionary<string, string?> environment, GfalOptions options)
    {
        // XRootD's client has variables of its own for everything, which come before the others.
        foreach (string name in environment.Keys.Where(name => name.StartsWith("XrdSec", StringComparison.OrdinalIgnoreCase)).Concat(s_credentials).ToArray())
        {
            environment.Remove(name);
        }

        if (options.CertificateDirectory is { } directory)
        {
            environment["X509_CERT_DIR"] = directory;
        }

        if (options.Credential is { IsProxy: true } proxy)
        {
            environment["X509_USER_PROXY"] = proxy.CertificateFile;
        }
        else if (options.Credential is { } pair)
        {
            (environment["X509_USER_CERT"], environment["X509_USER_KEY"]) = (pair.CertificateFile, pair.KeyFile);
        }
        else
        {
            // Otherwise the plugins look for one themselves.
            environment["X509_USER_PROXY"] = "/nonexistent";
        }

        // Before the first connection, or third-party copies find one without a delegated proxy.
        environment["XrdSecGSIDELEGPROXY"] = "1";

        // Repeats are the layers' business: XRootD's client would wait for minutes before it says that nobody answers.
        environment["XRD_CONNECTIONRETRY"] = "1";
        environment["XRD_CONNECTIONWINDOW"] = "15";
        environment["XRD_LOGLEVEL"] = "None";

        // Workers are small and many.
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_TieredCompilation"] = "1";
    }
}
