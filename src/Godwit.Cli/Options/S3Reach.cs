using System.Globalization;
using Godwit.Backends.S3;
using Godwit.Cli.Configuration;
using Godwit.Cli.Configuration.Secrets;
using Godwit.Storage;

namespace Godwit.Cli.Options;

/// <summary>How buckets are reached: options of every command with an address, variables that other S3 tools read too, and endpoints.</summary>
internal sealed class S3Reach : StoreReach
{
    private readonly Setting<Uri> _endpoint = Of(
        "endpoint", "URL", "The S3 server, such as https://s3.example.org.", "the profile's, else Amazon's", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"], ServerOf);

    private readonly Setting<string> _region = Of(
        "region", "NAME", "The region of buckets.", "the profile's, else us-east-1", ["AWS_REGION", "AWS_DEFAULT_REGION"], SettingText.NotEmpty);

    private readonly Setting<string> _profile = Of(
        "profile", "NAME", "The profile of ~/.aws whose credential is used.", "what AWS tools would find", ["AWS_PROFILE"], SettingText.NotEmpty);

    // Text: an option of a yes or no would take no word behind it.
    private readonly Setting<string> _pathStyle = Of(
        "path-style", "yes|no", "Whether the bucket stands in the path of the URL or in the host's name.", "yes with an endpoint", [],
        text => SettingText.YesOrNo(text) ? "yes" : "no");

    private readonly Setting<string> _ca = Of(
        "ca", "FILE", "Certificates (PEM) that the S3 server's must lead to.", "those of the system", ["AWS_CA_BUNDLE"], SettingText.FileName, isFile: true);

    private readonly Setting<bool> _requesterPays = Of(
        "requester-pays", "", "Pay for requests to buckets that demand it.", "no", [], SettingText.YesOrNo);

    private readonly Setting<string> _storageClass = Of(
        "storage-class", "NAME", "The storage class of objects that are written.", "the bucket's", [], SettingText.NotEmpty);

    private readonly Setting<string> _encryption = Of(
        "encryption", "AES256|aws:kms", "How the server encrypts what is written.", "as the bucket says", [], SettingText.NotEmpty);

    private readonly Setting<string> _encryptionKey = Of(
        "encryption-key", "ID", "The key of the key service, with --s3-encryption aws:kms.", "the account's own", [], SettingText.NotEmpty);

    private readonly Setting<string> _customerKey = Of(
        "customer-key", "FILE", "A key of 32 bytes, plain or in base64, that the server encrypts with and forgets (SSE-C); needed again to read.", "none",
        [], SettingText.FileName, isFile: true);

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _keys = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Kinds => ["s3"];

    /// <inheritdoc/>
    public override IReadOnlyList<ISetting> All =>
        [_endpoint, _region, _profile, _pathStyle, _ca, _requesterPays, _storageClass, _encryption, _encryptionKey, _customerKey];

    /// <summary>The server.</summary>
    public Setting<Uri> Server => _endpoint;

    /// <summary>The profile.</summary>
    public Setting<string> Profile => _profile;

    /// <summary>The key that the server encrypts with and forgets.</summary>
    public Setting<string> CustomerKey => _customerKey;

    /// <summary>Opens a bucket, or what lies below a prefix of it.</summary>
    /// <exception cref="CommandException">A setting or a secret cannot be used.</exception>
    public S3Store Open(string bucket, StorePath prefix, Endpoint? endpoint, Wiring wiring)
    {
        SettingSource source = SourceOf(endpoint, wiring);
        CredentialChoice credential = CredentialOf(endpoint, wiring);
        return new S3Store(
            new S3Options
            {
                Bucket = bucket,
                Prefix = prefix,
                Endpoint = source.Value(_endpoint),
                Region = source.Value(_region),
                Profile = credential.Kind == CredentialKind.Endpoint ? null : source.Value(_profile),
                Keys = KeysOf(credential, endpoint, wiring),
                CredentialFrom = credential.Kind switch
                {
                    CredentialKind.Found => null,
                    CredentialKind.Profile => $"{credential.Shown.Text} ({credential.Shown.Origin})",
                    _ => credential.Shown.Origin,
                },
                RenewKeys = credential.Kind == CredentialKind.Endpoint ? () => RenewedKeysOf(endpoint!, wiring) : null,
                PathStyle = source.Value(_pathStyle) is { } style ? style == "yes" : null,
                CaFile = ExistingFile(source.Value(_ca)),
                RequesterPays = source.Value(_requesterPays),
                StorageClass = source.Value(_storageClass),
                Encryption = source.Value(_encryption),
                EncryptionKeyId = source.Value(_encryptionKey),
                CustomerKey = source.Value(_customerKey) is { } key ? KeyIn(key, wiring.Configuration.Stop) : default(ReadOnlyMemory<byte>?),
                Answered = wiring.Answered,
            },
            wiring.Time);
    }

    /// <inheritdoc/>
    public override ConfiguredValue CredentialShown(Endpoint endpoint, Wiring wiring) => CredentialOf(endpoint, wiring).Shown;

    /// <summary>The end of a temporary credential. One that a role or a program gives is fetched anew in time, and so is none of these.</summary>
    public override DateTimeOffset? CredentialEnd(Endpoint endpoint, Wiring wiring)
    {
        CredentialChoice credential = CredentialOf(endpoint, wiring);
        if (credential.Kind == CredentialKind.Endpoint)
        {
            return endpoint.Credentials.TryGetValue("token", out SecretReference? token) && token.Kind is SecretKind.Env or SecretKind.File
                ? S3SessionEnd.OfToken(ReadSecret.Of(token, wiring))
                : null;
        }

        return credential.Kind == CredentialKind.Variables && KeysOf(credential, endpoint, wiring) is { } keys
            ? keys.Expires ?? S3SessionEnd.OfToken(keys.Token)
            : S3SessionEnd.OfProfile(SourceOf(endpoint, wiring).Value(_profile), wiring.Environment);
    }

    /// <summary>Where the credential comes from. It is taken whole from one place: halves of two would be nobody's. What belongs to the
    /// endpoint goes before the variables that all S3 tools read: between two sites they would be the wrong ones for at least one.</summary>
    public CredentialChoice CredentialOf(Endpoint? endpoint, Wiring wiring)
    {
        ConfiguredValue profile = SourceOf(endpoint, wiring).Find(_profile);
        bool isUsual = profile.Origin is "default" or "environment AWS_PROFILE";
        bool isOfEndpoint = !isUsual && !profile.Origin.StartsWith("option", StringComparison.Ordinal)
            && !profile.Origin.StartsWith("environment", StringComparison.Ordinal);
        if ((isUsual || isOfEndpoint) && endpoint?.Credentials is { Count: > 0 } credentials)
        {
            return new CredentialChoice(
                CredentialKind.Endpoint, new ConfiguredValue(credentials["secret-key"].ToString(), credentials["secret-key"].Origin));
        }

        if (isUsual && Variable(wiring, "AWS_ACCESS_KEY_ID") is not null && Variable(wiring, "AWS_SECRET_ACCESS_KEY") is not null)
        {
            return new CredentialChoice(CredentialKind.Variables, new ConfiguredValue("***", "environment AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"));
        }

        return profile.Origin == "default"
            ? new CredentialChoice(CredentialKind.Found, profile)
            : new CredentialChoice(CredentialKind.Profile, new ConfiguredValue($"profile {profile.Text}", profile.Origin));
    }

    private static S3AccessKeys? KeysOf(CredentialChoice choice, Endpoint? endpoint, Wiring wiring) => choice.Kind switch
    {
        CredentialKind.Variables => new S3AccessKeys(
            Variable(wiring, "AWS_ACCESS_KEY_ID")!,
            Variable(wiring, "AWS_SECRET_ACCESS_KEY")!,
            Variable(wiring, "AWS_SESSION_TOKEN"),
            DateTimeOffset.TryParse(
                Variable(wiring, "AWS_CREDENTIAL_EXPIRATION"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset end)
                ? end : null),
        CredentialKind.Endpoint => KeysOf(endpoint!, reference => wiring.Configuration.Secret(reference, wiring)),
        _ => null,
    };

    private static S3AccessKeys RenewedKeysOf(Endpoint endpoint, Wiring wiring)
    {
        try
        {
            return KeysOf(endpoint, reference => wiring.Configuration.SecretAnew(reference, wiring));
        }
        catch (CommandException e)
        {
            throw new StoreException(StoreErrorKind.Unauthenticated, $"the credential has expired, and no other can be had: {e.Message}", e);
        }
    }

    private static S3AccessKeys KeysOf(Endpoint endpoint, Func<SecretReference, string> secretOf) => new(
        secretOf(endpoint.Credentials["access-key"]),
        secretOf(endpoint.Credentials["secret-key"]),
        endpoint.Credentials.TryGetValue("token", out SecretReference? token) ? secretOf(token) : null);

    private static string? Variable(Wiring wiring, string name) => wiring.Environment(name) is { Length: > 0 } value ? value : null;

    /// <summary>A pipe gives the key once, and two buckets may want it.</summary>
    private ReadOnlyMemory<byte> KeyIn(string file, CancellationToken ct)
    {
        lock (_keys)
        {
            if (!_keys.TryGetValue(file, out ReadOnlyMemory<byte> key))
            {
                key = CustomerKeyFile.Read(file, ct);
                _keys.Add(file, key);
            }

            return key;
        }
    }

    private string? ExistingFile(string? file) => file is null ? null
        : File.Exists(file) ? NoPipe(file, "file of certificates", _ca)
        : throw new CommandException(ExitCode.Usage, $"The file of certificates \"{ArgumentText.Show(file)}\" is not there. Name another with --s3-ca.");

    private static Setting<T> Of<T>(
        string key, string shape, string what, string usually, IReadOnlyList<string> shared, Func<string, T> parse,
        bool isFile = false) =>
        new(key, $"--s3-{key}", shape, what, usually, [VariableOf(key)], parse, shared: shared) { IsFile = isFile };

    private static string VariableOf(string key) => "GODWIT_S3_" + key.ToUpperInvariant().Replace('-', '_');

    private static Uri ServerOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https" && server is { AbsolutePath: "/", UserInfo: "", Query: "" }
            ? server
            : throw new FormatException("write http://host:port or https://host, without a path and without a key");
}

/// <summary>Where the credential of a bucket comes from.</summary>
/// <param name="Kind">By what.</param>
/// <param name="Shown">For people; never the secret.</param>
internal sealed record CredentialChoice(CredentialKind Kind, ConfiguredValue Shown);

/// <summary>By what the credential of a bucket is found.</summary>
internal enum CredentialKind
{
    /// <summary>As AWS tools would find one.</summary>
    Found = 0,

    /// <summary>A profile of <c>~/.aws</c>.</summary>
    Profile,

    /// <summary>Environment variables.</summary>
    Variables,

    /// <summary>What the endpoint refers to.</summary>
    Endpoint,
}
