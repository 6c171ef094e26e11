using Godwit.Cli.Configuration.Secrets;
using Godwit.Server.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Cli.Configuration;

/// <summary>One of <c>stagers:</c> or <c>preparers:</c>: somebody who makes transfers ready.</summary>
/// <param name="Name">His name.</param>
/// <param name="Stage">What he is asked for.</param>
internal sealed record StagerEntry(string Name, CallStage Stage)
{
    /// <summary>Where it is written.</summary>
    public required string Origin { get; init; }

    /// <summary>Where he is asked; null only where that is missing or wrong.</summary>
    public Uri? Url { get; init; }

    /// <summary>What the signature and the codes are made with; null only where that is missing or wrong.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>Transfers that he has at once; null for the usual number.</summary>
    public int? AtOnce { get; init; }

    /// <summary>How long it may take until he calls back; null for the usual time.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>The sources that he may name; empty for none.</summary>
    public IReadOnlyList<UrlPattern> Places { get; init; } = [];

    /// <summary>The projects whose transfers may ask him; null for all.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>The file of the certificate that he is shown; null for none.</summary>
    public ConfiguredValue? Certificate { get; init; }

    /// <summary>The file of its key.</summary>
    public ConfiguredValue? Key { get; init; }

    /// <summary>The file of the authorities of his server; null for the system's.</summary>
    public ConfiguredValue? Ca { get; init; }

    /// <summary>What he is called in sentences.</summary>
    public string Who => $"the {KindOf(Stage)} \"{Name}\"";

    /// <summary>The files that are named, each by its key.</summary>
    public IEnumerable<(string Key, ConfiguredValue File)> Files =>
        new[] { ("certificate", Certificate), ("key", Key), ("ca", Ca) }.Where(one => one.Item2 is not null).Select(one => (one.Item1, one.Item2!));

    /// <summary>The word for one who is asked for something.</summary>
    public static string KindOf(CallStage stage) => stage == CallStage.Stage ? "stager" : "preparer";
}
