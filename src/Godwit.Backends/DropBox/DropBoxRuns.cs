using System.Text;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What hosts say of their newest pushes and pulls in a box of Godwit's own layout. Nothing that is done depends on it.</summary>
/// <param name="inner">The store that the box is in.</param>
public sealed class DropBoxRuns(IStore inner)
{
    private const long MostBytes = 64 << 10;

    private readonly DropBoxObjects _objects = new(inner, DropBoxOptions.Default);

    /// <summary>Says it, in place of what the same host said before of the same half. Nothing is said in a box that was not made yet.</summary>
    /// <exception cref="StoreException">It could not be written, or the box has another layout.</exception>
    public async ValueTask WriteAsync(DropBoxRun run, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (await _objects.HasFormatAsync(ct).ConfigureAwait(false))
        {
            await inner.WriteAsync(PlaceOf(run), WriteSource.From(DropBoxRunJson.Of(run)), WriteOptions.Default, ct).ConfigureAwait(false);
        }
    }

    /// <summary>What was said before in the place of a run; null where nothing was that can be read.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public ValueTask<DropBoxRun?> BeforeAsync(DropBoxRun run, CancellationToken ct) => ReadAsync(PlaceOf(run), ct);

    /// <summary>What all hosts said last, those that put in first, the newest of each half first. What cannot be read is left out: the next run of that
    /// host says it anew.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async ValueTask<IReadOnlyList<DropBoxRun>> ListAsync(CancellationToken ct)
    {
        var runs = new List<DropBoxRun>();
        await foreach (StoreEntry entry in new DropBoxContents(inner).FilesAsync(DropBoxLayout.Runs(), ct).ConfigureAwait(false))
        {
            if (entry.Length <= MostBytes && await ReadAsync(entry.Path, ct).ConfigureAwait(false) is { } run)
            {
                runs.Add(run);
            }
        }

        return [.. runs.OrderBy(run => run.IsPull).ThenByDescending(run => run.At.Nanoseconds)];
    }

    /// <summary>Takes away what was said before a moment, but for the newest word of each half: it shows for how long nobody came.</summary>
    /// <exception cref="StoreException">The store did not answer.</exception>
    public async ValueTask ForgetAsync(Timestamp before, CancellationToken ct)
    {
        foreach (IGrouping<bool, DropBoxRun> half in (await ListAsync(ct).ConfigureAwait(false)).GroupBy(run => run.IsPull))
        {
            foreach (DropBoxRun run in half.Skip(1).Where(run => run.At < before))
            {
                await inner.DeleteAsync(PlaceOf(run), ct).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<DropBoxRun?> ReadAsync(StorePath place, CancellationToken ct) =>
        await _objects.ReadAsync(place, ct).ConfigureAwait(false) is { } bytes && DropBoxRunJson.Run(bytes) is { } run && PlaceOf(run) == place ? run : null;

    /// <summary>A host's name holds nothing that leads elsewhere, whatever it is.</summary>
    private static StorePath PlaceOf(DropBoxRun run)
    {
        var name = new StringBuilder(run.IsPull ? "pull-" : "push-");
        foreach (char letter in $"{run.Host}-{run.Ledger}")
        {
            name.Append(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' ? letter : '_');
        }

        return DropBoxLayout.Runs().Join(StorePath.FromText(name.ToString()));
    }
}
