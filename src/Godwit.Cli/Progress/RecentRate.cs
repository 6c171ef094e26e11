namespace Godwit.Cli.Progress;

/// <summary>
/// Bytes a second, lately. Where bytes are counted only when a part or a small file is there, they come in lumps: many parts at once, and then
/// none for a minute. A window that is shorter than the time between two lumps sees none or too many; this one holds six times the longest silence,
/// and 15 seconds where bytes come all the time. For one caller at a time; all times are since one beginning.
/// </summary>
internal sealed class RecentRate
{
    private const int SilencesInWindow = 6;

    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);

    private readonly List<(TimeSpan At, long Bytes)> _steps = [];
    private bool _isWhole = true;

    /// <summary>Takes note of all bytes until now.</summary>
    /// <param name="began">When the first of them set out.</param>
    /// <param name="now">The present.</param>
    /// <param name="bytes">How many there are.</param>
    public void See(TimeSpan began, TimeSpan now, long bytes)
    {
        if (_steps.Count == 0)
        {
            _steps.Add((began, 0));
        }

        if (_steps[^1].Bytes != bytes)
        {
            _steps.Add((now, bytes));
        }

        while (_steps.Count > 2 && _steps[1].At < now - s_longest)
        {
            _steps.RemoveAt(0);
            _isWhole = false;
        }
    }

    /// <summary>The rate; 0 before any bytes came, and when none come any more.</summary>
    public double PerSecond(TimeSpan now)
    {
        if (_steps.Count < 2)
        {
            return 0;
        }

        TimeSpan silence = LongestSilence();
        var window = TimeSpan.FromTicks(Math.Clamp(silence.Ticks * SilencesInWindow, s_shortest.Ticks, s_longest.Ticks));
        int first = Math.Max(0, _steps.FindLastIndex(step => step.At <= now - window));
        return _isWhole && first == 0 ? SinceTheBeginning(now, silence) : (_steps[^1].Bytes - _steps[first].Bytes) / window.TotalSeconds;
    }

    /// <summary>Time for which bytes have been on their way that are not counted yet; never more than the longest silence so far.</summary>
    public TimeSpan OnTheWay(TimeSpan now) =>
        _steps.Count < 2 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min((now - _steps[^1].At).Ticks, LongestSilence().Ticks));

    /// <summary>What is counted is never more than what was sent, and nearest to it where a lump ends: so the highest mean counts, until the next lump
    /// has had time to come in whole.</summary>
    private double SinceTheBeginning(TimeSpan now, TimeSpan silence)
    {
        TimeSpan due = now - (silence * 1.25);
        double highest = 0;
        foreach ((TimeSpan at, long bytes) in _steps)
        {
            double seconds = ((at > due ? at : due) - _steps[0].At).TotalSeconds;
            highest = seconds > 0.2 ? Math.Max(highest, bytes / seconds) : highest;
        }

        return highest;
    }

    private TimeSpan LongestSilence()
    {
        TimeSpan longest = TimeSpan.Zero;
        for (int i = 1; i < _steps.Count; i++)
        {
            TimeSpan silence = _steps[i].At - _steps[i - 1].At;
            longest = silence > longest ? silence : longest;
        }

        return longest;
    }
}
