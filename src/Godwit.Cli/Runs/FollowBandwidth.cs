using Godwit.Cli.Options;
using Godwit.Storage;

namespace Godwit.Cli.Runs;

/// <summary>Keeps the limit of a run at what its timetable says at the moment, and at what its file says by now: so it can be changed while the
/// run goes on.</summary>
internal sealed class FollowBandwidth : IDisposable
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string? _file;
    private readonly TimeProvider _time;
    private readonly Action<string> _warn;
    private readonly ITimer _timer;
    private readonly CancellationToken _stop;
    private BandwidthTimetable _timetable;
    private (DateTime Written, long Length) _stamp;

    /// <param name="timetable">What holds at first, where no file says otherwise.</param>
    /// <param name="file">The file that is read again whenever it changes; null for none.</param>
    /// <param name="time">The clock; its local time zone is the timetable's.</param>
    /// <param name="warn">Takes a sentence about a file that cannot be used by now: what held before goes on.</param>
    /// <param name="stop">Ends the wait for a file that is a pipe: what it gives is taken once, at the beginning.</param>
    /// <exception cref="CommandException">The file cannot be used from the beginning.</exception>
    public FollowBandwidth(
        BandwidthTimetable? timetable, string? file, TimeProvider time, Action<string> warn, CancellationToken stop = default)
    {
        (_file, _time, _warn, _stop) = (file, time, warn, stop);
        _timetable = timetable ?? BandwidthTimetable.Parse("off");
        if (Read() is { } fault)
        {
            throw new CommandException(ExitCode.Usage, fault);
        }

        Limit = new LimitBandwidth(_timetable.RateAt(time.GetLocalNow()), time);
        _timer = time.CreateTimer(_ => Follow(), null, s_between, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The limit, for the layers of a store.</summary>
    public LimitBandwidth Limit { get; }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Follow()
    {
        lock (_lock)
        {
            if (Read() is { } fault)
            {
                _warn($"{fault} The limit stays as it was.");
            }

            long? rate = _timetable.RateAt(_time.GetLocalNow());
            if (Limit.BytesPerSecond != rate)
            {
                Limit.BytesPerSecond = rate;
            }

            _timer.Change(s_between, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Takes over what the file says, if it has changed.</summary>
    /// <returns>What is wrong with it, once for each change; null for nothing.</returns>
    private string? Read()
    {
        if (_file is null || (_stamp != default && InputFile.IsPipe(_file)))
        {
            return null;
        }

        var info = new FileInfo(_file);
        (DateTime, long) stamp = info.Exists ? (info.LastWriteTimeUtc, info.Length) : (default, -1);
        if (stamp == _stamp)
        {
            return null;
        }

        _stamp = stamp;
        try
        {
            _timetable = BandwidthTimetable.Parse(InputFile.Read(_file, () => File.ReadAllText(_file), _stop));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return $"--bandwidth-file \"{ArgumentText.Show(_file)}\" cannot be used: {e.Message.TrimEnd('.')}.";
        }
    }
}
