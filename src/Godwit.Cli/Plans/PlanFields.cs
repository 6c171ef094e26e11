using System.Text.Json;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Saved;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Plans;

/// <summary>The lines of a saved plan as JSON, written and read in one place. The format is told in <c>docs/plan-file.md</c>.</summary>
internal static class PlanFields
{
    private static readonly (PlanDecision? Decision, string Word)[] s_words =
    [
        (PlanDecision.Move, "copy"), (PlanDecision.Compare, "compare"), (PlanDecision.MakeDirectory, "make-directory"),
        (PlanDecision.MakeLink, "make-link"), (PlanDecision.Extra, "delete"), (PlanDecision.Unchanged, "unchanged"),
        (PlanDecision.Emptied, "delete-emptied"), (PlanDecision.Impossible, "impossible"), (null, "unreadable"),
    ];

    public static void Write(Utf8JsonWriter json, PlanHeader header)
    {
        json.WriteNumber("godwit_plan", PlanHeader.Version);
        json.WriteString("verb", header.Verb);
        json.WriteString("source", header.Source);
        json.WriteString("destination", header.Destination);
        json.WriteString("made", header.Made.ToString());
        json.WriteNumber("made_ns", header.Made.Nanoseconds);
        json.WriteString("compare", Words.Of(header.Compare));
        json.WriteString("links", Words.Of(header.Links));
        json.WriteBoolean("no_overwrite", header.NoOverwrite);
        json.WriteBoolean("keep_directories", header.KeepDirectories);
        json.WriteBoolean("allow_empty_source", header.Guards.AllowEmptySource);
        if (header.Guards.MaxFiles is { } files)
        {
            json.WriteNumber("max_delete", files);
        }

        if (header.Guards.MaxShare is { } share)
        {
            json.WriteNumber("max_delete_share", share);
        }

        if (header.Backup is { } backup)
        {
            json.WritePath("backup_dir", backup);
        }
    }

    public static PlanHeader ReadHeader(JsonElement json) => new()
    {
        Verb = json.GetProperty("verb").GetString()!,
        Source = json.GetProperty("source").GetString()!,
        Destination = json.GetProperty("destination").GetString()!,
        Made = new Timestamp(json.GetProperty("made_ns").GetInt64()),
        Compare = Enum.GetValues<CompareBy>().First(one => json.GetProperty("compare").ValueEquals(Words.Of(one))),
        Links = Enum.GetValues<LinkPolicy>().First(one => json.GetProperty("links").ValueEquals(Words.Of(one))),
        NoOverwrite = json.GetProperty("no_overwrite").GetBoolean(),
        KeepDirectories = json.GetProperty("keep_directories").GetBoolean(),
        Guards = new RemovalPolicy
        {
            AllowEmptySource = json.GetProperty("allow_empty_source").GetBoolean(),
            MaxFiles = json.TryGetProperty("max_delete", out JsonElement files) ? files.GetInt64() : null,
            MaxShare = json.TryGetProperty("max_delete_share", out JsonElement share) ? share.GetDouble() : null,
        },
        Backup = ReadPath(json, "backup_dir"),
    };

    public static void Write(Utf8JsonWriter json, PlannedLine line)
    {
        json.WriteString("do", s_words.First(one => one.Decision == line.Decision).Word);
        json.WriteString("why", line.Reason);
        json.WritePath("path", line.Source);
        if (line.Destination != line.Source)
        {
            json.WritePath("to", line.Destination);
        }

        if (line.Expected is { } expected)
        {
            json.WriteString("checksum", expected.ToString());
        }

        Write(json, "seen", line.Seen);
        Write(json, "existing", line.Existing);
        if (line.Contest is { } contest)
        {
            json.WriteStartObject("in_the_way");
            json.WritePath("path", contest.Path);
            json.WriteString("kind", Words.Of(contest.There));
            json.WriteEndObject();
        }

        if (line.Failure is { } failure)
        {
            json.WriteStartObject("failure");
            json.WriteString("kind", failure.Kind);
            json.WriteString("side", Words.Of(failure.Side));
            json.WriteString("message", failure.Message);
            json.WriteBoolean("may_pass", failure.MayPass);
            json.WriteEndObject();
        }
    }

