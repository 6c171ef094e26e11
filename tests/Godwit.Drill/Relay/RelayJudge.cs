using System.Text.Json;
using Godwit.Backends.DropBox;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Drill.Relay;

/// <summary>Says what is wrong with a box and the two trees beside it, at any moment at which nobody is at work.</summary>
/// <param name="tree">What is put in.</param>
/// <param name="archive">Where it arrives.</param>
/// <param name="openBox">Opens the store that the box is in.</param>
internal sealed class RelayJudge(RelayTree tree, string archive, Func<IStore> openBox)
{
    private readonly Dictionary<(string Ledger, StorePath Path, string Version), long> _delivered = [];

    /// <summary>What is told as delivered is there, and what waits can be read.</summary>
    public async Task<IReadOnlyList<string>> JudgeBoxAsync()
    {
        try
        {
            return await FaultsOfBoxAsync();
        }
        catch (StoreException e)
        {
            return [e.Message];
        }
    }

    private async Task<IReadOnlyList<string>> FaultsOfBoxAsync()
    {
        var wrongs = new List<string>();
        IStore inner = openBox();
        await using var box = new DropBoxStore(inner, DropBoxOptions.Default, TimeProvider.System);
        var contents = new DropBoxContents(inner);
        await foreach (DropBoxFile file in contents.DeliveredAsync(StorePath.Root, default))
        {
            string name = file.Path.ToString();
            int told = tree.VersionOf(name, RelayTree.Known(file.Length, file.Checksum));
            int there = RelayTree.Known(archive, name) is { } known ? tree.VersionOf(name, known) : -1;
            if (told < 0 || there < told)
            {
                wrongs.Add($"\"{name}\" is told as delivered in version {told} and is there in version {there}");
            }
        }

        var waiting = new HashSet<StorePath>();
        await foreach (DropBoxFile file in contents.WaitingAsync(StorePath.Root, default))
        {
            waiting.Add(file.Path);
            if (await FaultOfAsync(box, file) is { } fault)
            {
                wrongs.Add($"\"{file.Path}\" waits and {fault}");
            }
        }

        foreach (string record in (await NamesAsync(inner, StorePath.FromText("files"))).Where(name => name.EndsWith('!')))
        {
            await using StoreBody body = await inner.OpenReadAsync(StorePath.FromText(record), default);
            using JsonDocument json = await JsonDocument.ParseAsync(body.Content);
            var path = StorePath.FromText(json.RootElement.GetProperty("path").GetString()!);
            if (!waiting.Contains(path) && await contents.FindAsync(path, default) is { Delivered: null })
            {
                wrongs.Add($"\"{path}\" was not delivered, and nobody will look for it");
            }
        }

        return wrongs;
    }

    /// <summary>No version that has a receipt gets another one.</summary>
    /// <param name="ledger">The directory of a ledger; what it had before is remembered.</param>
    /// <param name="source">Where its files come from.</param>
    /// <param name="destination">Where they go.</param>
    public async Task<IReadOnlyList<string>> JudgeReceiptsAsync(string ledger, StoreIdentity source, StoreIdentity destination)
    {
        if (!Directory.Exists(ledger) || Directory.GetFiles(ledger).Length == 0)
        {
            return [];
        }

        var wrongs = new List<string>();
        await using SqliteLedger opened = await SqliteLedger.OpenAsync(ledger, TimeProvider.System, default);
        var scope = new ReceiptScope(source.Space, source.Root, destination.Space, destination.Root);
        foreach (Receipt receipt in await opened.ListReceiptsAsync(scope, null, int.MaxValue, default))
        {
            (string, StorePath, string) key = (ledger, receipt.Intent.Source, receipt.Intent.SourceVersion);
            // What was there and is proved again gets another receipt, and is not sent.
            bool isAnother = _delivered.TryGetValue(key, out long before) && before != receipt.File;
            if (isAnother && receipt.Route != Receipt.AdoptedRoute)
            {
                wrongs.Add($"\"{receipt.Intent.Source}\" was delivered in version {receipt.Intent.SourceVersion} and was sent again, {receipt.SentBytes} bytes as {receipt.Route}");
            }

            _delivered[key] = receipt.File;
        }

        return wrongs;
    }

    /// <summary>Everything arrived, nothing waits, and nothing of it is left in the box.</summary>
    public async Task<IReadOnlyList<string>> JudgeEndAsync()
    {
        List<string> wrongs = [.. await JudgeBoxAsync()];
        (string here, string there) = (RelayTree.Described(tree.Root), RelayTree.Described(archive));
        if (here != there)
        {
            wrongs.Add($"the trees differ:\n{here}and\n{there}");
        }

        await using IStore inner = openBox();
        wrongs.AddRange((await NamesAsync(inner, StorePath.FromText("pending"))).Select(name => $"{name} was left"));
        wrongs.AddRange((await NamesAsync(inner, StorePath.FromText("data"))).Select(name => $"{name} was left"));
        return wrongs;
    }

    private async Task<string?> FaultOfAsync(DropBoxStore box, DropBoxFile file)
    {
        if (tree.VersionOf(file.Path.ToString(), RelayTree.Known(file.Length, file.Checksum)) < 0)
        {
            return "is no version of the source";
        }

        try
        {
            await using StoreBody body = await box.OpenReadAsync(file.Path, default);
            var content = new MemoryStream();
            await body.Content.CopyToAsync(content);
            Checksum read = RelayTree.ChecksumOf(content.ToArray());
            return read == file.Checksum ? null : $"is {read}, not {file.Checksum}";
        }
        catch (StoreException e)
        {
            return $"cannot be read: {e.Message}";
        }
    }

    private static async Task<List<string>> NamesAsync(IStore store, StorePath directory)
    {
        var names = new List<string>();
        ListPosition? position = null;
        try
        {
            do
            {
                StorePage page = await store.ListAsync(directory, position, default);

                // A directory's unfinished writes have names of their own, and belong to no box.
                foreach (StoreEntry entry in page.Entries.Where(entry => !entry.Path.ToString().EndsWith(".godwit-part", StringComparison.Ordinal)))
                {
                    names.AddRange(entry.Kind == EntryKind.Directory ? await NamesAsync(store, entry.Path) : [entry.Path.ToString()]);
                }

                position = page.Next;
            }
            while (position is not null);
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NotFound)
        {
            position?.Dispose();
        }

        return names;
    }
}
