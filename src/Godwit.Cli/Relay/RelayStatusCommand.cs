using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay status BOX</c>: how much waits and how long, from either side. Changes nothing.</summary>
internal static class RelayStatusCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Argument<string> box = RelayCommand.Box();
        Option<bool> asJson = SettingOption.Flag("--json", "As one JSON object.");
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command("status", "Says what waits in the drop box and since when, what is being put in, and what was delivered; then how the newest push and pull of each host went, or are going: how fast, how long still, what failed. Works from either side and changes nothing.")
        {
            box, layout, asJson,
        };
        command.SetAction((parsed, ct) =>
            RunAsync(Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring), parsed.GetValue(layout), parsed.GetValue(asJson), context, ct));
        return command;
    }

    private static async Task<int> RunAsync(Address address, BoxLayout layout, bool asJson, CommandContext context, CancellationToken ct)
    {
        IStore store = await RelayEnds.OpenAsync(address, layout, context.Wiring, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable _ = store.ConfigureAwait(false);
        RelayStatus status = await CountAsync(BoxLayouts.ContentsOf(store, layout), ct).ConfigureAwait(false);
        ExitCode code = status.Damage is { } damage
            ? (await new ExitFacts().ReportAsync(damage, StorePath.Root, context.Error).ConfigureAwait(false)).Choose()
            : ExitCode.Success;
        var now = Timestamp.From(context.Wiring.Time.GetUtcNow());
        IReadOnlyList<DropBoxRun> said = layout == BoxLayout.Godwit ? await new DropBoxRuns(store).ListAsync(ct).ConfigureAwait(false) : [];
        var runs = new RelayRuns(said, now);
        status = status with { LastDelivery = status.LastDelivery ?? runs.LastDelivery };
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        if (asJson)
        {
            output.Json(json =>
            {
                json.WriteNumber("waiting", status.Waiting);
                json.WriteBoolean("complete", status.Damage is null);
                json.WriteNumber("waiting_bytes", status.WaitingBytes);
                json.WriteNumber("stored_bytes", status.StoredBytes);
                json.WriteString("oldest", status.Oldest?.ToString());
                json.WriteNumber("under_way", status.UnderWay);
                json.WriteNumber("delivered", status.Delivered);
                json.WriteString("last_delivery", status.LastDelivery?.ToString());
                runs.WriteTo(json, status.WaitingBytes);
            });
            return (int)code;
        }

        string oldest = status.Oldest is { } first ? $", the oldest for {AgeOf(first, now)}" : "";
        string stored = status.Waiting > 0 ? $", {SizeText.Show(status.WaitingBytes)} ({SizeText.Show(status.StoredBytes)} in the box)" : "";
        string more = status.Damage is null ? "" : ", and what cannot be told";
        output.Text($"waiting    {Amount.Of(status.Waiting, "file")}{stored}{oldest}{more}\n");
        output.Text($"under way  {Amount.Of(status.UnderWay, "file")}{(status.UnderWay > 0 ? ", or left by uploads that stopped" : "")}\n");
        string newest = status.LastDelivery is { } last ? $", the last one {AgeOf(last, now)} ago" : "";
        output.Text($"delivered  {Amount.Of(status.Delivered, "file")}{newest}\n");
        foreach (string line in runs.Lines(status.WaitingBytes))
        {
            output.Text(line + "\n");
        }

        return (int)code;
    }

    private static async Task<RelayStatus> CountAsync(IBoxContents contents, CancellationToken ct)
    {
        var status = new RelayStatus();
        long withPayload = 0;
        try
        {
            await foreach (DropBoxFile file in contents.WaitingAsync(StorePath.Root, ct).ConfigureAwait(false))
            {
                withPayload += file.Parts > 0 ? 1 : 0;
                status = status.With(file);
            }
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
        {
            // One file that cannot be told hides no other.
            status = status with { Damage = e };
        }

        // What is delivered or put in between the two counts may make it a little wrong, never less than nothing.
        long underWay = Math.Max(0, await contents.CountPayloadsAsync(ct).ConfigureAwait(false) - withPayload);
        (long delivered, Timestamp? last) = await contents.CountDeliveredAsync(ct).ConfigureAwait(false);
        return status with { UnderWay = underWay, Delivered = delivered, LastDelivery = last };
    }

    /// <summary>The clocks of two hosts may differ: nothing is in the future.</summary>
    internal static string AgeOf(Timestamp then, Timestamp now) =>
        DurationText.Show(TimeSpan.FromSeconds(Math.Max(0, (now.Nanoseconds - then.Nanoseconds) / 1e9)));

    private sealed record RelayStatus
    {
        public long Waiting { get; init; }

        public long WaitingBytes { get; init; }

        public long StoredBytes { get; init; }

        public Timestamp? Oldest { get; init; }

        public long UnderWay { get; init; }

        public long Delivered { get; init; }

        public Timestamp? LastDelivery { get; init; }

        public StoreException? Damage { get; init; }

        public RelayStatus With(DropBoxFile file) => this with
        {
            Waiting = Waiting + 1,
            WaitingBytes = WaitingBytes + file.Length,
            StoredBytes = StoredBytes + (file.StoredLength ?? 0),
            Oldest = Oldest is { } oldest && !(file.Pushed < oldest) ? oldest : file.Pushed,
        };
    }
}
