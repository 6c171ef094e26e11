using Godwit.Cli.Options;

namespace Godwit.Cli.Progress;

/// <summary>A line now and then, for logs and mails.</summary>
internal sealed class PlainProgress : IAsyncDisposable
{
    /// <summary>Time between two lines.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly TransferMeter _meter;
    private readonly TextWriter _writer;
    private readonly ITimer _timer;

    public PlainProgress(TransferMeter meter, TextWriter writer, TimeProvider time)
    {
        (_meter, _writer) = (meter, writer);
        _timer = time.CreateTimer(_ => Write(), null, Every, Every);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    /// <summary>The line of a standing.</summary>
    public static string LineOf(Standing standing, TimeSpan elapsed)
    {
        string more = standing.PlanIsComplete ? "" : "+";
        string line = $"{DurationText.Show(elapsed)}: {standing.Totals.Delivered}/{standing.Totals.Planned}{more} files, "
            + $"{SizeText.Show(standing.DoneBytes)} of {SizeText.Show(standing.Totals.PlannedBytes)}{more}, {SizeText.Show(standing.Rate)}/s";
        bool allSent = standing.PlanIsComplete && standing.DoneBytes >= standing.Totals.PlannedBytes;
        line += allSent && standing.UnderWay.Count > 0 ? ", verifying" : standing.Left is { } left ? $", {DurationText.Show(left)} left" : "";
        line += standing.Totals.Retries > 0 ? $", {standing.Totals.Retries} retries" : "";
        return line + (standing.Totals.Failed > 0 ? $", {standing.Totals.Failed} FAILED" : "");
    }

    private void Write()
    {
        try
        {
            _writer.WriteLine(LineOf(_meter.Look(), _meter.Elapsed));
        }
        catch (IOException)
        {
            // Nobody reads the progress any more; the transfer goes on.
        }
    }
}
