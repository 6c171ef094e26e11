namespace Godwit.Cli.Relay;

/// <summary>What the two halves of a relay are called in the ledger, in reports and in events.</summary>
internal static class RelayVerbs
{
    /// <summary>Putting files into a drop box.</summary>
    public const string Push = "relay push";

    /// <summary>Taking them out.</summary>
    public const string Pull = "relay pull";
}
