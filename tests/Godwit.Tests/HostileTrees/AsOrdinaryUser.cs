using System.Runtime.InteropServices;
using Godwit.Storage;

namespace Godwit.Tests.HostileTrees;

/// <summary>
/// Makes a local store's calls with the rights of an ordinary user, also where the tests run as root. The kernel keeps this identity by
/// thread, and a local store's calls complete on the thread that makes them.
/// </summary>
internal sealed partial class AsOrdinaryUser : IStoreLayer
{
    private const uint Nobody = 65534;

    public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
    {
        uint before = (uint)SetFileUser(Nobody);
        try
        {
            ValueTask<T> answer = next(ct);
            return answer.IsCompleted ? answer : throw new InvalidOperationException($"{call.Verb} did not complete on its own thread.");
        }
        finally
        {
            _ = SetFileUser(before);
        }
    }

    public Stream AroundBody(StoreCall call, Stream body) => body;

    public WriteSource AroundSource(StoreCall call, WriteSource source) => source;

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileUser(uint user);
}
