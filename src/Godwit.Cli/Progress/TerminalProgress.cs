using Spectre.Console;
using Spectre.Console.Rendering;

namespace Godwit.Cli.Progress;

/// <summary>A bar, the counts and the files under way, on a terminal. Honours NO_COLOR and narrow windows.</summary>
internal sealed class TerminalProgress : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    // Below it the counts soon do not fit any more, and the names that went with them would leave blank lines behind.
    private const int NamesFrom = 59;

    private readonly TransferMeter _meter;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _showing;

    public TerminalProgress(TransferMeter meter, TextWriter writer, Func<string, string?> environment, TimeProvider time)
    {
        (_meter, _time) = (meter, time);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = environment("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = Width();
        _showing = console.Live(View(meter.Look())).AutoClear(true).StartAsync(live => ShowAsync(live, console));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _showing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>The lines of a standing in a window of so many columns. What does not fit goes in this order: the names of files, and with them the
    /// counts; then the bytes. Rate, time left and failures stay.</summary>
    public static IReadOnlyList<string> LinesOf(Standing standing, TimeSpan elapsed, int width)
    {
        double part = standing.Totals.PlannedBytes == 0 ? 0 : (double)standing.DoneBytes / standing.Totals.PlannedBytes;
        int bar = Math.Clamp(width - 8, 4, 60);
        int full = (int)(part * bar);
        string percent = standing.PlanIsComplete ? $"{Math.Floor(part * 100),3}%" : "  ...";
        (IReadOnlyList<string> said, bool hasCounts) = StandingText.Fitting(standing, elapsed, width);
        return [
            new string('█', full) + new string('░', bar - full) + " " + percent,
            .. said.Select(line => Cut(line, width)),
            .. standing.Totals.Failed > 0 ? [Cut($"{standing.Totals.Failed} FAILED; why is told at the end", width)] : Array.Empty<string>(),
            .. hasCounts && width >= NamesFrom ? standing.UnderWay.Select(name => Cut("  " + name, width)) : [],
        ];
    }

    /// <summary>How many of a window's columns are used: one less, since a full last column makes some terminals begin a new line. A terminal
    /// that does not know its size says 0.</summary>
    public static int WidthOf(int columns) => columns > 0 ? Math.Max(10, columns - 1) : 79;

    private static string Cut(string line, int width) => line.Length <= width ? line : line[..(width - 1)] + "…";

    private async Task ShowAsync(LiveDisplayContext live, IAnsiConsole console)
    {
        while (!_stop.IsCancellationRequested)
        {
            console.Profile.Width = Width();
            live.UpdateTarget(View(_meter.Look()));
            await Task.Delay(Every, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Rows View(Standing standing) => new(LinesOf(standing, _meter.Elapsed, Width())
        .Select(IRenderable (line) => new Text(line) { Overflow = Overflow.Ellipsis }));

    private static int Width()
    {
        try
        {
            return WidthOf(Console.WindowWidth);
        }
        catch (IOException)
        {
            return WidthOf(0);
        }
    }
}
