using Godwit.Storage;

namespace Godwit.Conformance;

/// <summary>Switches capabilities off, so that what a transfer does without them is tried as well.</summary>
public static class StoreCapabilities
{
    /// <summary>The names of all capabilities of the contract.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. typeof(IStore).GetProperties().Where(property => property.PropertyType.IsInterface).Select(property => property.Name),
        nameof(IPartedWrite.UnpublishedRead),
        nameof(IPartedWrite.UnpublishedChecksum),
        nameof(IPartedWrite.UploadListing),
    ];

    /// <summary>The same store without some of its capabilities. Disposing it disposes the store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="capabilities">Names out of <see cref="All"/>, such as <c>nameof(IStore.RangedRead)</c>.</param>
    /// <exception cref="ArgumentException">There is no such capability.</exception>
    public static IStore Without(this IStore store, params string[] capabilities)
    {
        ArgumentNullException.ThrowIfNull(capabilities);
        if (capabilities.FirstOrDefault(name => !All.Contains(name)) is { } unknown)
        {
            throw new ArgumentException(
                $"\"{unknown}\" is not a capability; there are {string.Join(", ", All)}.", nameof(capabilities));
        }

        return new LayeredStore(store, new NoLayer(), capabilities.ToHashSet());
    }

    private sealed class NoLayer : IStoreLayer
    {
        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) => next(ct);

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }
}
