using System.Text;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Results;

/// <summary>A log for people and for grep: one line an event, appended, each with its time and level.</summary>
internal sealed class EventLog : ITransferObserver, IDisposable
{
    private readonly Lock _lock = new();
    private readonly AppendedFile _file;
    private readonly LogLevel _level;
    private readonly TimeProvider _time;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public EventLog(string file, LogLevel level, TimeProvider time)
    {
        (_level, _time) = (level, time);
        _file = new AppendedFile(file);
    }

    /// <summary>Why the log could not be written; null while it could.</summary>
    public IOException? Fault { get; private set; }

    public void On(TransferEvent happened)
    {
        (LogLevel level, string text) = LineOf(happened);
        if (level <= _level)
        {
            Write(level, $"{happened.Name} {text}");
        }
    }

    public void OnBytes(StorePath path, long bytes)
    {
    }

    /// <summary>Appends a line.</summary>
    public void Write(LogLevel level, string text)
    {
        lock (_lock)
        {
            try
            {
                _file.Write(Encoding.UTF8.GetBytes($"{Timestamp.From(_time.GetUtcNow())} {level.ToString().ToUpperInvariant()} {FailedFile.Clean(text)}\n"));
            }
            catch (IOException e)
            {
                Fault ??= e;
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private static (LogLevel Level, string Text) LineOf(TransferEvent happened) => happened switch
    {
        TransferStarted e => (LogLevel.Info, $"{e.Id} {e.Verb} {e.Source} -> {e.Destination}"),
        FilePlanned e => (LogLevel.Info, $"{e.Item.Destination}: {e.Item.Reason}{Words.Way(e.Route)}"),
        RouteRefused e => (LogLevel.Warn, $"{e.Path}: not possible{Words.Way(e.Route)}, goes through here: {e.Message}"),
        FileStarted e => (LogLevel.Debug, $"{e.Path}: {e.Length} bytes{(e.Resumed ? ", goes on" : "")}"),
        FileDelivered e => (LogLevel.Info, $"{e.Path}: {e.Receipt.Intent.Length} bytes, {Words.Of(e.Receipt.Verdict)}, {e.Receipt.Route} ({Words.Of(e.Receipt.RouteReason)})"),
        FileRetried e => (LogLevel.Warn,
            $"{FailedFile.NameOf(e.Source, e.Path)}: attempt {e.Attempt}, {e.Failure.Kind}, {Words.Of(e.Failure.Side)}: {e.Failure.Message}"),
        FileFailed e => (LogLevel.Error, FailedFile.From(e).ToString()),
        EntryMade e => (LogLevel.Debug, $"{e.Path}: {Words.Of(e.Kind)}"),
        FileBackedUp e => (LogLevel.Info, $"{e.Path}: put aside as {e.Backup}, {e.Length} bytes"),
        EntryDeleted e => (LogLevel.Info, $"{e.Path}: deleted at the destination, {e.Length} bytes"),
        SourceDeleted e => (LogLevel.Info, $"{e.Path}: deleted at the source, {e.Length} bytes"),
        ExtrasKept e => (LogLevel.Warn, $"{Amount.Of(e.Files, "file")} {(e.Files == 1 ? "stays" : "stay")} that only the destination has, because {e.Reason}"),
        LeftoverRemoved e => (LogLevel.Info, e.Path.ToString()),
        TransferStopping e => (LogLevel.Warn, $"{Words.Of(e.Reason)}: {e.Message}"),
        TransferEnded e => (LogLevel.Info,
            $"{e.Id} {Words.Of(e.Outcome)}: {e.Totals.Delivered} delivered, {e.Totals.Failed} failed, {e.Totals.NotAttempted} not attempted, "
            + FormattableString.Invariant($"{e.Totals.Unchanged} unchanged, {e.Totals.DeliveredBytes} bytes in {e.Took.TotalSeconds:0.###} s")),
        _ => (LogLevel.Info, ""),
    };
}
