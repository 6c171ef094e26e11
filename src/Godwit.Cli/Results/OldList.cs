using Godwit.Storage;

namespace Godwit.Cli.Results;

/// <summary>What is there before a list of names takes its place, and has no <see cref="ListMark"/>. Nothing in it tells who wrote it: of which no name is
/// known, that may be somebody's notes, and is kept beside the new list.</summary>
internal sealed class OldList
{
    private readonly string _file;
    private bool _isKnown;

    private OldList(string file, HashSet<StorePath> names) => (_file, Names) = (file, names);

    /// <summary>The names in its beginning.</summary>
    public IReadOnlySet<StorePath> Names { get; }

    /// <summary>Reads it; null where nothing is there that could be lost.</summary>
    public static async Task<OldList?> ReadAsync(ResultFile list, CancellationToken ct)
    {
        if (list.Kind is not (ResultKind.Names or ResultKind.NulNames or ResultKind.SignedNames)
            || ResultFiles.IsStream(list.File) || ListMark.IsOn(list.File) || FileHead.Read(list.File) is not { } head)
        {
            return null;
        }

        IReadOnlyList<StorePath>? names =
            await head.NamesAsync(ResultFiles.EndOf(list.Kind), list.Kind == ResultKind.SignedNames, ct).ConfigureAwait(false);
        return new OldList(WholeFile.PlaceOf(list.File), [.. names ?? []]);
    }

    /// <summary>Takes note of a file that is there: a list that names it is one.</summary>
    public void Know(StorePath path) => _isKnown |= Names.Contains(path);

    /// <summary>Gives it another name if it may be no list, as GNU's tools number their backups.</summary>
    /// <returns>What to say of it; null when it is only a list.</returns>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public string? KeepUnknown()
    {
        if (_isKnown || !File.Exists(_file))
        {
            return null;
        }

        int number = 1;
        while (Path.Exists($"{_file}.~{number}~"))
        {
            number++;
        }

        File.Move(_file, $"{_file}.~{number}~", overwrite: false);
        return $"What {_file} held named nothing that is here or there: it is kept as {_file}.~{number}~.";
    }
}
