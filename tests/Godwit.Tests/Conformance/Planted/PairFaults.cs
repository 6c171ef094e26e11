using Godwit.Storage;

namespace Godwit.Tests.Conformance.Planted;

/// <summary>Faults of the pairs that files carry.</summary>
internal static class PairFaults
{
    public static IReadOnlyList<PlantedFault> All { get; } =
    [
        new("A file carries the pairs it was given, and these alone where that was asked for", s => new AlteredStore(s)
        {
            Write = (path, source, options, ct) => s.WriteAsync(path, source, And(options), ct),
        }),
        new("A file written by parts carries the pairs it was given, and these alone where that was asked for", s => new AlteredStore(s)
        {
            Begin = (path, tag, length, options, ct) => s.PartedWrite!.BeginAsync(path, tag, length, options with { Metadata = WriteMetadata.None }, ct),
        }),
        new("A file carries the pairs it was given beside its time", s => new AlteredStore(s)
        {
            Write = (path, source, options, ct) => s.WriteAsync(
                path, source, options with { Metadata = options.Metadata with { Pairs = WriteMetadata.None.Pairs } }, ct),
        }),
        new("A file that replaces another carries none of its pairs", s => new AlteredStore(s)
        {
            Write = async (path, source, options, ct) =>
            {
                FileWithPairs? before = await s.UserMetadata!.GetAsync(path, ct);
                var pairs = new Dictionary<string, string>(before?.Pairs ?? WriteMetadata.None.Pairs);
                options.Metadata.Pairs.ToList().ForEach(pair => pairs[pair.Key] = pair.Value);
                return await s.WriteAsync(path, source, options with { Metadata = options.Metadata with { Pairs = pairs } }, ct);
            },
        }),
        new("The pairs come with the file that they belong to", s => new AlteredStore(s)
        {
            GetPairs = async (path, ct) => await s.UserMetadata!.GetAsync(path, ct) is { } file ? file with { Entry = Faulty.FileAt(path) } : null,
        }),
        new("A write that names the version it replaces leaves any other, and makes nothing where nothing is", s => new AlteredStore(s)
        {
            Write = (path, source, options, ct) => s.WriteAsync(path, source, options with { Replaces = null }, ct),
        }),
        new("Where no file is, no pairs are", s => new AlteredStore(s)
        {
            GetPairs = async (path, ct) => await s.UserMetadata!.GetAsync(path, ct) ?? new FileWithPairs(Faulty.FileAt(path), new Dictionary<string, string>()),
        }),
    ];

    private static WriteOptions And(WriteOptions options) => options with
    {
        Metadata = options.Metadata with { Pairs = new Dictionary<string, string>(options.Metadata.Pairs) { ["mtime"] = "1" } },
    };
}
