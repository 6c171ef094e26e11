using System.Runtime.InteropServices;

namespace Godwit.Cli;

/// <summary>Signals of this process: the first asks for a clean stop, a later one ends it at once.</summary>
internal sealed class StopSignals : IDisposable
{
    // timeout(1) sends its signal to the command and then to its group: the command gets it twice and was asked once.
    private static readonly TimeSpan s_same = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long? _first;

    public StopSignals(TimeProvider time)
    {
        _time = time;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, On), PosixSignalRegistration.Create(PosixSignal.SIGTERM, On)];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The code of the signal.</summary>
    public ExitCode Code { get; private set; } = ExitCode.Interrupted;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _stop.Dispose();
    }

    private void On(PosixSignalContext signal)
    {
        signal.Cancel = true;
        ExitCode code = signal.Signal == PosixSignal.SIGTERM ? ExitCode.Terminated : ExitCode.Interrupted;
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
}
