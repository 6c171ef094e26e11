namespace Godwit.Storage;

/// <summary>The calls of the contract, one name each.</summary>
public enum StoreVerb
{
    /// <summary><see cref="IStore.StatAsync"/>.</summary>
    Stat,

    /// <summary><see cref="IStore.ListAsync"/>.</summary>
    List,

    /// <summary><see cref="IFlatListing.ListBelowAsync"/>.</summary>
    ListBelow,

    /// <summary><see cref="IStore.OpenReadAsync"/>.</summary>
    OpenRead,

    /// <summary><see cref="IRangedRead.OpenRangeAsync"/>.</summary>
    OpenRange,

    /// <summary><see cref="IUnpublishedRead.OpenRangeAsync"/>.</summary>
    OpenUnpublished,

    /// <summary><see cref="IStore.WriteAsync"/>.</summary>
    Write,

    /// <summary><see cref="IStore.DeleteAsync"/>.</summary>
    Delete,

    /// <summary><see cref="IBulkDelete.DeleteAsync"/>.</summary>
    BulkDelete,

    /// <summary><see cref="IPartedWrite.BeginAsync"/>.</summary>
    BeginParts,

    /// <summary><see cref="IPartedWrite.ResumeAsync"/>.</summary>
    ResumeParts,

    /// <summary><see cref="IPartedWrite.WritePartAsync"/>.</summary>
    WritePart,

    /// <summary><see cref="IPartedWrite.ListPartsAsync"/>.</summary>
    ListParts,

    /// <summary><see cref="IPartedWrite.CompleteAsync"/>.</summary>
    CompleteParts,

    /// <summary><see cref="IPartedWrite.AbortAsync"/>.</summary>
    AbortParts,

    /// <summary><see cref="IDirectories.CreateAsync"/>.</summary>
    CreateDirectory,

    /// <summary><see cref="ILinks.CreateAsync"/>.</summary>
    CreateLink,

    /// <summary><see cref="IServerCopy.CopyAsync"/>.</summary>
    ServerCopy,

    /// <summary><see cref="IThirdPartyCopy.PullAsync"/>.</summary>
    Pull,

    /// <summary><see cref="IStoredChecksum.GetAsync"/>.</summary>
    GetChecksum,

    /// <summary><see cref="IRename.RenameAsync"/>.</summary>
    Rename,

    /// <summary><see cref="IHardLinks.LinkAsync"/>.</summary>
    HardLink,

    /// <summary><see cref="IFreeSpace.GetAsync"/>.</summary>
    GetFreeSpace,

    /// <summary><see cref="ISettableTime.SetAsync"/>.</summary>
    SetTime,

    /// <summary><see cref="IDurability.SyncUploadsAsync"/>.</summary>
    SyncUploads,

    /// <summary><see cref="IDurability.SyncPublishedAsync"/>.</summary>
    SyncPublished,

    /// <summary><see cref="IUploadListing.ListAsync"/>.</summary>
    ListUploads,

    /// <summary><see cref="IUnpublishedChecksum.GetAsync"/>.</summary>
    GetUnpublishedChecksum,

    /// <summary><see cref="IVersionedDelete.DeleteAsync"/>.</summary>
    DeleteVersion,

    /// <summary><see cref="IUserMetadata.GetAsync"/>.</summary>
    GetPairs,
}

/// <summary>One call, as a layer sees it.</summary>
/// <param name="Verb">Which call.</param>
/// <param name="Path">Where; the first path of a call with many.</param>
/// <param name="Bytes">Bytes that the call itself carries; 0 for calls that carry none and for reads, whose body outlives the call.</param>
public readonly record struct StoreCall(StoreVerb Verb, StorePath Path, long Bytes = 0)
{
    /// <summary>Whether the same call may simply be made again when its answer is lost. The others may have taken effect: the
    /// engine asks the store first. A pull that failed is another route's.</summary>
    public bool CanRepeat => Verb is not (
        StoreVerb.CompleteParts or StoreVerb.Rename or StoreVerb.HardLink or StoreVerb.ServerCopy or StoreVerb.Pull);
}

/// <summary>Something that stands around every call of a store, whatever the call does.</summary>
public interface IStoreLayer
{
    /// <summary>Stands around one call.</summary>
    /// <param name="call">What is called.</param>
    /// <param name="next">The call itself, or the next layer. May be invoked more than once, or not at all.</param>
    /// <param name="ct">The caller's token.</param>
    ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct);

    /// <summary>Stands around a body that a read gave, which outlives its call; it is disposed through what this returns. Called
    /// once for each call that succeeded, after <see cref="AroundAsync"/> returned.</summary>
    Stream AroundBody(StoreCall call, Stream body);

    /// <summary>Stands around the bytes that a write takes; gives the source itself where it leaves them alone, so that bytes in
    /// memory stay what they are (<see cref="WriteSource.InMemory"/>). Called within each invocation of the call itself.</summary>
    WriteSource AroundSource(StoreCall call, WriteSource source);
}
