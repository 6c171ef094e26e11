using System.Security.Cryptography;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Server.Notices;
using Godwit.Server.Staging;

namespace Godwit.Cli.Service;

/// <summary>Makes rules for those who make transfers ready of what the configuration says, with their secrets and certificates.</summary>
/// <param name="settings">How the service runs.</param>
/// <param name="wiring">The process.</param>
internal sealed class StagerRules(ServeSettings settings, Wiring wiring) : IDisposable
{
    private readonly HttpClient _plain = HttpStager.MakeClient();

    // By what the files hold: one that did not change keeps its client.
    private Dictionary<(string?, string?, string?), HttpClient> _others = [];

    /// <summary>The rules.</summary>
    /// <exception cref="CommandException">A secret or a file cannot be used, or nobody could call back.</exception>
    public IReadOnlyList<StagerRule> Of(GodwitConfiguration configuration)
    {
        StagerEntry[] entries = [.. configuration.AllAsked];
        if (entries.Length > 0 && settings.CallbackFault is { } fault)
        {
            throw new CommandException(ExitCode.Usage, $"{entries[0].Origin}: {entries[0].Who} {fault}");
        }

        var clients = new Dictionary<(string?, string?, string?), HttpClient>();
        StagerRule[] rules = [.. entries.Select(entry => RuleOf(entry, clients))];

        // Those that are not used any more end with their last request; one that is disposed would break it off.
        _others = clients;
        return rules;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plain.Dispose();
        foreach (HttpClient other in _others.Values)
        {
            other.Dispose();
        }
    }

    private StagerRule RuleOf(StagerEntry entry, Dictionary<(string?, string?, string?), HttpClient> clients)
    {
        var rule = new StagerRule(entry.Name, entry.Stage, AskedOf(entry, ClientOf(entry, clients))) { Places = entry.Places, Projects = entry.Projects };
        return rule with { AtOnce = entry.AtOnce ?? rule.AtOnce, Limit = entry.Limit ?? rule.Limit };
    }

    private HttpStager AskedOf(StagerEntry entry, HttpClient client) =>
        new(client, entry.Url!, SigningSecret.Of(entry.Secret!, wiring), ThisProgram.Version, wiring.Time);

    private HttpClient ClientOf(StagerEntry entry, Dictionary<(string?, string?, string?), HttpClient> clients)
    {
        if (!entry.Files.Any())
        {
            return _plain;
        }

        (string?, string?, string?) files = (ContentOf("certificate", entry.Certificate), ContentOf("key", entry.Key), ContentOf("ca", entry.Ca));
        if (clients.TryGetValue(files, out HttpClient? client) || _others.TryGetValue(files, out client))
        {
            return clients[files] = client;
        }

        return clients[files] = HttpStager.MakeClient(TlsOf(entry, files));
    }

    private static PostTls TlsOf(StagerEntry entry, (string? Certificate, string? Key, string? Ca) files)
    {
        try
        {
            return PostTls.Of(files.Certificate, files.Key, files.Ca);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CommandException(
                ExitCode.Usage,
                $"{entry.Origin}: the certificates of {entry.Who} cannot be used: {e.Message.TrimEnd('.')}. certificate, key and ca are PEM files, the key without a password.");
        }
    }

    private static string? ContentOf(string key, ConfiguredValue? file)
    {
        try
        {
            return file is null ? null : File.ReadAllText(file.Text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"{file!.Origin}: {key} is \"{file.Text}\", which cannot be read: {e.Message.TrimEnd('.')}. Name another file.");
        }
    }
}
