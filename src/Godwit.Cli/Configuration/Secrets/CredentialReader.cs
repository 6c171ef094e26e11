namespace Godwit.Cli.Configuration.Secrets;

/// <summary>Reads where an endpoint's secrets are. A secret itself is refused and never repeated.</summary>
internal sealed class CredentialReader
{
    private static readonly string[] s_kinds = ["env", "file", "command", "vault"];

    private readonly ConfigurationPlace _place;
    private readonly SettingReader _settings;
    private readonly Faults _faults;

    /// <summary>Reads with the same place and faults as the settings.</summary>
    public CredentialReader(SettingReader settings) => (_settings, _place, _faults) = (settings, settings.Place, settings.Faults);

    /// <summary>The credentials, by key.</summary>
    public Dictionary<string, SecretReference> Read(Endpoint endpoint, YamlNode node)
    {
        var references = new Dictionary<string, SecretReference>(StringComparer.Ordinal);
        IReadOnlyList<(YamlScalar Key, YamlNode Value)> pairs = _settings.Pairs(node, "credentials");
        string[] known = KeysOf(endpoint.Kind);
        if (known.Length == 0 && pairs.Count > 0)
        {
            string instead = endpoint.Kind == "file"
                ? "is a directory of this machine and takes no credentials. Remove them"
                : $"is a {endpoint.Kind}:// server, whose credential is a proxy. Name it in options: x509-proxy: FILE";
            _faults.Add(node.Line, $"the endpoint \"{endpoint.Name}\" {instead}.");
            return references;
        }

        foreach ((YamlScalar key, YamlNode value) in pairs)
        {
            if (!known.Contains(key.Text))
            {
                _faults.AddUnknown(key, $"in the credentials of \"{endpoint.Name}\"", known);
            }
            else if (Reference(key, value) is { } reference)
            {
                references.Add(key.Text, reference);
            }
        }

        RequireWhole(endpoint, node, pairs);
        return references;
    }

    private static string[] KeysOf(string kind) => kind switch
    {
        "s3" => ["access-key", "secret-key", "token"],
        "sftp" => ["password", "passphrase"],
        _ => [],
    };

    /// <summary>Half a credential would be filled up from elsewhere, by keys that do not belong together.</summary>
    private void RequireWhole(Endpoint endpoint, YamlNode node, IReadOnlyList<(YamlScalar Key, YamlNode Value)> pairs)
    {
        if (endpoint.Kind == "s3" && pairs.Count > 0
            && (pairs.All(pair => pair.Key.Text != "access-key") || pairs.All(pair => pair.Key.Text != "secret-key")))
        {
            _faults.Add(node.Line, $"the credentials of \"{endpoint.Name}\" need access-key and secret-key, both; token only with them.");
        }
    }

    /// <summary>Where a secret is; null, and a fault, where that is not said.</summary>
    public SecretReference? Reference(YamlScalar key, YamlNode value)
    {
        string origin = _place.Line(key.Line);
        if (value is YamlScalar plain)
        {
            if (key.Text == "access-key" && !plain.IsNothing)
            {
                return new SecretReference(SecretKind.Plain, [plain.Text], origin);
            }

            string what = plain.IsNothing ? "has no value" : "is written here itself, where every reader of the file finds it";
            _faults.Add(key.Line, $"{key.Text} {what}. Say where it is: {key.Text}: {{ file: PATH }}, {{ env: NAME }}, {{ command: [PROGRAM, ...] }} or {{ vault: PATH#FIELD }}.");
            return null;
        }

        if (value is not YamlMap { Pairs: [var (kind, where)] })
        {
            _faults.Add(key.Line, $"{key.Text} needs exactly one of {string.Join(", ", s_kinds)}.");
            return null;
        }

        return kind.Text switch
        {
            "env" => Word(kind, where, text => !text.Contains('=', StringComparison.Ordinal), "the name of an environment variable") is { } name
                ? new SecretReference(SecretKind.Env, [name], origin)
                : null,
            "file" => Word(kind, where, text => text.Length > 0, "the name of a file") is { } file
                ? new SecretReference(SecretKind.File, [_place.Whole(file)], origin)
                : null,
            "vault" => Word(kind, where, VaultPath.IsRight, "PATH#FIELD, such as secret/data/godwit#secret_key") is { } path
                ? new SecretReference(SecretKind.Vault, [path], origin)
                : null,
            "command" => Program(kind, where) is { } words ? new SecretReference(SecretKind.Command, words, origin) : null,
            _ => Unknown(kind, key),
        };
    }

    private SecretReference? Unknown(YamlScalar kind, YamlScalar key)
    {
        // What looks like none of the words may be the secret.
        if (s_kinds.Min(known => NearestWord.Distance(kind.Text, known)) > 2)
        {
            _faults.Add(key.Line, $"{key.Text} needs exactly one of {string.Join(", ", s_kinds)}.");
            return null;
        }

        _faults.AddUnknown(kind, $"as a place of {key.Text}", s_kinds);
        return null;
    }

    /// <summary>What is wrong here may be the secret itself, so that it is not repeated.</summary>
    private string? Word(YamlScalar key, YamlNode value, Func<string, bool> isRight, string what)
    {
        if (value is YamlScalar { IsNothing: false } scalar && !scalar.Text.Any(char.IsControl) && isRight(scalar.Text))
        {
            return scalar.Text;
        }

        _faults.Add(key.Line, $"{key.Text} is not {what}.");
        return null;
    }

    private string[]? Program(YamlScalar key, YamlNode value)
    {
        if (value is YamlList { Items: [YamlScalar { Text.Length: > 0 }, ..] list } && list.All(item => item is YamlScalar one && !one.Text.Contains('\0', StringComparison.Ordinal)))
        {
            return [.. list.Cast<YamlScalar>().Select(item => item.Text)];
        }

        _faults.Add(key.Line, "command is a list of words, the program first: command: [pass, show, archive]. It is not given to a shell.");
        return null;
    }
}
