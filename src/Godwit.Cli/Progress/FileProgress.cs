using Godwit.Storage;

namespace Godwit.Cli.Progress;

/// <summary>How far a file under way is. Bytes pass, and may have to pass again; later they are known to be sent.</summary>
/// <param name="source">Its path at the source.</param>
internal sealed class FileProgress(StorePath source)
{
    private readonly Lock _lock = new();
    private long _length;
    private long _passed;
    private long _sent;
    private long _seen;

    /// <summary>Its path at the source.</summary>
    public StorePath Source => source;

    /// <summary>Its bytes.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Bytes that are there or on their way; never more than it has, however often they passed.</summary>
    public long Done
    {
        get
        {
            lock (_lock)
            {
                return Math.Min(_length, Math.Max(_sent, _passed));
            }
        }
    }

    /// <summary>A try begins, which reads from the first byte.</summary>
    public void Begin(long length)
    {
        lock (_lock)
        {
            (_length, _passed) = (length, 0);
        }
    }

    /// <summary>Bytes passed, or have to pass again when the number is below zero.</summary>
    public void Pass(long bytes)
    {
        lock (_lock)
        {
            _passed = Math.Max(0, _passed + bytes);
            _seen += Math.Max(0, bytes);
        }
    }

    /// <summary>Bytes are sent.</summary>
    /// <returns>Those among them that nobody saw passing.</returns>
    public long Send(long bytes)
    {
        lock (_lock)
        {
            _sent += bytes;
            long unseen = Math.Max(0, _sent - _seen);
            _seen += unseen;
            return unseen;
        }
    }
}
