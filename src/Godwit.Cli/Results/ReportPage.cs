using System.Text.Encodings.Web;
using Godwit.Cli.Options;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Results;

/// <summary>The report as one page for a browser: how it ended, how much arrived, what failed and what to do. It needs no other file and no
/// script, so that it can be sent and kept; names of files are text in it whatever they hold.</summary>
internal static class ReportPage
{
    private const string Head = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        """;

    private const string Style = """
        <style>
        :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.45; }
        body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; }
        h1 b { padding: .1em .4em; border-radius: .2em; color: #fff; background: #a8071a; }
        h1 b.success { background: #186a2e; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
        th[scope=row] { white-space: nowrap; font-weight: 600; width: 1%; padding-right: 2rem; }
        code { font-size: .95em; }
        </style>
        """;

    /// <summary>Writes the page; its memory does not grow with the failures.</summary>
    public static async Task WriteAsync(TextWriter output, RunEnd end, IAsyncEnumerable<FailedFile> failed)
    {
        string outcome = end.Outcome is { } known ? Words.Of(known).ToUpperInvariant() : "NOT ENDED";
        await output.WriteLineAsync($"{Head}\n<title>{Text($"{end.Verb} {outcome} {end.Id}")}</title>\n{Style}\n</head>\n<body>").ConfigureAwait(false);
        string mark = end.Outcome == TransferOutcome.Success ? " class=\"success\"" : "";
        await output.WriteLineAsync($"<h1>{Text(end.Verb)} <b{mark}>{Text(outcome)}</b></h1>").ConfigureAwait(false);
        await output.WriteLineAsync($"<p>{Text(Summary.Of(end))}</p>").ConfigureAwait(false);
        if (end.Error is not null)
        {
            await output.WriteLineAsync($"<p><strong>{Text(end.Error)}</strong></p>").ConfigureAwait(false);
        }

        await output.WriteLineAsync("<table>").ConfigureAwait(false);
        foreach ((string name, string value) in FactsOf(end))
        {
            await output.WriteLineAsync($"<tr><th scope=\"row\">{Text(name)}</th><td>{Text(value)}</td></tr>").ConfigureAwait(false);
        }

        await output.WriteLineAsync("</table>").ConfigureAwait(false);
        await WriteFailedAsync(output, failed).ConfigureAwait(false);
        await output.WriteLineAsync("</body>\n</html>").ConfigureAwait(false);
    }

    private static IEnumerable<(string Name, string Value)> FactsOf(RunEnd end)
    {
        TransferTotals totals = end.Totals;
        yield return ("Run", end.Id);
        yield return ("Source", end.Source);
        yield return ("Destination", end.Destination);
        yield return ("Started", end.Started.ToString());
        yield return ("Ended", end.Ended?.ToString() ?? "not yet, or it was killed: the same command goes on from there");
        yield return ("Planned", end.PlanIsUnknown ? "not known: it did not come to its end" : $"{Amount.Of(totals.Planned, "file")}, {SizeText.Show(totals.PlannedBytes)}");
        yield return ("Delivered", $"{Amount.Of(totals.Delivered, "file")}, {SizeText.Show(totals.DeliveredBytes)}");
        yield return ("Failed", $"{totals.Failed}, {totals.FailedRetryable} of them may pass on a retry");
        if (!end.PlanIsUnknown)
        {
            yield return ("Not attempted", $"{totals.NotAttempted}");
            yield return ("Unchanged", $"{totals.Unchanged}");
            yield return ("Deleted", $"{totals.Deleted}");
        }
    }

    private static async Task WriteFailedAsync(TextWriter output, IAsyncEnumerable<FailedFile> failed)
    {
        bool any = false;
        await foreach (FailedFile file in failed.ConfigureAwait(false))
        {
            if (!any)
            {
                any = true;
                await output.WriteLineAsync(
                    "<h2>Failed files</h2>\n<table>\n<thead><tr><th>File</th><th>What went wrong</th><th>Side</th><th>Attempts</th><th>Next step</th></tr></thead>")
                    .ConfigureAwait(false);
            }

            await output.WriteLineAsync(
                $"<tr><td><code><bdi>{Text(file.Name)}</bdi></code></td><td>{Text(file.Message)} ({Text(file.Kind)})</td>"
                + $"<td>{Text(Words.Of(file.Side))}</td><td>{file.Attempts}</td><td>{Text(file.NextStep)}</td></tr>").ConfigureAwait(false);
        }

        await output.WriteLineAsync(any ? "</table>" : "<p>No file failed.</p>").ConfigureAwait(false);
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
