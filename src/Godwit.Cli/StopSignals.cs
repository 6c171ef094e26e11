using System.Globalization;
using System.Runtime.InteropServices;

namespace Godwit.Cli;

/// <summary>Signals of this process: the first asks for a clean stop, a later one ends it at once. The end of its terminal is one, unless it was
/// started to outlive that.</summary>
internal sealed partial class StopSignals : IDisposable
{
    private const int Hup = 1;
    private const nint Default = 0;

    // timeout(1) sends its signal to the command and then to its group: the command gets it twice and was asked once.
    private static readonly TimeSpan s_same = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long? _first;
    private volatile bool _isHangupTaken;

    public StopSignals(TimeProvider time)
    {
        _time = time;
        PosixSignal[] signals = IsHangupIgnored() ? [PosixSignal.SIGINT, PosixSignal.SIGTERM] : [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, On))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The code of the signal.</summary>
    public ExitCode Code { get; private set; } = ExitCode.Interrupted;

    /// <summary>Has something done at each SIGHUP, which then ends nothing, until what comes back is disposed of: a service reads its configuration again.</summary>
    public IDisposable OnHangup(Action action)
    {
        _isHangupTaken = true;
        if (IsHangupIgnored())
        {
            // Whoever wanted the process to outlive its terminal gets that: the signal ends nothing. The runtime hears of no signal that is ignored.
            _ = SetSignal(Hup, Default);
        }

        return new Hangup(this, PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            action();
        }));
    }

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _stop.Dispose();
    }

    /// <summary>Whether whoever started this, such as nohup, wants it to outlive its terminal.</summary>
    private static bool IsHangupIgnored()
    {
        const string Mask = "SigIgn:";
        try
        {
            string? line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Mask, StringComparison.Ordinal));
            return line is not null && (ulong.Parse(line.AsSpan(Mask.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return false;
        }
    }

    private void On(PosixSignalContext signal)
    {
        signal.Cancel = true;
        if (signal.Signal == PosixSignal.SIGHUP && _isHangupTaken)
        {
            return;
        }

        ExitCode code = signal.Signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;
        lock (_lock)
        {
            if (_first is { } first)
            {
                if (_time.GetElapsedTime(first) > s_same)
                {
                    // Whoever asks twice does not want to wait. The ledger is made for a process that ends at any instant.
                    Environment.Exit((int)code);
                }

                return;
            }

            _first = _time.GetTimestamp();
            Code = code;
        }

        _stop.Cancel();
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SetSignal(int number, nint disposition);

    private sealed class Hangup(StopSignals signals, PosixSignalRegistration registration) : IDisposable
    {
        public void Dispose()
        {
            signals._isHangupTaken = false;
            registration.Dispose();
        }
    }
}
