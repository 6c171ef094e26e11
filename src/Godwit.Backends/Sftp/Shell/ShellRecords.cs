namespace Godwit.Backends.Sftp.Shell;

/// <summary>Reads what a shell writes, cut where a byte ends each record. For one thread at a time.</summary>
internal sealed class ShellRecords(Stream output)
{
    // A path of 4,096 bytes and what stands before it; noise is as long as it likes, and is thrown away.
    private const int MaxBytes = 16 * 1024;

    private readonly byte[] _block = new byte[16 * 1024];
    private readonly List<byte> _record = [];
    private int _next;
    private int _filled;
    private volatile bool _stopped;

    /// <summary>Reads no further, once what is being read has come.</summary>
    public void Stop() => _stopped = true;

    /// <summary>The next record, without what ends it; the end of one that is too long.</summary>
    /// <exception cref="IOException">There is no more.</exception>
    public byte[] Next(byte end)
    {
        _record.Clear();
        while (true)
        {
            if (_next == _filled)
            {
                if (_stopped)
                {
                    throw new EndOfStreamException("Nobody waits for the shell any longer.");
                }

                (_next, _filled) = (0, output.Read(_block));
                if (_filled == 0)
                {
                    throw new EndOfStreamException("The shell has ended.");
                }
            }

            Span<byte> rest = _block.AsSpan(_next, _filled - _next);
            int at = rest.IndexOf(end);
            Span<byte> taken = at < 0 ? rest : rest[..at];
            _next += taken.Length + (at < 0 ? 0 : 1);
            if (_record.Count + taken.Length > MaxBytes)
            {
                _record.Clear();
            }

            _record.AddRange(taken);
            if (at >= 0)
            {
                return [.. _record];
            }
        }
    }
}
