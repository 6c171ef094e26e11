using System.Globalization;

namespace Godwit.Drill.Relay;

/// <summary>Where relays are killed.</summary>
internal static class RelaySteps
{
    private static string? Kills => Environment.GetEnvironmentVariable("GODWIT_KILLS") is { Length: > 0 } told ? told : null;

    /// <summary>How many kills there are at least, where a run of all tests has few.</summary>
    public static int Rounds(int usual) => Kills is { } kills ? int.Parse(kills, CultureInfo.InvariantCulture) : usual;

    /// <summary>What changes the box, the destination or a ledger, after it took effect; with <c>GODWIT_KILLS</c> set, every step there is.</summary>
    public static bool Chosen(string verb, string step) => Kills is not null || (step.Split('.') is [_, var call, "After"]
        && call is "Write" or "Delete" or "DeleteVersion" or "DeleteMany" or "BulkDelete" or "BeginParts" or "WritePart" or "CompleteParts" or "Rename"
            or "RecordDelivered" or "RecordParts" or "RecordCompleting" or "RecordUpload" or "SyncPublished" or "SyncUploads");
}
