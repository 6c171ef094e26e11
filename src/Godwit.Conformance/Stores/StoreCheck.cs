using Godwit.Storage;

namespace Godwit.Conformance.Stores;

/// <summary>One sentence of the contract, and the code that proves it on a store.</summary>
/// <param name="Says">The sentence. Unique in the kit; what a report prints.</param>
/// <param name="ProveAsync">Returns when the sentence holds; throws <see cref="StoreCheckFailedException"/>, or whatever the store threw
/// against its contract, when it does not. Works only below <see cref="StoreUnderTest.At"/>.</param>
/// <param name="Needs">What a store must have for the sentence to say anything, in words: a capability's name, or a few. Null: nothing.</param>
/// <param name="Needed">Whether the store has what is needed; null where <paramref name="Needs"/> is the name of one capability.</param>
public sealed record StoreCheck(
    string Says, Func<StoreUnderTest, Task> ProveAsync, string? Needs = null, Func<IStore, bool>? Needed = null)
{
    /// <summary>Whether it writes thousands of files: minutes on a slow server, and money where each call costs some.</summary>
    public bool IsLarge { get; init; }

    /// <summary>Whether the sentence says anything about this store.</summary>
    public bool Applies(IStore store) =>
        Needed is not null ? Needed(store) : Needs is null || CapabilityByName.Of(store, Needs) is not null;

    /// <inheritdoc/>
    public override string ToString() => Says;
}

/// <summary>The capabilities of the contract by name, in the order in which it declares them.</summary>
public static class CapabilityByName
{
    private static readonly (string Name, Func<IStore, object?> Of)[] s_all =
    [
        (nameof(IStore.RangedRead), store => store.RangedRead),
        (nameof(IStore.PartedWrite), store => store.PartedWrite),
        (nameof(IUnpublishedRead), store => store.PartedWrite?.UnpublishedRead),
        (nameof(IUnpublishedChecksum), store => store.PartedWrite?.UnpublishedChecksum),
        (nameof(IUploadListing), store => store.PartedWrite?.UploadListing),
        (nameof(IStore.FlatListing), store => store.FlatListing),
        (nameof(IStore.Directories), store => store.Directories),
        (nameof(IStore.Links), store => store.Links),
        (nameof(IStore.BulkDelete), store => store.BulkDelete),
        (nameof(IStore.VersionedDelete), store => store.VersionedDelete),
        (nameof(IStore.ServerCopy), store => store.ServerCopy),
        (nameof(IStore.ThirdPartyCopy), store => store.ThirdPartyCopy),
        (nameof(IStore.StoredChecksum), store => store.StoredChecksum),
        (nameof(IStore.ArrivalChecksum), store => store.ArrivalChecksum),
        (nameof(IStore.HardLinks), store => store.HardLinks),
        (nameof(IStore.UserMetadata), store => store.UserMetadata),
        (nameof(IStore.Rename), store => store.Rename),
        (nameof(IStore.FreeSpace), store => store.FreeSpace),
        (nameof(IStore.SettableTime), store => store.SettableTime),
        (nameof(IStore.Durability), store => store.Durability),
    ];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => s_all.Select(capability => capability.Name);

    /// <summary>The capability of a store; null when the store cannot.</summary>
    /// <exception cref="ArgumentException">No capability has this name.</exception>
    public static object? Of(IStore store, string name)
    {
        foreach ((string known, Func<IStore, object?> of) in s_all)
        {
            if (known == name)
            {
                return of(store);
            }
        }

        throw new ArgumentException($"\"{name}\" is no capability.", nameof(name));
    }
}
