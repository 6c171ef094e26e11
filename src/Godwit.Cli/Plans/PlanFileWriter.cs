using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Godwit.Cli.Results;
using Godwit.Transfers.Plan.Saved;

namespace Godwit.Cli.Plans;

/// <summary>Takes the lines of a dry run aside, and leaves them as a whole file once the plan is complete.</summary>
internal sealed class PlanFileWriter : IPlanSink, IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Stream _scratch;
    private long _lines;

    public PlanFileWriter(PlanHeader header, Func<Stream> openScratch)
    {
        _json = new Utf8JsonWriter(_buffer, JsonFields.Options);
        _scratch = openScratch();
        Write(json => PlanFields.Write(json, header));
    }

    /// <summary>Whether the plan came to its end: it does not where the dry run was stopped, or refused by a guard.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Why it could not be kept; null while it could.</summary>
    public IOException? Fault { get; private set; }

    /// <inheritdoc/>
    public void Add(PlannedLine line)
    {
        _lines++;
        Write(json => PlanFields.Write(json, line));
    }

    /// <inheritdoc/>
    public void Complete(PlanCounts counts)
    {
        string hash = Convert.ToHexStringLower(_hash.GetHashAndReset());
        Write(json =>
        {
            json.WriteBoolean("end", true);
            json.WriteNumber("lines", _lines);
            json.WriteString("sha256", hash);
            PlanFields.Write(json, counts);
        });
        IsComplete = true;
    }

    /// <summary>Leaves the file of a plan that is complete.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public Task SaveAsync(string file) => Fault is not null ? throw Fault
        : WholeFile.WriteAsync(file, stream =>
        {
            _scratch.Position = 0;
            return _scratch.CopyToAsync(stream);
        });

    public void Dispose()
    {
        _json.Dispose();
        _hash.Dispose();
        _scratch.Dispose();
    }

    private void Write(Action<Utf8JsonWriter> write)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        write(_json);
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        _hash.AppendData(_buffer.WrittenSpan);
        try
        {
            _scratch.Write(_buffer.WrittenSpan);
        }
        catch (IOException e)
        {
            Fault ??= e;
        }
    }
}
