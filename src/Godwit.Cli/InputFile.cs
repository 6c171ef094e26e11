using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Godwit.Storage;

namespace Godwit.Cli;

/// <summary>Opens what a user names to be read. It may be a pipe, such as a shell's <c>&lt;(...)</c>: nobody need ever write to it, and a stop ends the
/// wait.</summary>
internal static partial class InputFile
{
    private const int CurrentDirectory = -100;
    private const uint Kind = 1;
    private const uint Links = 4;
    private const int FactBytes = 256;
    private const int LinksAt = 16;
    private const int ModeAt = 28;
    private const int KindMask = 0xf000;
    private const int Pipe = 0x1000;
    private const int Directory = 0x4000;
    private const int Plain = 0x8000;

    /// <summary>Opens it; <c>-</c> is standard input.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="OperationCanceledException">Stopped while nobody wrote to the pipe; so are the reads of what is returned.</exception>
    public static async Task<Stream> OpenAsync(string file, Wiring wiring, CancellationToken ct)
    {
        if (IsStandard(file))
        {
            return new StoppableInput(wiring.OpenInput());
        }

        Stream stream = await Task.Run(() => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 64 * 1024), CancellationToken.None)
            .WaitAsync(ct).ConfigureAwait(false);
        return stream.CanSeek ? stream : new StoppableInput(stream);
    }

    /// <summary>Reads it where nobody can await. Whoever waits for a pipe goes on at a stop; the reading is left behind.</summary>
    /// <exception cref="OperationCanceledException">Stopped while nobody wrote to the pipe.</exception>
    public static T Read<T>(string file, Func<T> read, CancellationToken ct) =>
        IsStandard(file) && StandardStreams.LacksInput ? throw new IOException(StandardStreams.NoInput)
        : IsPipe(file) ? Task.Run(read, CancellationToken.None).WaitAsync(ct).GetAwaiter().GetResult() : read();

    /// <summary>Whether it is standard input: opened by its path, it may be what the runtime has open instead.</summary>
    private static bool IsStandard(string file) => file is "-" or "/dev/stdin" or "/dev/fd/0" or "/proc/self/fd/0";

    /// <summary>Whether it is a pipe, or leads to one.</summary>
    public static bool IsPipe(string file) => KindOf(file) == Pipe;

    /// <summary>How many names a plain file has that is there; zero for anything else.</summary>
    public static uint NamesOf(string file) => Facts(file, Kind | Links, out byte[] facts) && (BinaryPrimitives.ReadUInt16LittleEndian(facts.AsSpan(ModeAt)) & KindMask) == Plain
        ? BinaryPrimitives.ReadUInt32LittleEndian(facts.AsSpan(LinksAt))
        : 0;

    /// <summary>Whether it is there, or leads to what is, and is neither a plain file nor a directory.</summary>
    public static bool IsSpecial(string file) => KindOf(file) is not (null or Plain or Directory);

    private static int? KindOf(string file) =>
        Facts(file, Kind, out byte[] facts) ? BinaryPrimitives.ReadUInt16LittleEndian(facts.AsSpan(ModeAt)) & KindMask : null;

    private static bool Facts(string file, uint mask, out byte[] facts)
    {
        facts = new byte[FactBytes];
        return Statx(CurrentDirectory, Encoding.UTF8.GetBytes(file + '\0'), 0, mask, facts) == 0;
    }

    /// <summary>Whether it is a pipe that stands in a directory, so that opening it waits for its other end. What this process has open already, such
    /// as <c>/dev/stdout</c> or what a shell makes of <c>&lt;(...)</c> and <c>&gt;(...)</c>, is none of these.</summary>
    public static bool IsNamedPipe(string file) => IsPipe(file) && !IsOpenHere(Path.GetFullPath(file));

    /// <summary>Whether a whole path leads to what this process has open.</summary>
    public static bool IsOpenHere(string whole)
    {
        for (int links = 0; links < 40; links++)
        {
            if (whole.StartsWith("/dev/fd/", StringComparison.Ordinal) || whole.StartsWith("/proc/", StringComparison.Ordinal))
            {
                return true;
            }

            if (new FileInfo(whole).LinkTarget is not { } target)
            {
                return false;
            }

            whole = Path.GetFullPath(target, Path.GetDirectoryName(whole)!);
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int Statx(int directory, ReadOnlySpan<byte> path, int flags, uint mask, Span<byte> facts);

    /// <summary>The runtime reads a pipe in a call that no token ends.</summary>
    private sealed class StoppableInput(Stream inner) : ThroughStream(inner)
    {
        private const int BlockBytes = 64 * 1024;

        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // A read that is left behind must not write into what its caller has given back.
            var block = new byte[Math.Min(buffer.Length, BlockBytes)];
            int read = await Inner.ReadAsync(block, CancellationToken.None).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            block.AsSpan(0, read).CopyTo(buffer.Span);
            return read;
        }
    }
}
