using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaRelay;

/// <summary>The bytes of a file out of its object.</summary>
internal static class CtaRelayBody
{
    /// <summary>Opens the very object that was looked at.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.PreconditionFailed"/>: another one is there now.</exception>
    public static async ValueTask<Stream> OpenAsync(IStore inner, CtaRelayFile file, CancellationToken ct)
    {
        Stream body = inner.RangedRead is { } ranged
            ? await ranged.OpenRangeAsync(file.Path, file.Object.Version, 0, file.Object.Length, ct).ConfigureAwait(false)
            : (await inner.OpenReadAsync(file.Path, ct).ConfigureAwait(false)).Content;
        try
        {
            return new UnpackedBody(new ZstdContent(body), file.Path, $"The object \"{file.Path}\"", file.Length, file.Md5);
        }
        catch
        {
            await body.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
