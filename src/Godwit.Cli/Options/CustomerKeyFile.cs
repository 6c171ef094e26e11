using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Cli.Options;

/// <summary>Reads a key of one's own that a server encrypts with.</summary>
internal static class CustomerKeyFile
{
    private const int KeyBytes = 32;
    private const int MostBytes = 64;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The key: 32 bytes, or those that 44 letters of base64 and a line's end stand for.</summary>
    /// <exception cref="CommandException">It cannot be read, is no such key, or is no secret.</exception>
    /// <exception cref="OperationCanceledException">Stopped while nobody wrote to a pipe of this name.</exception>
    public static ReadOnlyMemory<byte> Read(string file, CancellationToken ct) => InputFile.Read(file, () => Read(file), ct);

    private static byte[] Read(string file)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(file);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(handle) & Others) != 0)
            {
                throw Wrong(file, $"can be read or changed by every user of this machine. Run: chmod 600 {ArgumentText.Show(file)}");
            }

            using var stream = new FileStream(handle, FileAccess.Read, 1);
            var bytes = new byte[MostBytes + 1];
            return KeyIn(bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)))
                ?? throw Wrong(file, $"holds no key: write {KeyBytes} bytes, or their base64. One is made by: openssl rand -base64 {KeyBytes}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(file, $"cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    private static byte[]? KeyIn(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == KeyBytes)
        {
            return bytes.ToArray();
        }

        var key = new byte[MostBytes];
        return Base64.DecodeFromUtf8(bytes.TrimEnd("\r\n"u8), key, out _, out int length) == System.Buffers.OperationStatus.Done && length == KeyBytes
            ? key[..KeyBytes]
            : null;
    }

    private static CommandException Wrong(string file, string why) =>
        new(ExitCode.Usage, $"The file of --s3-customer-key \"{ArgumentText.Show(file)}\" {why}.");
}
