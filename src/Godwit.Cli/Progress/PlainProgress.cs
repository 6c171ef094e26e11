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

    private void Write()
    {
        try
        {
            _writer.WriteLine(StandingText.Whole(_meter.Look(), _meter.Elapsed));
        }
        catch (IOException)
        {
            // Nobody reads the progress any more; the transfer goes on.
        }
    }
}
