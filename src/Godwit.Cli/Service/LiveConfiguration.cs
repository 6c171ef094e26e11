using System.Security.Cryptography;
using Godwit.Cli.Configuration;
using Godwit.Server.Access;
using Godwit.Server.Notices;
using Godwit.Server.Staging;
using Godwit.Server.Tls;

namespace Godwit.Cli.Service;

/// <summary>What of a service's configuration counts as soon as it is read again: endpoints, projects, people, notices, stagers, preparers,
/// certificates. The rest of <c>server:</c> counts when the service starts again.</summary>
/// <param name="settings">How the service runs.</param>
/// <param name="wiring">The process.</param>
internal sealed class LiveConfiguration(ServeSettings settings, Wiring wiring) : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);
    private readonly GridTrust _trust = new();
    private readonly NoticeTargets _targets = new(settings, wiring);
    private readonly StagerRules _stagers = new(settings, wiring);

    /// <summary>The projects.</summary>
    public Projects Projects { get; } = new();

    /// <summary>Who may come with a certificate.</summary>
    public People People { get; } = new();

    /// <summary>Who is told of transfers that ended.</summary>
    public IReadOnlyList<NoticeRule> Notices { get; private set; } = [];

    /// <summary>Who makes transfers ready.</summary>
    public StagerBook Stagers { get; } = new();

    /// <summary>The service's own certificate; null without TLS.</summary>
    public ServerTls? Tls { get; private set; }

    /// <summary>Reads everything for the first time.</summary>
    /// <returns>What there is to warn of, in sentences.</returns>
    /// <exception cref="CommandException">Something cannot be used.</exception>
    public IReadOnlyList<string> Load()
    {
        if (settings.Certificate is not null)
        {
            Tls = new ServerTls { Clients = settings.ClientCa is null ? null : new ClientCertificates(_trust, wiring.Time) };
        }

        GodwitConfiguration read = wiring.Configuration.InForce(wiring.Environment);
        Use(read, _targets.Of(read), _stagers.Of(read));
        return [.. LoadFiles()];
    }

    /// <summary>Reads everything again. What cannot be used leaves what was in force before.</summary>
    /// <returns>What there is to warn of, in sentences.</returns>
    /// <exception cref="CommandException">The configuration or a certificate cannot be used; nothing is different.</exception>
    public IReadOnlyList<string> Reload()
    {
        GodwitConfiguration read = wiring.Configuration.Read(wiring.Environment, out Faults faults);
        faults.Require();
        IReadOnlyList<NoticeRule> notices = _targets.Of(read);
        IReadOnlyList<StagerRule> stagers = _stagers.Of(read);
        List<string> warnings = [.. LoadFiles()];
        IReadOnlyDictionary<string, ConfiguredValue> before = wiring.Configuration.InForce(wiring.Environment).Server;
        string[] changed = [.. before.Keys.Union(read.Server.Keys).Where(key => before.GetValueOrDefault(key)?.Text != read.Server.GetValueOrDefault(key)?.Text)];
        wiring.Configuration.Renew(read);
        Use(read, notices, stagers);
        return changed.Length == 0 ? warnings : [.. warnings, $"What is said of {string.Join(", ", changed)} below server: counts when the service starts again."];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _targets.Dispose();
        _stagers.Dispose();
    }

    private void Use(GodwitConfiguration configuration, IReadOnlyList<NoticeRule> notices, IReadOnlyList<StagerRule> stagers)
    {
        Notices = notices;
        Stagers.Use(stagers);
        Projects.Set(configuration.Projects ?? []);
        People.Set(configuration.People ?? []);
    }

    private IEnumerable<string> LoadFiles()
    {
        if (settings is not { Certificate: { } certificate, Key: { } key } || Tls is null)
        {
            return [];
        }

        // Everything is read before anything counts.
        IReadOnlyList<(string, byte[])> authorities = ReadAuthorities();
        try
        {
            Tls.Use(File.ReadAllText(certificate), File.ReadAllText(key));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"The certificate \"{ArgumentText.Show(certificate)}\" and its key \"{ArgumentText.Show(key)}\" cannot be used: {e.Message.TrimEnd('.')}. Both are PEM files, the key without a password.");
        }

        return [.. WarnOfEnd(certificate, Tls.NotAfter), .. Trust(authorities)];
    }

    private IEnumerable<string> WarnOfEnd(string certificate, DateTimeOffset end)
    {
        TimeSpan left = end - wiring.Time.GetUtcNow();
        if (left <= s_soon)
        {
            yield return $"The certificate \"{certificate}\" {(left > TimeSpan.Zero ? "expires" : "has expired")} at {end:yyyy-MM-ddTHH:mm:ssZ}: renew it, and send SIGHUP to this process.";
        }
    }

    private IReadOnlyList<string> Trust(IReadOnlyList<(string, byte[])> authorities)
    {
        if (settings.ClientCa is null)
        {
            return [];
        }

        IReadOnlyList<string> warnings = _trust.Use(authorities);
        return _trust.Count > 0 ? warnings : [.. warnings, $"There is no authority in \"{settings.ClientCa}\": nobody's certificate counts."];
    }

    /// <summary>A link to nowhere, or a file that is just being replaced, is as one that holds nothing: what that means depends on what it should hold.</summary>
    private static byte[] ContentOf(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private IReadOnlyList<(string, byte[])> ReadAuthorities()
    {
        if (settings.ClientCa is not { } directory)
        {
            return [];
        }

        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Where(entry => !Directory.Exists(entry)).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), ContentOf(file)))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"The authorities in \"{ArgumentText.Show(directory)}\" cannot be read: {e.Message.TrimEnd('.')}. Name another directory with --client-ca.");
        }
    }
}
