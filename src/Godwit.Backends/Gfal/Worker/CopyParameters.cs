using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Godwit.Backends.Gfal.Native;

namespace Godwit.Backends.Gfal.Worker;

/// <summary>How servers are to copy a file among themselves: nothing but that. What was there is replaced, nothing is looked at before or compared
/// afterwards, and no byte goes through here.</summary>
internal sealed unsafe class CopyParameters : IDisposable
{
    /// <summary>Streams side by side; XRootD's plugin has its own.</summary>
    private const uint Streams = 4;

    /// <summary>Seconds that a copy may take; whoever asked gives up one that stands still. The library's own limit is an hour.</summary>
    private const ulong Seconds = 30 * 24 * 3600;

    private readonly Action<long> _passing;
    private readonly GCHandle _self;

    /// <param name="passing">Hears of bytes so far, from a thread of the library.</param>
    /// <exception cref="GfalFaultException">The library takes one of them not.</exception>
    public CopyParameters(Action<long> passing)
    {
        _passing = passing;
        Handle = GfalTransfer.NewParameters(out nint error);
        GfalContext.Require(Handle == 0 ? -1 : 0, error);
        _self = GCHandle.Alloc(this);
        GfalContext.Require(GfalTransfer.SetReplace(Handle, 1, out error), error);
        GfalContext.Require(GfalTransfer.SetStrict(Handle, 1, out error), error);
        GfalContext.Require(GfalTransfer.SetThroughHere(Handle, 0, out error), error);
        GfalContext.Require(GfalTransfer.SetStreams(Handle, Streams, out error), error);
        GfalContext.Require(GfalTransfer.SetTimeout(Handle, Seconds, out error), error);
        GfalContext.Require(GfalTransfer.AddMonitor(Handle, &Hear, GCHandle.ToIntPtr(_self), 0, out error), error);
    }

    /// <summary>The library's own.</summary>
    public nint Handle { get; }

    public void Dispose()
    {
        GfalTransfer.FreeParameters(Handle, out _);
        _self.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Hear(nint status, byte* from, byte* to, nint user)
    {
        try
        {
            var bytes = (long)GfalTransfer.BytesOf(status, out nint error);
            if (error != 0)
            {
                _ = Glib.Take(error);
            }
            else if (GCHandle.FromIntPtr(user).Target is CopyParameters told)
            {
                told._passing(bytes);
            }
        }
        catch (Exception)
        {
            // Nothing may be thrown into the library; these bytes are advisory.
        }
    }
}
