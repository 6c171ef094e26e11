namespace Godwit.Backends.Local.Native;

/// <summary>Bytes with a NUL behind them, as system calls take names and paths.</summary>
internal readonly struct NativeName
{
    private readonly byte[] _terminated;

    public NativeName(ReadOnlySpan<byte> bytes)
    {
        _terminated = new byte[bytes.Length + 1];
        bytes.CopyTo(_terminated);
    }

    /// <summary>The directory itself.</summary>
    public static NativeName Self { get; } = new("."u8);

    /// <summary>No name: the descriptor itself is meant.</summary>
    public static NativeName Empty { get; } = new([]);

    public ReadOnlySpan<byte> Bytes => _terminated.AsSpan(0, _terminated.Length - 1);

    public ref readonly byte GetPinnableReference() => ref _terminated[0];
}
