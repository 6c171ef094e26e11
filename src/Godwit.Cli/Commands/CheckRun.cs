using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Check;
using Godwit.Transfers.Plan.Filters;

namespace Godwit.Cli.Commands;

/// <summary>How a check shows what it finds.</summary>
internal sealed record CheckForm(bool Json, bool Quiet);

/// <summary>Runs one check and leaves what was asked for.</summary>
internal sealed class CheckRun(
    TransferEnds ends, CheckOptions options, FilterSelection selection, CheckForm form, CommandContext context)
{
    private readonly long[] _counts = new long[Enum.GetValues<CheckVerdict>().Length];
    private readonly List<(CheckList List, ListFile File)> _lists = [];
    private long _mayPass;

    /// <summary>Runs it.</summary>
    public async Task<ExitCode> RunAsync(IReadOnlyList<CheckList> lists, CancellationToken ct)
    {
        IStore source = Dress(ends.Source, StoreSide.Source);
        await using ConfiguredAsyncDisposable closingSource = source.ConfigureAwait(false);
        IStore destination = Dress(ends.Destination, StoreSide.Destination);
        await using ConfiguredAsyncDisposable closingDestination = destination.ConfigureAwait(false);
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        ByteOutput? shown = form.Quiet || lists.Any(list => list.File == "-") ? null : output;
        try
        {
            foreach (CheckList list in lists)
            {
                _lists.Add((list, ListFile.Open(list.Option, list.File, context.Wiring)));
            }

            await foreach (CheckLine line in LinesAsync(source, destination, ct).ConfigureAwait(false))
            {
                await TakeAsync(line, shown).ConfigureAwait(false);
            }

            _lists.ForEach(list => list.File.Finish());
        }
        finally
        {
            foreach ((CheckList _, ListFile file) in _lists)
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
        }

        Summarize(shown);
        return new ExitFacts
        {
            MayPass = _mayPass,
            ForGood = Count(CheckVerdict.Error) - _mayPass,
            Other = Count(CheckVerdict.Differs) + Count(CheckVerdict.MissingOnDestination) + Count(CheckVerdict.MissingOnSource) > 0,
        }.Choose();
    }

    private async IAsyncEnumerable<CheckLine> LinesAsync(IStore source, IStore destination, [EnumeratorCancellation] CancellationToken ct)
    {
        using var check = new CheckTrees(source, destination, options, ScratchFile.Open, context.Wiring.Time);
        if (ends.Single is { } single)
        {
            yield return await check.ReadOneAsync(single, ct).ConfigureAwait(false);
            yield break;
        }

        await foreach (CheckLine line in check.ReadAsync(ct).ConfigureAwait(false))
        {
            yield return line;
        }

        // What a list names and neither side has was not compared.
        foreach (StorePath path in selection.Files?.NotMet ?? [])
        {
            var failure = new FileFailure("not-found", StoreSide.Source, "listed in --files-from and on neither side", false, NextStep.GiveUp);
            yield return new CheckLine(CheckVerdict.Error, path, failure.Message, failure);
        }
    }

    private async Task TakeAsync(CheckLine line, ByteOutput? shown)
    {
        _counts[(int)line.Verdict]++;
        _mayPass += line.Failure is { MayPass: true } ? 1 : 0;
        foreach ((CheckList list, ListFile file) in _lists)
        {
            list.Write(file.Output, line);
        }

        if (form.Json)
        {
            shown?.Json(json =>
            {
                json.WritePath("path", line.Path);
                json.WriteString("verdict", CheckList.WordOf(line.Verdict));
                json.WriteString("reason", line.Reason);
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
            });
            return;
        }

        shown?.Text($"{Count(CheckVerdict.Match)} the same, {Count(CheckVerdict.Differs)} differ, "
            + $"{Count(CheckVerdict.MissingOnDestination)} only in the source, {Count(CheckVerdict.MissingOnSource)} only in the destination, "
            + $"{Count(CheckVerdict.Error)} could not be compared, {Count(CheckVerdict.Skipped)} links and special files passed over.\n");
    }

    private long Count(CheckVerdict verdict) => _counts[(int)verdict];

    private IStore Dress(IStore backend, StoreSide side) => Reach.Dress(backend, side, context.Wiring);
}
