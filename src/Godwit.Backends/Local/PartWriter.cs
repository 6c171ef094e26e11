using System.Buffers;
using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Writes the bytes of one part where they belong, long runs of zeros as holes.</summary>
/// <remarks>A run of zeros is punched, not skipped: whatever an earlier attempt or space set aside left there reads as zeros afterwards.
/// The end of a part is always written, so that the file is as long as its parts.</remarks>
internal sealed class PartWriter(Descriptor file, StorePath path, bool sparse)
{
    /// <summary>The unit of holes: below it they save little and cut the file into pieces.</summary>
    private const int HoleBytes = 64 * 1024;

    /// <summary>Read and written at a time: fits a core's cache together with what is computed over it.</summary>
    private const int BlockBytes = 256 * 1024;

    private bool _canPunch = sparse;

    /// <summary>Writes exactly the promised bytes.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.Integrity"/>: fewer or more came.</exception>
    public ValueTask WriteAsync(long offset, WriteSource source, CancellationToken ct) =>
        source.InMemory is { } bytes ? WriteMemory(offset, bytes.Span, source.Length, ct) : WriteStreamAsync(offset, source, ct);

    private ValueTask WriteMemory(long offset, ReadOnlySpan<byte> bytes, long promised, CancellationToken ct)
    {
        if (bytes.Length != promised)
        {
            throw WrongLength(bytes.Length, promised);
        }

        for (int done = 0; done < bytes.Length; done += BlockBytes)
        {
            ct.ThrowIfCancellationRequested();
            int count = Math.Min(BlockBytes, bytes.Length - done);
            WriteBlock(bytes.Slice(done, count), offset + done, isLast: done + count == bytes.Length);
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask WriteStreamAsync(long offset, WriteSource source, CancellationToken ct)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(source.Length, 1, BlockBytes));
        try
        {
            Stream stream = await source.OpenAsync(ct).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                for (long done = 0; done < source.Length;)
                {
                    ct.ThrowIfCancellationRequested();
                    int wanted = (int)Math.Min(BlockBytes, source.Length - done);
                    int came = await stream.ReadAtLeastAsync(buffer.AsMemory(0, wanted), wanted, false, ct).ConfigureAwait(false);
                    if (came < wanted)
                    {
                        throw WrongLength(done + came, source.Length);
                    }

                    WriteBlock(buffer.AsSpan(0, wanted), offset + done, isLast: done + wanted == source.Length);
                    done += wanted;
                }

                if (await stream.ReadAsync(buffer.AsMemory(0, 1), ct).ConfigureAwait(false) > 0)
                {
                    throw WrongLength(source.Length + 1, source.Length);
                }

                // Not every source looks at its token, and a small one is read in one go.
                ct.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void WriteBlock(ReadOnlySpan<byte> bytes, long offset, bool isLast)
    {
        while (!bytes.IsEmpty)
        {
            int run = Run(bytes, offset, isLast, out bool isHole);
            if (!isHole || !Punch(offset, run))
            {
                WriteAll(bytes[..run], offset);
            }

            bytes = bytes[run..];
            offset += run;
        }
    }

    /// <summary>How many bytes from here on are to be treated alike.</summary>
    private int Run(ReadOnlySpan<byte> bytes, long offset, bool isLast, out bool isHole)
    {
        isHole = false;
        if (!_canPunch)
        {
            return bytes.Length;
        }

        int run = 0;
        while (run < bytes.Length)
        {
            int unit = (int)Math.Min(bytes.Length - run, HoleBytes - ((offset + run) % HoleBytes));
            bool reachesEnd = isLast && run + unit == bytes.Length;
            bool hole = unit == HoleBytes && !reachesEnd && !bytes.Slice(run, unit).ContainsAnyExcept((byte)0);
            if (run > 0 && hole != isHole)
            {
                break;
            }

            isHole = hole;
            run += unit;
        }

        return run;
    }

    private bool Punch(long offset, int length)
    {
        // Where the file system has no holes, or any other reason stands against one, the zeros are written.
        _canPunch = Posix.Allocate(file, Allocate.PunchHole | Allocate.KeepSize, offset, length) == 0;
        return _canPunch;
    }

    private void WriteAll(ReadOnlySpan<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            int written = LocalErrors.Check(Posix.Write(file, bytes, offset), "written", path);
            bytes = bytes[written..];
            offset += written;
        }
    }

    private StoreException WrongLength(long came, long promised) => LocalErrors.Of(
        StoreErrorKind.Integrity, path, came > promised ? $"got more than the {promised} bytes promised" : $"got {came} of {promised} bytes promised");
}
