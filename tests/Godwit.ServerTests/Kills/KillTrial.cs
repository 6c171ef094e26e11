using System.Collections.Concurrent;
using System.Globalization;
using Godwit.Cli;
using Godwit.Conformance;
using Godwit.Drill;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.ServerTests.Kills;

/// <summary>Copies a tree with a real process that is killed at a step, finishes it, and says what is wrong with the outcome.</summary>
/// <param name="source">Where the tree is, as <see cref="Source"/>.</param>
/// <param name="destination">Where it goes; each copy to a place of its own.</param>
/// <param name="states">Where the ledgers go.</param>
/// <param name="options">Options of every copy.</param>
internal sealed class KillTrial(KillPlace source, KillPlace destination, string states, string[] options)
{
    /// <summary>The name of the tree at its place.</summary>
    public const string Source = "tree";

    /// <summary>How many parts of large files a run begins whose end is no kill but a stop: files are half sent then.</summary>
    private readonly int _partsBefore = destination.TakesParts ? 2 : 0;

    private int _copies;
    private int _wentOn;
    private int _unknown;
    private SortedDictionary<string, KillFile>? _expected;

    /// <summary>Large files that a run went on with where a killed one had stopped.</summary>
    public int WentOn => _wentOn;

    /// <summary>Uploads that a killed run had begun and not recorded.</summary>
    public int Unknown => _unknown;

    /// <summary>The steps of a run, each with how often it is met.</summary>
    /// <param name="found">What the run finds.</param>
    public async Task<IReadOnlyDictionary<string, int>> StepsAsync(FoundState found)
    {
        Copy copy = NextCopy();
        _expected ??= Comparable(await source.FilesAsync(Source));
        await PrepareAsync(copy, found);
        string steps = copy.State + ".steps";
        (int code, string said) = await RunAsync(copy, null, steps, found.Options);
        Assert.True(code == 0, said);
        await destination.ClearAsync(copy.Name);
        return DrillProcess.ReadSteps(steps);
    }

    /// <summary>Kills a copy, finishes it, and compares.</summary>
    /// <returns>What is wrong; empty when everything is right; null when the step was not met.</returns>
    public async Task<string?> KillAndFinishAsync(FoundState found, string kill)
    {
        Copy copy = NextCopy();
        await PrepareAsync(copy, found);
        (int code, string said) = await RunAsync(copy, kill, null, found.Options);
        if (code != DrillProcess.Killed)
        {
            return code == 0 ? null : $"ended with {code}: {said}";
        }

        (Dictionary<StorePath, Receipt> delivered, IReadOnlyList<UnfinishedFile> unfinished) = await RecordAsync(copy);
        HashSet<string> unknown = [.. await destination.UploadsAsync(copy.Name)];
        unknown.ExceptWith(unfinished.Select(file => file.UploadId ?? ""));
        Interlocked.Add(ref _unknown, unknown.Count);
        var calls = new ConcurrentQueue<StoreCall>();
        (code, said) = await RunHereAsync(copy, calls.Enqueue, default);
        string wrong = code != 0 ? $"the last run ended with {code}: {said}"
            : JudgeSent(calls, delivered, found.Options.Count > 0 ? [] : unfinished) ?? await JudgeEndAsync(copy, delivered, unknown) ?? "";
        await destination.ClearAsync(copy.Name);
        return wrong;
    }

    /// <summary>Nothing that was delivered is sent again, and no part that was recorded.</summary>
    private string? JudgeSent(
        ConcurrentQueue<StoreCall> calls, Dictionary<StorePath, Receipt> delivered, IReadOnlyList<UnfinishedFile> unfinished)
    {
        foreach (StoreCall call in calls)
        {
            if (delivered.Keys.FirstOrDefault(path => path.Name.SequenceEqual(call.Path.Name)) is { IsRoot: false } again)
            {
                return $"\"{again}\" was delivered and got a {call.Verb} again";
            }
        }

        foreach (UnfinishedFile file in unfinished.Where(file => file.Parts.Count > 0))
        {
            int whole = (int)((file.Intent.Length + file.PartSize - 1) / file.PartSize);
            int sent = calls.Count(call => call.Verb == StoreVerb.WritePart && file.Intent.Destination.Name.SequenceEqual(call.Path.Name));
            if (sent > whole - file.Parts.Count)
            {
                return $"of {whole} parts {file.Parts.Count} were recorded and {sent} were sent again";
            }

            Interlocked.Increment(ref _wentOn);
        }

        return null;
    }

    private async Task<string?> JudgeEndAsync(Copy copy, Dictionary<StorePath, Receipt> before, HashSet<string> unknown)
    {
        (Dictionary<StorePath, Receipt> after, IReadOnlyList<UnfinishedFile> unfinished) = await RecordAsync(copy);
        if (unfinished.Count > 0 || after.Count != _expected!.Count)
        {
            return $"the ledger has {after.Count} receipts and {unfinished.Count} unfinished files";
        }

        if (before.FirstOrDefault(receipt => after[receipt.Key].File != receipt.Value.File) is { Value: not null } again)
        {
            return $"\"{again.Key}\" was delivered and has another receipt";
        }

        // One whose beginning was answered and not recorded is known to nobody; it holds no bytes.
        HashSet<string> left = [.. await destination.UploadsAsync(copy.Name)];
        if (!left.IsSubsetOf(unknown))
        {
            return $"{left.Count} uploads were left";
        }

        SortedDictionary<string, KillFile> files = Comparable(await destination.FilesAsync(copy.Name));
        return files.SequenceEqual(_expected) ? null : $"the files differ: {string.Join(", ", files.Except(_expected).Concat(_expected.Except(files)))}";
    }

