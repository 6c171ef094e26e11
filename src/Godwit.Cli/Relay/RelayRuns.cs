using System.Text.Json;
using Godwit.Backends.DropBox;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary>What hosts said of their newest pushes and pulls, for <c>relay status</c>.</summary>
/// <param name="runs">What they said.</param>
/// <param name="now">The moment of asking.</param>
internal sealed class RelayRuns(IReadOnlyList<DropBoxRun> runs, Timestamp now)
{
    /// <summary>A run that goes on says so each minute. One that said nothing for longer than this was killed, or cannot reach the box.</summary>
    private static readonly TimeSpan s_silence = RelayRunNote.Every * 5;

    /// <summary>When something was delivered last, by what those say who take out; null where none says.</summary>
    public Timestamp? LastDelivery =>
        runs.Where(run => run.IsPull).Max(run => run.LastDelivery?.Nanoseconds) is { } latest ? new Timestamp(latest) : null;

    /// <summary>Bytes a second of the pulls that go on; null where none does, or none has delivered anything yet.</summary>
    private double? Rate => runs.Any(IsPulling) ? runs.Where(IsPulling).Sum(run => run.Rate) : null;

    private static bool HasMoved(DropBoxRun run) => run.Delivered > 0 || run.Bytes > 0;

    /// <summary>A line for each host and half.</summary>
    /// <param name="waitingBytes">Bytes of the files that wait.</param>
    public IEnumerable<string> Lines(long waitingBytes) => runs.Select(run => $"{(run.IsPull ? "pull" : "push"),-9}  {ArgumentText.Show(run.Host)}: {Line(run, waitingBytes)}");

    /// <summary>The same as JSON.</summary>
    public void WriteTo(Utf8JsonWriter json, long waitingBytes)
    {
        WriteNumber(json, "rate", Rate is { } rate ? Math.Round(rate) : null);
        WriteNumber(json, "seconds_left", SecondsLeft(waitingBytes) is { } left ? Math.Round(left) : null);
        json.WriteStartArray("runs");
        foreach (DropBoxRun run in runs)
        {
            json.WriteStartObject();
            json.WriteString("half", run.IsPull ? "pull" : "push");
            json.WriteString("host", run.Host);
            json.WriteString("state", run.Exit is not null ? "ended" : GoesOn(run) ? "running" : "lost");
            json.WriteString("began", run.Began.ToString());
            json.WriteString("at", run.At.ToString());
            WriteNumber(json, "exit", run.Exit);
            json.WriteNumber("delivered", run.Delivered);
            json.WriteNumber("bytes", run.Bytes);
            json.WriteNumber("failed", run.Failed);
            json.WriteString("fault", run.Fault);
            json.WriteString("last_delivery", run.LastDelivery?.ToString());
            WriteNumber(json, "rate", run.Rate);
            WriteNumber(json, "seconds_left", GoesOn(run) ? run.Left : null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private string Line(DropBoxRun run, long waitingBytes)
    {
        string what = run switch
        {
            { Failed: > 0 } => $"{Moved(run)}, {Amount.Of(run.Failed, "file")} failed",
            { Exit: > 0, Delivered: 0 } => "nothing went",
            _ => Moved(run),
        };
        string ending = run.Exit is > 0 and { } exit ? $" (exit {exit})" : "";
        string when = run.Exit is not null ? $"{ending}, {Age(run.At)} ago"
            : GoesOn(run) ? $", running for {Age(run.Began)}{Left(run, waitingBytes)}"
            : $", then nothing was heard of it for {Age(run.At)}";
        return what + when + (run.Fault is { } fault ? $": {ArgumentText.Show(fault)}" : "");
    }

    private static string Moved(DropBoxRun run)
    {
        string rate = HasMoved(run) && run.Rate is { } bytes ? $" at {SizeText.Show((long)bytes)}/s" : "";
        return HasMoved(run) ? $"{Amount.Of(run.Delivered, "file")}, {SizeText.Show(run.Bytes)}{rate}"
            : run.Exit is null ? "nothing delivered yet" : "nothing to do";
    }

    private string Left(DropBoxRun run, long waitingBytes) =>
        (run.Left ?? (run.IsPull ? SecondsLeft(waitingBytes) : null)) is >= 0 and < 1e9 and { } seconds ? $", about {DurationText.Show(TimeSpan.FromSeconds(seconds))} left" : "";

    private double? SecondsLeft(long waitingBytes) =>
        Rate is > 0 and { } rate && waitingBytes / rate < TimeSpan.MaxValue.TotalSeconds / 2 ? waitingBytes / rate : null;

    private bool IsPulling(DropBoxRun run) => run is { IsPull: true, Exit: null } && HasMoved(run) && GoesOn(run);

    private bool GoesOn(DropBoxRun run) => run.Exit is null && now.Nanoseconds - run.At.Nanoseconds < s_silence.TotalSeconds * 1e9;

    private string Age(Timestamp then) => RelayStatusCommand.AgeOf(then, now);

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
