using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Godwit.Conformance;
using Godwit.Conformance.Ledger;
using Godwit.Drill.Service;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Drill;

/// <summary>
/// Kills this process, as <c>kill -9</c> does, at a named step: before or after a call of a store or of the ledger.
/// </summary>
/// <param name="kill">Where: <c>STEP@N</c> is the Nth time of that step, <c>N</c> alone the Nth step of any kind; null kills nowhere.</param>
/// <param name="stepsFile">A file that gets one line for each step that was met, with how often; null writes none.</param>
internal sealed partial class Plug(string? kill, string? stepsFile)
{
    private const int Kill = 9;

    private readonly ConcurrentDictionary<string, int> _met = new();
    private readonly string? _step = kill?.Contains('@', StringComparison.Ordinal) == true ? kill.Split('@')[0] : null;
    private readonly long _time = kill is null ? 0 : long.Parse(kill.Split('@')[^1]);
    private long _steps;

    /// <summary>The store with the plug around each call.</summary>
    public IStore Around(IStore store, StoreSide side) => new LayeredStore(
        store, new AtEachCall((call, moment, _) => Meet($"{side}.{call.Verb}.{moment}")));

    /// <summary>The ledger with the plug around each call.</summary>
    public ILedger Around(ILedger ledger) => new HookedLedger(ledger, moment => Meet($"Ledger.{moment.Step}.{moment.Phase}"));

    /// <summary>What a service keeps of transfers, with the plug around each call that writes.</summary>
    public ISubmissions Around(ISubmissions submissions) => new HookedSubmissions(submissions, Meet);

    /// <summary>Who was asked to make transfers ready, with the plug around each call that writes.</summary>
    public ICallOuts Around(ICallOuts calls) => new HookedCallOuts(calls, Meet);

    /// <summary>Tells which steps were met.</summary>
    public void WriteSteps()
    {
        if (stepsFile is not null)
        {
            File.WriteAllLines(stepsFile, _met.OrderBy(step => step.Key, StringComparer.Ordinal).Select(step => $"{step.Key} {step.Value}"));
        }
    }

    private ValueTask Meet(string step)
    {
        int times = _met.AddOrUpdate(step, 1, (_, before) => before + 1);
        long all = Interlocked.Increment(ref _steps);
        if (_time != 0 && (_step is null ? all == _time : _step == step && times == _time))
        {
            _ = SendSignal(Environment.ProcessId, Kill);
        }

        return ValueTask.CompletedTask;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
