using Godwit.Drill;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Tests.Drill;

/// <summary>Copies a tree with a real process that is killed at a step, then finishes it, and says what is wrong with the outcome.</summary>
internal sealed class KillTrial(string tree) : IDisposable
{
    private readonly DirectoryInfo _room = Directory.CreateTempSubdirectory("godwit-kill-");

    private string Archive => Path.Combine(_room.FullName, "archive");

    private string State => Path.Combine(_room.FullName, "state");

    /// <summary>The steps of an undisturbed copy, each with how often it is met.</summary>
    public async Task<IReadOnlyDictionary<string, int>> StepsAsync()
    {
        string file = Path.Combine(_room.FullName, "steps");
        (int code, string said) = await RunAsync(null, file);
        Assert.True(code == 0, said);
        Clear();
        return DrillProcess.ReadSteps(file);
    }

    /// <summary>Kills a copy, finishes it, and compares.</summary>
    /// <returns>What is wrong; null when everything is right. Whether the kill happened.</returns>
    public async Task<(string? Wrong, bool Killed)> KillAndFinishAsync(string kill)
    {
        (int first, string said) = await RunAsync(kill, null);
        bool killed = first == DrillProcess.Killed;
        if (!killed && first != 0)
        {
            return ($"{kill}: ended with {first}: {said}", false);
        }

        Dictionary<StorePath, Receipt> before = await ReceiptsAsync();
        (int second, said) = await RunAsync(null, null);
        string? wrong = second != 0 ? $"the second run ended with {second}: {said}" : await JudgeAsync(before);
        Clear();
        return (wrong is null ? null : $"{kill}: {wrong}", killed);
    }

    public void Dispose() => _room.Delete(recursive: true);

    private async Task<string?> JudgeAsync(Dictionary<StorePath, Receipt> before)
    {
        Dictionary<StorePath, Receipt> after = await ReceiptsAsync();
        if (before.FirstOrDefault(receipt => after.GetValueOrDefault(receipt.Key)?.File != receipt.Value.File) is { Value: { } lost })
        {
            return $"\"{lost.Intent.Destination}\" was delivered before the kill and sent again";
        }

        await using SqliteLedger ledger = await SqliteLedger.OpenAsync(State, TimeProvider.System, default);
        IReadOnlyList<UnfinishedFile> unfinished = await ledger.FindUnfinishedAsync("file://", StorePath.FromText(Archive[1..]), default);
        return unfinished.Count > 0 ? $"the ledger still has {unfinished.Count} unfinished files" : TreeDifference.Between(tree, Archive);
    }

    private async Task<Dictionary<StorePath, Receipt>> ReceiptsAsync()
    {
        if (!Directory.Exists(State) || Directory.GetFiles(State).Length == 0)
        {
            return [];
        }

        await using SqliteLedger ledger = await SqliteLedger.OpenAsync(State, TimeProvider.System, default);
        var scope = new ReceiptScope("file://", StorePath.FromText(tree[1..]), "file://", StorePath.FromText(Archive[1..]));
        IReadOnlyList<Receipt> receipts = await ledger.ListReceiptsAsync(scope, null, int.MaxValue, default);
        return receipts.ToDictionary(receipt => receipt.Intent.Destination);
    }

    private Task<(int Code, string Said)> RunAsync(string? kill, string? steps) =>
        DrillProcess.RunAsync(["copy", tree, Archive, "--state", State], kill, steps);

    private void Clear()
    {
        foreach (string directory in new[] { Archive, State }.Where(Directory.Exists))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
