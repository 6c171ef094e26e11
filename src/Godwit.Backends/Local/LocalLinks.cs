using System.Security.Cryptography;
using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Makes symbolic links. A link is made under a partial name too, so that replacing leaves no gap.</summary>
internal sealed class LocalLinks(LocalTree tree) : ILinks
{
    public ValueTask<StoreEntry> CreateAsync(StorePath path, ReadOnlyMemory<byte> target, WriteOptions options, CancellationToken ct) =>
        LocalCall.Run((tree, path, target, options), static call => Create(call.tree, call.path, call.target.Span, call.options), ct);

    private static StoreEntry Create(LocalTree tree, StorePath path, ReadOnlySpan<byte> target, WriteOptions options)
    {
        if (path.IsRoot || target.IsEmpty || target.Length >= Posix.MaxPath || target.Contains((byte)0))
        {
            throw LocalErrors.Of(StoreErrorKind.InvalidRequest, path, "cannot be a link with this target: it is empty, longer than 4,095 bytes or holds NUL");
        }

        if (path.Name.Length > PartialName.MaxBytes)
        {
            throw LocalErrors.Translate(Errno.NameTooLong, "made a link", path);
        }

        using Place final = tree.FindForWriting(path, "made a link");
        Place partial = final.Beside(PartialName.For(path.Name, RandomNumberGenerator.GetHexString(16, lowercase: true)));
        LocalErrors.Check(Posix.LinkSymbolicallyAt(new NativeName(target), partial.Directory, partial.Name), "made a link", path);
        try
        {
            if (options.Metadata.Modified is { } modified)
            {
                LocalErrors.Check(Posix.SetModifiedAt(partial.Directory, partial.Name, TimeSpec.From(modified)), "given its time", path);
            }

            Publishing.Rename(partial, final, options.CreateOnly, path);
        }
        catch
        {
            partial.Unlink();
            throw;
        }

        LocalErrors.Check(LocalEntries.Look(final, path, out StoreEntry? entry), "looked at", path);
        return entry!;
    }
}
