using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Benchmarks.Line;

/// <summary>A network device whose packets a program carries.</summary>
internal sealed partial class TunDevice : IDisposable
{
    private const nuint SetInterface = 0x400454ca;
    private const short TunWithoutHeader = 0x1001;
    private const int RequestBytes = 40;
    private const int NameBytes = 16;

    private readonly SafeFileHandle _device;

    /// <summary>Makes it in the network namespace of this process; it may be moved to another one, and stays ours.</summary>
    public TunDevice(string name)
    {
        _device = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite);
        var request = new byte[RequestBytes];
        Encoding.ASCII.GetBytes(name, request);
        BitConverter.TryWriteBytes(request.AsSpan(NameBytes), TunWithoutHeader);
        if (Control(_device, SetInterface, request) != 0)
        {
            throw new InvalidOperationException($"The device {name} cannot be made: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>The next packet; 0 where the device has ended.</summary>
    public int Read(byte[] packet)
    {
        try
        {
            return (int)Math.Max(Read(_device, packet, (nuint)packet.Length), 0);
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    /// <summary>Hands a packet to the kernel, which may drop it.</summary>
    /// <returns>False where the device has ended.</returns>
    public bool Write(byte[] packet, int length)
    {
        try
        {
            _ = Write(_device, packet, (nuint)length);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    public void Dispose() => _device.Dispose();

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle device, nuint request, byte[] argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle device, byte[] packet, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle device, byte[] packet, nuint length);
}