    public static PlannedLine ReadLine(JsonElement json)
    {
        StorePath source = ReadPath(json, "path") ?? throw new FormatException("a line has no path");
        return new PlannedLine
        {
            Decision = s_words.First(one => json.GetProperty("do").ValueEquals(one.Word)).Decision,
            Reason = json.GetProperty("why").GetString()!,
            Source = source,
            Destination = ReadPath(json, "to") ?? source,
            Seen = ReadState(json, "seen"),
            Existing = ReadState(json, "existing"),
            Expected = TextOf(json, "checksum") is { } checksum ? PathList.ChecksumOf(checksum) : null,
            Contest = json.TryGetProperty("in_the_way", out JsonElement contest)
                ? new Contest(ReadPath(contest, "path")!.Value, KindOf(contest))
                : null,
            Failure = json.TryGetProperty("failure", out JsonElement failure) ? ReadFailure(failure) : null,
        };
    }

    public static void Write(Utf8JsonWriter json, PlanCounts counts)
    {
        json.WriteNumber("source_files", counts.SourceFiles);
        json.WriteNumber("destination_files", counts.DestinationFiles);
        json.WriteTotals(counts.Totals);
    }

    public static PlanCounts ReadCounts(JsonElement json)
    {
        JsonElement totals = json.GetProperty("totals");
        return new PlanCounts(
            new TransferTotals
            {
                Unchanged = Number("unchanged"),
                SkippedLinks = Number("skipped_links"),
                SkippedSpecial = Number("skipped_special"),
                EmptyDirectories = Number("empty_directories"),
                Filtered = Number("filtered"),
                Unsettled = Number("unsettled"),
                BeforeBaseline = totals.TryGetProperty("before_baseline", out JsonElement baseline) ? baseline.GetInt64() : 0,
            },
            json.GetProperty("source_files").GetInt64(),
            json.GetProperty("destination_files").GetInt64());

        long Number(string name) => totals.GetProperty(name).GetInt64();
    }

    private static void Write(Utf8JsonWriter json, string name, PlannedState? state)
    {
        if (state is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("kind", Words.Of(state.Kind));
        json.WriteNumber("bytes", state.Length);
        if (state.Modified is { } modified)
        {
            json.WriteNumber("modified_ns", modified.Nanoseconds);
        }

        if (state.Version is { } version)
        {
            json.WriteString("version", version);
        }

        if (state.Target is { } target)
        {
            json.WriteString("target", target);
        }

        json.WriteEndObject();
    }

    private static PlannedState? ReadState(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement state)
        ? new PlannedState(
            KindOf(state),
            state.GetProperty("bytes").GetInt64(),
            state.TryGetProperty("modified_ns", out JsonElement modified) ? new Timestamp(modified.GetInt64()) : null,
            TextOf(state, "version"),
            TextOf(state, "target"))
        : null;

    private static EntryKind KindOf(JsonElement json) => Enum.GetValues<EntryKind>().First(kind => json.GetProperty("kind").ValueEquals(Words.Of(kind)));

    private static FileFailure ReadFailure(JsonElement json) => new(
        json.GetProperty("kind").GetString()!,
        Enum.GetValues<StoreSide>().First(side => json.GetProperty("side").ValueEquals(Words.Of(side))),
        json.GetProperty("message").GetString()!,
        json.GetProperty("may_pass").GetBoolean(),
        NextStep.GiveUp);

    private static StorePath? ReadPath(JsonElement json, string name) =>
        json.TryGetProperty(name + "_base64", out JsonElement bytes) ? StorePath.FromBytes(bytes.GetBytesFromBase64())
        : TextOf(json, name) is { } text ? StorePath.FromText(text)
        : null;

    private static string? TextOf(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement text) ? text.GetString() : null;
}
