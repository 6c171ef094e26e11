using System.Text.Json;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Results;

/// <summary>Entries and errors as commands on one store show them.</summary>
internal static class EntryFields
{
    /// <summary>The fields of an entry.</summary>
    public static void WriteEntry(this Utf8JsonWriter json, StoreEntry entry, StorePath path)
    {
        json.WritePath("path", path);
        json.WriteString("kind", Words.Of(entry.Kind));
        json.WriteNumber("bytes", entry.Length);
        if (entry.Modified is { } modified)
        {
            json.WriteString("modified", modified.ToString());
        }

        if (entry.Mode is { } mode)
        {
            json.WriteString("mode", Convert.ToString(mode, 8).PadLeft(4, '0'));
        }

        if (entry.LinkTarget is { } target)
        {
            json.WriteString("link_target", PathText.Escape(target.Span));
        }

        if (entry.Checksums.Count > 0)
        {
            json.WriteChecksums(entry.Checksums);
        }
    }

    /// <summary>Says on standard error what went wrong at a path, of which kind, and what to do; and counts it.</summary>
    /// <param name="facts">What happened so far.</param>
    /// <param name="error">What went wrong.</param>
    /// <param name="path">Where, unless the error says so.</param>
    /// <param name="to">Standard error.</param>
    /// <param name="at">The store, where its paths are told whole: as a path of this machine, or as a URL.</param>
    public static async Task<ExitFacts> ReportAsync(this ExitFacts facts, StoreException error, StorePath path, TextWriter to, StoreIdentity? at = null)
    {
        string where = (error.Path ?? path).ToString();
        string whole = at is null ? where : Whole(at, error.Path ?? path);
        string prefix = error.Message.Contains(where, StringComparison.Ordinal) ? "" : $"{whole}: ";
        string message = error.Message.Replace($"\"{where}\"", $"\"{whole}\"", StringComparison.Ordinal);
        await to.WriteLineAsync($"godwit: {prefix}{ArgumentText.Show(FailedFile.ToldOfOne(error, message))}").ConfigureAwait(false);
        return FileFailure.From(error, StoreSide.Unknown).MayPass
            ? facts with { MayPass = facts.MayPass + 1 }
            : facts with { ForGood = facts.ForGood + 1 };
    }

    private static string Whole(StoreIdentity at, StorePath path) =>
        at.Scheme == "file" ? $"/{at.Absolute(path)}" : (at with { Root = at.Absolute(path) }).ToString();
}
