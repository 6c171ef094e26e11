using System.Runtime.CompilerServices;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers.Check;

namespace Godwit.Cli.Commands;

/// <summary>How a check shows what it finds.</summary>
internal sealed record CheckForm(bool Json, bool Quiet)
{
    /// <summary>What a reader of the last line must know of how it compared; empty where contents were compared.</summary>
    public string Caution { get; init; } = "";
}

/// <summary>Runs one check and leaves what was asked for.</summary>
internal sealed class CheckRun(ICheck check, CheckForm form, CommandContext context)
{
    private readonly long[] _methods = new long[Enum.GetValues<CheckedBy>().Length];
    private readonly long[] _counts = new long[Enum.GetValues<CheckVerdict>().Length];
    private readonly List<OpenList> _lists = [];
    private long _mayPass;

    /// <summary>Whether there was no file on either side that passed the filters.</summary>
    public bool ComparedNothing => _counts.Where((_, verdict) => verdict != (int)CheckVerdict.Skipped).Sum() == 0;

    private string Sentence
    {
        get
        {
            long stored = _methods[(int)CheckedBy.StoredChecksum];
            long read = _methods[(int)CheckedBy.Reading] + _methods[(int)CheckedBy.ReadingOne];
            string how = stored + read == 0 ? "" : $" ({stored} by what the store tells, {read} read)";
            return $"{Count(CheckVerdict.Match)} the same, {Count(CheckVerdict.Differs)} differ{how}, "
                + $"{Count(CheckVerdict.MissingOnDestination)} only in the {check.SourceWord}, {Count(CheckVerdict.MissingOnSource)} only in the destination, "
                + $"{Count(CheckVerdict.Error)} could not be compared, {Count(CheckVerdict.Skipped)} links and special files passed over.\n";
        }
    }

    /// <summary>Runs it.</summary>
    public async Task<ExitCode> RunAsync(IReadOnlyList<CheckList> lists, CancellationToken ct)
    {
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        ByteOutput? shown = form.Quiet || lists.Any(list => list.File == "-") ? null : output;
        try
        {
            foreach (CheckList list in lists)
            {
                OldList? old = await OldList.ReadAsync(list.Result, ct).ConfigureAwait(false);
                _lists.Add(new OpenList(list, await ListFile.OpenAsync(list.Option, list.File, context.Wiring, ct).ConfigureAwait(false), old));
            }

            await foreach (CheckLine line in check.ReadAsync(ct).ConfigureAwait(false))
            {
                await TakeAsync(line, shown).ConfigureAwait(false);
            }

            foreach (OpenList list in _lists)
            {
                if (await list.File.FinishAsync(list.Old).ConfigureAwait(false) is { } note)
                {
                    await context.Error.WriteLineAsync($"godwit: {ArgumentText.Show(note)}").ConfigureAwait(false);
                }
            }
        }
        finally
        {
            foreach (OpenList list in _lists)
            {
                await list.File.DisposeAsync().ConfigureAwait(false);
            }
        }

        Summarize(shown);
        bool isIncomplete = await check.TellAsync(_counts[(int)CheckVerdict.Match] + _counts[(int)CheckVerdict.Differs], context.Error).ConfigureAwait(false);
        ExitCode code = new ExitFacts
        {
            MayPass = _mayPass,
            ForGood = Count(CheckVerdict.Error) - _mayPass,
            Other = Count(CheckVerdict.Differs) + Count(CheckVerdict.MissingOnDestination) + Count(CheckVerdict.MissingOnSource) > 0 || isIncomplete,
        }.Choose();
        if (form.Quiet && code != ExitCode.Success)
        {
            await context.Error.WriteAsync(Sentence).ConfigureAwait(false);
        }

        return code;
    }

    private async Task TakeAsync(CheckLine line, ByteOutput? shown)
    {
        _counts[(int)line.Verdict]++;
        if (line.By is { } method)
        {
            _methods[(int)method]++;
        }

        _mayPass += line.Failure is { MayPass: true } ? 1 : 0;
        foreach (OpenList list in _lists)
        {
            list.File.Write(list.Asked.Write, line);
            list.Old?.Know(line.Path);
        }

        if (form.Json)
        {
            shown?.Json(json =>
            {
                json.WritePath("path", line.Path);
                json.WriteString("verdict", CheckList.WordOf(line.Verdict));
                json.WriteString("reason", line.Reason);
                if (line.By is { } by)
                {
                    json.WriteString("by", WordOf(by));
                }

                if (line.Failure is { } failure)
                {
                    json.WriteString("kind", failure.Kind);
                    json.WriteString("side", Words.Of(failure.Side));
                }
            });
        }
        else if (line.Verdict is CheckVerdict.Differs or CheckVerdict.MissingOnDestination or CheckVerdict.MissingOnSource)
        {
            shown?.Text($"{CheckList.SignOf(line.Verdict)} {line.Path}: {line.Reason}\n");
        }

        if (line.Verdict == CheckVerdict.Error)
        {
            string side = line.Failure is { Side: not StoreSide.Unknown } known ? $" [{Words.Of(known.Side)}]" : "";
            await context.Error.WriteLineAsync($"! {line.Path}: {ArgumentText.Show(line.Reason)}{side}").ConfigureAwait(false);
        }
    }

    private void Summarize(ByteOutput? shown)
    {
        if (form.Json)
        {
            shown?.Json(json =>
            {
                json.WriteStartObject("totals");
                foreach (CheckVerdict verdict in Enum.GetValues<CheckVerdict>())
                {
                    json.WriteNumber(CheckList.WordOf(verdict).Replace('-', '_'), Count(verdict));
                }

                json.WriteEndObject();
                json.WriteStartObject("by");
                foreach (CheckedBy by in Enum.GetValues<CheckedBy>())
                {
                    json.WriteNumber(WordOf(by).Replace('-', '_'), _methods[(int)by]);
                }

                json.WriteEndObject();
            });
            return;
        }

        shown?.Text(Sentence);
        shown?.Text(Count(CheckVerdict.Match) > 0 ? form.Caution : "");
    }

    /// <summary>The word in JSON; those of times and lengths are those of --compare.</summary>
    private static string WordOf(CheckedBy by) => by switch
    {
        CheckedBy.Size => "size",
        CheckedBy.Modified => "mtime",
        CheckedBy.LinkTarget => "link-target",
        CheckedBy.StoredChecksum => "stored-checksum",
        CheckedBy.ReadingOne => "reading-one-side",
        _ => "reading",
    };

    private long Count(CheckVerdict verdict) => _counts[(int)verdict];

    private sealed record OpenList(CheckList Asked, ListFile File, OldList? Old);
}
