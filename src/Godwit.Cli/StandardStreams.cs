using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Cli;

/// <summary>What the shell gave this process to read and to write. It may have given nothing (<c>2&gt;&amp;-</c>): then the number belongs to the first file
/// that is opened, and what is meant for a person must not be written into it.</summary>
internal static partial class StandardStreams
{
    private const int InputNumber = 0;
    private const int OutputNumber = 1;
    private const int ErrorNumber = 2;
    private const int GetFlags = 1;
    private const int ClosesOnExec = 1;

    // The numbers stay taken as long as the process lives.
    private static readonly List<SafeFileHandle> s_held = [];
    private static readonly HashSet<int> s_missing = [];

    /// <summary>Takes the numbers that nobody gave this process, before a file gets one. Called first.</summary>
    public static void Hold()
    {
        for (int number = InputNumber; number <= ErrorNumber; number++)
        {
            int flags = Control(number, GetFlags, 0);
            if (flags < 0)
            {
                // The lowest number that is free.
                s_held.Add(File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite));
            }

            // What the runtime opened for itself is not handed on; what was given to this process was.
            if (flags < 0 || (flags & ClosesOnExec) != 0)
            {
                s_missing.Add(number);
            }
        }
    }

    /// <summary>What is said where nobody gave this process a standard input.</summary>
    public const string NoInput = "standard input is closed";

    /// <summary>Whether nobody gave this process a standard input.</summary>
    public static bool LacksInput => s_missing.Contains(InputNumber);

    /// <summary>Standard input.</summary>
    /// <exception cref="IOException">Nobody gave this process one.</exception>
    public static Stream Input() => LacksInput ? throw new IOException(NoInput) : Console.OpenStandardInput();

    /// <summary>Standard output. Its first failure is an <see cref="IOException"/>; what comes after it is dropped.</summary>
    public static Stream Output() => new Guarded(s_missing.Contains(OutputNumber) ? null : Console.OpenStandardOutput(), tells: true);

    /// <summary>Standard error. A failure is told to nobody: there is no other place to tell it.</summary>
    public static Stream Error() => new Guarded(s_missing.Contains(ErrorNumber) ? null : Console.OpenStandardError(), tells: false);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int file, int command, int value);

    /// <summary>A stream that fails once at most.</summary>
    /// <param name="inner">Where to; null where there is nothing.</param>
    /// <param name="tells">Whether a failure is thrown.</param>
    internal sealed class Guarded(Stream? inner, bool tells) : Stream
    {
        private bool _failed;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                if (!_failed && buffer.Length > 0)
                {
                    (inner ?? throw new IOException("it is closed")).Write(buffer);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fail(e);
            }
        }

        public override void Flush()
        {
            try
            {
                if (!_failed)
                {
                    inner?.Flush();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fail(e);
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private void Fail(Exception why)
        {
            _failed = true;
            if (tells)
            {
                throw why as IOException ?? new IOException(why.Message, why);
            }
        }
    }
}
