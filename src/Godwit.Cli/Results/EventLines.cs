using System.Buffers;
using System.Text;
using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Results;

/// <summary>Events as JSON lines: each is one object with <c>v</c>, <c>event</c>, <c>time</c> and <c>transfer</c>.</summary>
internal sealed class EventLines : ITransferObserver, IDisposable
{
    /// <summary>The error number of a pipe whose reader is gone.</summary>
    private const int BrokenPipe = 32;

    private static readonly TimeSpan FlushEvery = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly TextWriter _output;
    private readonly string _transfer;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;
    private readonly ITimer _flushing;
    private bool _isUnread;

    public EventLines(TextWriter output, string transfer, TimeProvider time)
    {
        (_output, _transfer, _time) = (output, transfer, time);
        _json = new Utf8JsonWriter(_buffer, JsonFields.Options);
        _flushing = time.CreateTimer(_ => Guarded(_output.Flush), null, FlushEvery, FlushEvery);
    }

    /// <summary>Why the lines could not be written; null while they could, and when nobody reads them any more.</summary>
    public IOException? Fault { get; private set; }

    public void On(TransferEvent happened) => Guarded(() =>
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteNumber("v", RunReport.Version);
        _json.WriteString("event", happened.Name);
        _json.WriteString("time", Timestamp.From(_time.GetUtcNow()).ToString());
        _json.WriteString("transfer", _transfer);
        EventFields.Write(_json, happened);
        _json.WriteEndObject();
        _json.Flush();
        _output.WriteLine(Encoding.UTF8.GetString(_buffer.WrittenSpan));
    });

    public void OnBytes(StorePath path, long bytes)
    {
    }

    /// <summary>Writes what is still held back: only then <see cref="Fault"/> tells whether all lines are there.</summary>
    public void Flush() => Guarded(_output.Flush);

    public void Dispose()
    {
        _flushing.Dispose();
        Flush();
        _json.Dispose();
    }

    /// <summary>An observer must not throw: lines that cannot be written do not stop the transfer, but it is said at the end.</summary>
    private void Guarded(Action write)
    {
        lock (_lock)
        {
            if (Fault is not null || _isUnread)
            {
                return;
            }

            try
            {
                write();
            }
            catch (IOException e) when (e.HResult == BrokenPipe)
            {
                // Who closes the pipe has read what he wanted (head -1). The transfer goes on, and its own result is its exit code.
                _isUnread = true;
            }
            catch (IOException e)
            {
                Fault = e;
            }
        }
    }
}
