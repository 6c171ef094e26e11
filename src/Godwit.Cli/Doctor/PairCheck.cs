using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Move;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Doctor;

/// <summary>What two stores will do together, and why.</summary>
internal static class PairCheck
{
    /// <summary>The policy that a copy without options would have.</summary>
    public static TransferPolicy PolicyOf(GodwitConfiguration configuration, Wiring wiring, params IEnumerable<Endpoint?> endpoints) =>
        new TransferSettings().PolicyOf(new SettingSource(null, wiring.Environment, TransferSettings.SharedLimitsOf(endpoints), configuration.Defaults));

    /// <summary>Route, proof and resuming, each with its reason.</summary>
    public static IEnumerable<DiagnosisStep> Of(IStore source, IStore destination, TransferPolicy policy)
    {
        PairFacts Facts() => PairFacts.Of(source, destination, policy);
        return
        [
            Told("route", () => Facts().Route switch
            {
                Receipt.ServerRoute => "large files are copied by the server: the bytes do not pass through this machine",
                Receipt.ThirdPartyRoute => $"files from {SizeText.Show(destination.ThirdPartyCopy!.WorthBytes)} go from server to server, smaller ones through this machine, as does what the servers refuse",
                _ => "the bytes go through this machine",
            }),
            Told("proof", () => $"{Words.Of(Facts().Verdict)}: {Why(Facts().Verdict, destination)}, {(Facts().IsProvedFirst ? "before" : "after")} it has its final name"),
            Told("reading", () => Facts().SourceTells
                ? $"what is read is held against the source's own checksums where it has one ({Kinds(source.StoredChecksum!.Kinds)})"
                : "the source tells no checksums: what is read is taken as it comes"),
            Told("resuming", () => Facts() switch
            {
                { Route: not Receipt.StreamRoute } => "a stopped run begins the file under way again",
                { GoesOnInside: true } => "a stopped run goes on inside a large file: its parts are kept at the destination",
                _ => "a stopped run begins the file under way again: the destination keeps no parts",
            }),
        ];
    }

    private static DiagnosisStep Told(string name, Func<string> says) =>
        new(name, _ => ValueTask.FromResult<Finding?>(new Finding(FindingOutcome.Ok, says())));

    private static string Why(Verdict verdict, IStore destination) => verdict switch
    {
        Verdict.OnArrival => $"the destination refuses bytes that do not match ({Kinds(destination.ArrivalChecksum!.Kinds)})",
        Verdict.Stored => $"the destination tells the checksum of what it stored ({Kinds(destination.StoredChecksum!.Kinds)})",
        Verdict.SizeOnly => "only the length is compared, as --verify size says",
        _ => "the file is read again at the destination and compared",
    };

    private static string Kinds(IEnumerable<ChecksumKind> kinds) => string.Join(", ", kinds.Select(Checksum.NameOf));
}
