using System.CommandLine;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Cli.Options;

/// <summary>How buckets are reached: options of every command with an address, and the variables that other S3 tools read too.</summary>
internal sealed class S3Reach
{
    private readonly Option<Uri?> _endpoint = SettingOption.Of<Uri?>(
        "--s3-endpoint", "URL", "The S3 server, such as https://s3.example.org. Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, the profile's, Amazon's.", Server);

    private readonly Option<string?> _region = SettingOption.Of<string?>(
        "--s3-region", "NAME", "The region of buckets. Default: AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1.", NotEmpty);

    private readonly Option<string?> _profile = SettingOption.Of<string?>(
        "--s3-profile", "NAME", "The profile of ~/.aws whose credential is used. Default: AWS_PROFILE, or what AWS tools would find.", NotEmpty);

    private readonly Option<string?> _pathStyle = SettingOption.Of<string?>(
        "--s3-path-style", "yes|no", "Whether the bucket stands in the path of the URL or in the host's name. Default: yes with an endpoint.", YesOrNo);

    private readonly Option<string?> _ca = SettingOption.File(
        "--s3-ca", "FILE", "Certificates (PEM) that the S3 server's must lead to. Default: AWS_CA_BUNDLE, else those of the system.");

    private readonly Option<bool> _requesterPays = SettingOption.Flag("--s3-requester-pays", "Pay for requests to buckets that demand it.");

    private readonly Option<string?> _storageClass = SettingOption.Of<string?>(
        "--s3-storage-class", "NAME", "The storage class of objects that are written.", NotEmpty);

    private readonly Option<string?> _encryption = SettingOption.Of<string?>(
        "--s3-encryption", "AES256|aws:kms", "How the server encrypts what is written. Default: as the bucket says.", NotEmpty);

    private readonly Option<string?> _encryptionKey = SettingOption.Of<string?>(
        "--s3-encryption-key", "ID", "The key of the key service, with --s3-encryption aws:kms.", NotEmpty);

    private ParseResult? _parsed;

    /// <summary>Adds the options to every command that takes an address.</summary>
    public void AddTo(Command command)
    {
        if (command.Arguments.Any(argument => argument.Name is "SRC" or "URL"))
        {
            foreach (Option option in (Option[])[
                _endpoint, _region, _profile, _pathStyle, _ca, _requesterPays, _storageClass, _encryption, _encryptionKey])
            {
                command.Add(option);
            }
        }

        foreach (Command below in command.Subcommands)
        {
            AddTo(below);
        }
    }

    /// <summary>Takes over what a command line says.</summary>
    public void Take(ParseResult parsed) => _parsed = parsed;

    /// <summary>Opens a bucket, or what lies below a prefix of it.</summary>
    public S3Store Open(string bucket, StorePath prefix, Wiring wiring)
    {
        Func<string, string?> environment = name => wiring.Environment(name) is { Length: > 0 } value ? value : null;
        string? profile = Value(_profile) ?? environment("AWS_PROFILE");
        return new S3Store(
            new S3Options
            {
                Bucket = bucket,
                Prefix = prefix,
                Endpoint = Value(_endpoint) ?? EndpointOf(environment, "AWS_ENDPOINT_URL_S3") ?? EndpointOf(environment, "AWS_ENDPOINT_URL"),
                Region = Value(_region) ?? environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION"),
                Profile = profile,
                Keys = Value(_profile) is null ? KeysOf(environment) : null,
                PathStyle = Value(_pathStyle) is { } style ? style == "yes" : null,
                CaFile = ExistingFile(Value(_ca) ?? environment("AWS_CA_BUNDLE")),
                RequesterPays = Value(_requesterPays),
                StorageClass = Value(_storageClass),
                Encryption = Value(_encryption),
                EncryptionKeyId = Value(_encryptionKey),
            },
            wiring.Time);
    }

    private T? Value<T>(Option<T> option) => _parsed is null || !_parsed.CommandResult.Command.Options.Contains(option) ? default : _parsed.GetValue(option);

    private static S3AccessKeys? KeysOf(Func<string, string?> environment) =>
        environment("AWS_ACCESS_KEY_ID") is { } key && environment("AWS_SECRET_ACCESS_KEY") is { } secret
            ? new S3AccessKeys(key, secret, environment("AWS_SESSION_TOKEN"))
            : null;

    private static Uri? EndpointOf(Func<string, string?> environment, string name)
    {
        try
        {
            return environment(name) is { } text ? Server(text) : null;
        }
        catch (FormatException e)
        {
            throw new CommandException(ExitCode.Usage, $"{name} is \"{ArgumentText.Show(environment(name)!)}\": {e.Message}.");
        }
    }

    private static string? ExistingFile(string? file) => file is null || File.Exists(file)
        ? file
        : throw new CommandException(ExitCode.Usage, $"The file of certificates \"{ArgumentText.Show(file)}\" is not there. Name another with --s3-ca.");

    private static Uri? Server(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https" && server is { AbsolutePath: "/", UserInfo: "", Query: "" }
            ? server
            : throw new FormatException("write http://host:port or https://host, without a path and without a key");

    private static string NotEmpty(string text) => text.Length > 0 ? text : throw new FormatException("write a name");

    private static string YesOrNo(string text) => text is "yes" or "no" ? text : throw new FormatException("write yes or no");
}
