using System.Runtime.InteropServices;

namespace Godwit.Cli;

/// <summary>Signals of this process: the first asks for a clean stop, the second ends it at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _received;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, On),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, On),
    ];

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
        if (Interlocked.Increment(ref _received) > 1)
        {
            // Whoever asks twice does not want to wait. The ledger is made for a process that ends at any instant.
            Environment.Exit((int)code);
        }

        Code = code;
        _stop.Cancel();
    }
}
