using System.Buffers;
using System.Text;
using System.Text.Json;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Service;

/// <summary>What a service does, as JSON lines: each with its time, its level and its event, and with the transfer that it belongs to. The names and fields
/// are those of <c>--json</c>.</summary>
/// <param name="output">Where to.</param>
/// <param name="level">How much is told.</param>
/// <param name="time">The clock.</param>
internal sealed class ServiceLog(TextWriter output, LogLevel level, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    /// <summary>Tells of the service itself.</summary>
    /// <param name="of">How grave it is.</param>
    /// <param name="name">The event, such as <c>service.started</c>.</param>
    /// <param name="message">A sentence.</param>
    public void Tell(LogLevel of, string name, string message) => Write(of, name, null, json => json.WriteString("message", message));

    /// <summary>Tells of a transfer what its engine tells.</summary>
    public ITransferObserver Of(string transfer) => new Observer(this, transfer);

    private void Write(LogLevel of, string name, string? transfer, Action<Utf8JsonWriter> fields)
    {
        if (of > level)
        {
            return;
        }

        lock (_lock)
        {
            _buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_buffer, JsonFields.Options))
            {
                json.WriteStartObject();
                json.WriteString("time", Timestamp.From(time.GetUtcNow()).ToString());
                json.WriteString("level", of.ToString().ToLowerInvariant());
                json.WriteString("event", name);
                if (transfer is not null)
                {
                    json.WriteString("transfer", transfer);
                }

                fields(json);
                json.WriteEndObject();
            }

            try
            {
                output.WriteLine(Encoding.UTF8.GetString(_buffer.WrittenSpan));
            }
            catch (IOException)
            {
                // Nobody reads it any more. Transfers are more important than what is said of them.
            }
        }
    }

    private sealed class Observer(ServiceLog log, string transfer) : ITransferObserver
    {
        public void On(TransferEvent happened) => log.Write(LevelOf(happened), happened.Name, transfer, json => EventFields.Write(json, happened));

        public void OnBytes(StorePath path, long bytes)
        {
        }

        private static LogLevel LevelOf(TransferEvent happened) => happened switch
        {
            FileFailed => LogLevel.Error,
            FileRetried or RouteRefused or TransferStopping or ExtrasKept => LogLevel.Warn,
            TransferStarted or TransferEnded => LogLevel.Info,
            _ => LogLevel.Debug,
        };
    }
}
