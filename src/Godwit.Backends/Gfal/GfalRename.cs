using System.Collections.Concurrent;
using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Renames, which replaces what is there in one step on both kinds of servers. Neither can be told not to replace: a create-only rename looks
/// first. Within this process nobody comes in between.</summary>
internal sealed class GfalRename(GfalTree tree) : IRename
{
    private readonly ConcurrentDictionary<StorePath, Turn> _turns = new();

    public async ValueTask RenameAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (from.IsRoot || to.IsRoot)
        {
            throw GfalErrors.Of(StoreErrorKind.InvalidRequest, to, "cannot be renamed: it is the store's root");
        }

        Facts? there = await tree.LookAsync(from, ct).ConfigureAwait(false);
        if (there is null || GfalEntries.KindOf(there.Value) == EntryKind.Directory)
        {
            throw GfalErrors.Of(
                there is null ? StoreErrorKind.NotFound : StoreErrorKind.Unsupported, from, $"could not be renamed: {(there is null ? "nothing is there" : "it is a directory")}");
        }

        await PublishAsync(from, to, createOnly, ct).ConfigureAwait(false);
    }

    /// <summary>Renames what is known to be there.</summary>
    public async Task PublishAsync(StorePath from, StorePath to, bool createOnly, CancellationToken ct)
    {
        if (!createOnly)
        {
            await ReplaceAsync(from, to, ct).ConfigureAwait(false);
            return;
        }

        using Turn turn = await TakeTurnAsync(to, ct).ConfigureAwait(false);
        if (await tree.LookAsync(to, ct).ConfigureAwait(false) is not null)
        {
            throw GfalErrors.Of(StoreErrorKind.AlreadyExists, to, "could not be published: something is there already");
        }

        await ReplaceAsync(from, to, ct).ConfigureAwait(false);
    }

    private async Task ReplaceAsync(StorePath from, StorePath to, CancellationToken ct)
    {
        var request = () => new Frame(Verb.Rename).Bytes(tree.Url(from)).Bytes(tree.Url(to));
        GfalReply reply = await tree.AskAsync(request(), ct).ConfigureAwait(false);
        if (reply.Fault is { } missing && tree.IsNothing(missing) && await tree.LookAsync(to.Parent, ct).ConfigureAwait(false) is null)
        {
            await tree.MakeDirectoriesAsync(to.Parent, ct).ConfigureAwait(false);
            reply = await tree.AskAsync(request(), ct).ConfigureAwait(false);
        }

        if (reply.Fault is { } fault)
        {
            throw tree.Error(fault, "published", to);
        }
    }

    private async Task<Turn> TakeTurnAsync(StorePath path, CancellationToken ct)
    {
        while (true)
        {
            var mine = new Turn(() => _turns.TryRemove(path, out _));
            Turn first = _turns.GetOrAdd(path, mine);
            if (first == mine)
            {
                return mine;
            }

            await first.Ended.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    private sealed class Turn(Action leave) : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public void Dispose()
        {
            leave();
            _ended.TrySetResult();
        }
    }
}