    /// <summary>Where times cannot be set, a file has that at which it was written.</summary>
    private SortedDictionary<string, KillFile> Comparable(SortedDictionary<string, KillFile> files) => destination.TimePrecision > 0
        ? files
        : new(files.ToDictionary(file => file.Key, file => file.Value with { Modified = null }), StringComparer.Ordinal);

    private async Task<(Dictionary<StorePath, Receipt> Receipts, IReadOnlyList<UnfinishedFile> Unfinished)> RecordAsync(Copy copy)
    {
        await using SqliteLedger ledger = await SqliteLedger.OpenAsync(copy.State, TimeProvider.System, default);
        await using IStore from = await source.OpenAsync(Source);
        await using IStore to = await destination.OpenAsync(copy.Name);
        var scope = new ReceiptScope(from.Identity.Space, from.Identity.Root, to.Identity.Space, to.Identity.Root);
        IReadOnlyList<Receipt> receipts = await ledger.ListReceiptsAsync(scope, null, int.MaxValue, default);

        // The claim of the killed run stands until the next one takes it over, and until then its files count as under way.
        var asking = new RunHolder("judge", name => name != "judge", TimeSpan.FromMinutes(1));
        var looking = new TransferRecord(TransferId.New(TimeProvider.System), "look", "", "", to.Identity.Space, to.Identity.Root, default);
        Assert.Null(await ledger.BeginTransferAsync(looking, asking, default));
        IReadOnlyList<UnfinishedFile> unfinished = await ledger.FindUnfinishedAsync(to.Identity.Space, to.Identity.Root, default);
        await ledger.EndTransferAsync(looking.Id, TransferOutcome.Success, new TransferTotals(), default, default);
        return (receipts.ToDictionary(receipt => receipt.Intent.Destination), unfinished);
    }

    /// <summary>Leaves what the run is to find.</summary>
    private async Task PrepareAsync(Copy copy, FoundState found)
    {
        if (found.Kill is { } kill)
        {
            (int code, string said) = await RunAsync(copy, kill, null, []);
            Assert.True(code == DrillProcess.Killed, $"{kill} was not met: {said}");
        }
        else if (!found.IsFirst)
        {
            await SendHalfAsync(copy);
        }
    }

    /// <summary>A run that is stopped in the middle of its large files.</summary>
    private async Task SendHalfAsync(Copy copy)
    {
        using var stop = new CancellationTokenSource();
        int parts = 0;
        (int code, string said) = await RunHereAsync(copy, Stop, stop.Token);
        Assert.True(code == (int)ExitCode.Interrupted, said);

        void Stop(StoreCall call)
        {
            if (call.Verb == StoreVerb.WritePart && call.Path.Parent.Name.SequenceEqual("a-large"u8) && Interlocked.Increment(ref parts) > _partsBefore)
            {
                stop.Cancel();
            }
        }
    }

    /// <summary>Runs within this process, and tells what is being written.</summary>
    private async Task<(int Code, string Said)> RunHereAsync(Copy copy, Action<StoreCall> onWrite, CancellationToken ct)
    {
        var watching = new AtEachCall((call, moment, _) =>
        {
            if (moment == CallMoment.Before && call.Verb is StoreVerb.Write or StoreVerb.WritePart or StoreVerb.ServerCopy or StoreVerb.Pull)
            {
                onWrite(call);
            }

            return ValueTask.CompletedTask;
        });
        var wiring = new Wiring
        {
            Environment = name => Variables.GetValueOrDefault(name),
            DressStore = (store, side) => side == StoreSide.Destination ? new LayeredStore(store, watching) : store,
        };
        using var said = new StringWriter(CultureInfo.InvariantCulture);
        int code = await GodwitCommandLine.RunAsync((IReadOnlyList<string>)[.. ArgumentsOf(copy)], wiring, said, said, ct);
        return (code, said.ToString());
    }

    private Task<(int Code, string Said)> RunAsync(Copy copy, string? kill, string? steps, IEnumerable<string> more) =>
        DrillProcess.RunAsync([.. ArgumentsOf(copy), .. more], kill, steps, Variables);

    private IEnumerable<string> ArgumentsOf(Copy copy) =>
    [
        "copy", source.Url(Source), destination.Url(copy.Name), "--state", copy.State, "--quiet",
        "--part-size", "5MiB", "--parts", "2", "--transfers", "4", .. options,
    ];

    private Copy NextCopy()
    {
        string name = "copy" + Interlocked.Increment(ref _copies).ToString(CultureInfo.InvariantCulture);
        string state = Path.Combine(states, name);
        Directory.CreateDirectory(state);
        return new Copy(name, state);
    }

    private Dictionary<string, string> Variables { get; } = new(source.Variables.Union(destination.Variables));

    /// <summary>One copy: the name of its place, and its state directory.</summary>
    private sealed record Copy(string Name, string State);
}
