using Godwit.Storage;

namespace Godwit.Tests.Transfers.Move;

/// <summary>Sees what parts come, and whether in memory.</summary>
internal sealed class PartsSeen : IStoreLayer
{
    public int Parts { get; private set; }

    public int InMemory { get; private set; }

    public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) => next(ct);

    public Stream AroundBody(StoreCall call, Stream body) => body;

    public WriteSource AroundSource(StoreCall call, WriteSource source)
    {
        lock (this)
        {
            Parts++;
            InMemory += source.InMemory is null ? 0 : 1;
        }

        return source;
    }
}
