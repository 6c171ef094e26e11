using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>What other programs and people read for each value; the words are stable.</summary>
internal static class Words
{
    public static string Of(TransferOutcome? outcome) => outcome switch
    {
        TransferOutcome.Success => "success",
        TransferOutcome.Partial => "partial",
        TransferOutcome.Error => "error",
        TransferOutcome.Canceled => "canceled",
        TransferOutcome.Interrupted => "interrupted",
        _ => "running",
    };

    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.ReadBack => "read-back",
        Verdict.Stored => "stored",
        Verdict.OnArrival => "on-arrival",
        _ => "size-only",
    };

    public static string Of(SourceProof proof) => proof switch
    {
        SourceProof.Stored => "stored",
        SourceProof.Noted => "noted",
        SourceProof.ReadTwice => "read-twice",
        SourceProof.Missing => "missing",
        SourceProof.Listed => "listed",
        _ => "none",
    };

    public static string Of(RouteReason reason) => reason switch
    {
        RouteReason.OnlyWay => "only-way",
        RouteReason.Asked => "asked",
        RouteReason.OneSystem => "one-system",
        RouteReason.BetweenServers => "between-servers",
        RouteReason.Small => "small",
        RouteReason.BytesNeeded => "bytes-needed",
        RouteReason.Begun => "begun",
        RouteReason.Refused => "refused",
        RouteReason.Name => "name",
        _ => "none",
    };

    /// <summary>A route as people read it, after what would be done; nothing for the ordinary one.</summary>
    public static string Way(string? route) => route switch
    {
        Receipt.ServerRoute => ", copied by the server",
        Receipt.ThirdPartyRoute => ", from server to server",
        _ => "",
    };

    public static string Of(StoreSide side) => side switch
    {
        StoreSide.Source => "source",
        StoreSide.Destination => "destination",
        StoreSide.Ours => "ours",
        _ => "unknown",
    };

    public static string Of(EntryKind kind) => kind switch
    {
        EntryKind.File => "file",
        EntryKind.Directory => "directory",
        EntryKind.Link => "link",
        _ => "other",
    };

    /// <summary>What a thing is, with its article.</summary>
    public static string One(EntryKind kind) => kind == EntryKind.Other ? "a pipe, socket or device" : $"a {Of(kind)}";

    public static string Of(CompareBy compare) => compare switch
    {
        CompareBy.Size => "size",
        CompareBy.Checksum => "checksum",
        CompareBy.Exists => "exists",
        CompareBy.Ledger => "ledger",
        CompareBy.Always => "always",
        _ => "mtime",
    };

    public static string Of(LinkPolicy links) => links switch
    {
        LinkPolicy.Follow => "follow",
        LinkPolicy.Keep => "keep",
        _ => "skip",
    };

    public static string Of(StopReason reason) => reason switch
    {
        StopReason.TimeBudget => "time-budget",
        StopReason.MaxTransfer => "max-transfer",
        StopReason.DestinationFull => "destination-full",
        StopReason.StoreUnusable => "store-unusable",
        StopReason.GuardRefused => "guard-refused",
        StopReason.ClaimLost => "claim-lost",
        StopReason.Canceled => "canceled",
        _ => "none",
    };

    public static string Of(Transfers.Plan.PlanDecision decision) => decision switch
    {
        Transfers.Plan.PlanDecision.Move => "copy",
        Transfers.Plan.PlanDecision.Compare => "compare",
        Transfers.Plan.PlanDecision.MakeDirectory => "make-directory",
        Transfers.Plan.PlanDecision.MakeLink => "make-link",
        Transfers.Plan.PlanDecision.Impossible => "impossible",
        Transfers.Plan.PlanDecision.Extra => "delete",
        Transfers.Plan.PlanDecision.Emptied => "delete-source-directory",
        _ => "leave",
    };
}
