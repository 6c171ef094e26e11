using Godwit.Cli.Addresses;
using Godwit.Cli.Configuration.Secrets;

namespace Godwit.Cli.Configuration;

/// <summary>A store with a name, an address and a credential in the configuration.</summary>
internal sealed record Endpoint
{
    /// <summary>Its name, which stands before the colon of an address.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is said.</summary>
    public required string Origin { get; init; }

    /// <summary>The address as it is written there.</summary>
    public required ConfiguredValue Url { get; init; }

    /// <summary>What kind of store: <c>file</c>, <c>s3</c>, <c>sftp</c>, <c>gsiftp</c>, <c>root</c>, <c>roots</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Where its paths begin. Null for <c>s3://</c>, whose paths begin with a bucket, and for kinds that cannot be reached yet.</summary>
    public Address? Root { get; init; }

    /// <summary>How it is reached, by key.</summary>
    public IReadOnlyDictionary<string, ConfiguredValue> Options { get; init; } = new Dictionary<string, ConfiguredValue>();

    /// <summary>What a transfer from or to it may take, by key.</summary>
    public IReadOnlyDictionary<string, ConfiguredValue> Limits { get; init; } = new Dictionary<string, ConfiguredValue>();

    /// <summary>Where its secrets are, by key.</summary>
    public IReadOnlyDictionary<string, SecretReference> Credentials { get; init; } = new Dictionary<string, SecretReference>();

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
