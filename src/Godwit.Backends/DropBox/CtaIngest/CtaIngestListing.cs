using System.Runtime.CompilerServices;
using Godwit.Backends.DropBox.Zstd;
using Godwit.Storage;

namespace Godwit.Backends.DropBox.CtaIngest;

/// <summary>Lists, finds and reads the files of a box, for one side of it or the other.</summary>
/// <param name="box">The box.</param>
/// <param name="countsDelivered">Whether what was delivered is told. For that side, a file that cannot be had is not there: it is to be sent again.</param>
internal sealed class CtaIngestListing(CtaIngestBox box, bool countsDelivered)
{
    private const int PageFiles = 1_000;

    /// <summary>A page. The first one reads the state files anew.</summary>
    public async ValueTask<StorePage> PageAsync(ListPosition? position, CancellationToken ct)
    {
        if (position is not Place place)
        {
            box.States.Forget();
            IReadOnlyList<string> names = await box.AnnouncedNamesAsync(ct).ConfigureAwait(false);
            place = new Place(countsDelivered ? [.. await box.DeliveredNamesAsync(ct).ConfigureAwait(false), .. names] : names, 0);
        }

        var entries = new List<StoreEntry>();
        var unreadable = new List<StoreException>();
        foreach (string name in place.Names.Skip(place.From).Take(PageFiles))
        {
            try
            {
                if (CtaIngestLayout.FileOf(name) is not { } path)
                {
                    throw CtaIngestBox.Damage(StorePath.Root, $"\"{name.TrimStart('\0')}\" in the state files is no name of a file that is UTF-8");
                }

                if (await FindAsync(path, ct).ConfigureAwait(false) is { } file)
                {
                    entries.Add(file.ToEntry());
                }
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
            {
                unreadable.Add(e);
            }
        }

        int next = place.From + PageFiles;
        return new StorePage(
            entries, next < place.Names.Count ? place.At(next) : null, unreadable.Count > 0 && !countsDelivered ? unreadable : null);
    }

    /// <summary>The file, if it is there for this side; null otherwise.</summary>
    public async ValueTask<CtaIngestFile?> FindAsync(StorePath path, CancellationToken ct)
    {
        try
        {
            return (countsDelivered ? await box.DeliveredAsync(path, ct).ConfigureAwait(false) : null)
                ?? (await box.WaitingAsync(path, ct).ConfigureAwait(false) is { } file ? await box.MeasuredAsync(file, ct).ConfigureAwait(false) : null);
        }
        catch (StoreException e) when (
            countsDelivered && e.Kind == StoreErrorKind.Integrity && !CtaIngestLayout.StateFiles.Any(state => state == e.Path))
        {
            return null;
        }
    }

    /// <summary>Opens a file that waits.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: somebody else delivered it meanwhile;
    /// <see cref="StoreErrorKind.Integrity"/>: its first part is missing.</exception>
    public async ValueTask<Stream> OpenAsync(CtaIngestFile file, CancellationToken ct)
    {
        var content = new CtaIngestContent(box.Inner, file);
        try
        {
            await content.OpenAsync(ct).ConfigureAwait(false);
            return new UnpackedBody(new ZstdContent(content), file.Path, $"What \"{file.Path}\" is packed in", file.Length, null, () => content.Place);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Integrity)
        {
            await content.DisposeAsync().ConfigureAwait(false);
            box.States.Forget();
            if (await box.WaitingAsync(file.Path, ct).ConfigureAwait(false) is null)
            {
                throw new StoreException(StoreErrorKind.NotFound, $"\"{file.Path}\" does not wait any more.", e) { Path = file.Path };
            }

            throw;
        }
        catch
        {
            await content.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Reads a file that waits for its checksum.</summary>
    public async ValueTask<Checksum> DigestAsync(CtaIngestFile file, CancellationToken ct)
    {
        Stream content = await OpenAsync(file, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = content.ConfigureAwait(false);
        using var checksum = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
        var room = new byte[1 << 20];
        for (int read; (read = await content.ReadAsync(room, ct).ConfigureAwait(false)) > 0;)
        {
            checksum.Append(room.AsSpan(0, read));
        }

        return checksum.Finish();
    }

    /// <summary>Where a listing goes on, in the names as they were at its beginning.</summary>
    private sealed class Place(IReadOnlyList<string> names, int from) : ListPosition
    {
        public IReadOnlyList<string> Names { get; } = names;

        public int From { get; } = from;

        public Place At(int next) => new(Names, next);
    }
}
