using Microsoft.Win32.SafeHandles;

namespace Godwit.Backends.Local.Native;

/// <summary>An open file or directory; closed once, also when nobody remembers to.</summary>
internal sealed class Descriptor : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>For the marshaller.</summary>
    public Descriptor()
        : base(ownsHandle: true)
    {
    }

    public Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
