using System.Text.Json;
using System.Threading.Channels;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Cli.Service;

/// <summary>Writes down what happens in transfers, for whoever reads their events later. Many at a time: an event costs a row, not a transaction.</summary>
internal sealed class ServiceJournal : IAsyncDisposable
{
    private const int Together = 256;

    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly IEventJournal _journal;
    private readonly Action<string> _warn;
    private readonly TimeProvider _time;
    private readonly Task _writing;

    /// <param name="journal">Where to.</param>
    /// <param name="warn">Takes a sentence about what could not be written down.</param>
    /// <param name="time">The clock.</param>
    public ServiceJournal(IEventJournal journal, Action<string> warn, TimeProvider time)
    {
        (_journal, _warn, _time) = (journal, warn, time);
        _writing = Task.Run(WriteAsync, CancellationToken.None);
    }

    /// <summary>Writes down what happens in a transfer. What a receipt tells as well, or nobody wants to know later, is left out.</summary>
    public ITransferObserver Of(string transfer) => new Observer(this, transfer);

    /// <summary>Done when everything that happened so far is written down.</summary>
    public Task SettleAsync()
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _entries.Writer.TryWrite(new Entry("", default, settled)) ? settled.Task : Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        var some = new List<Entry>();
        while (await _entries.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            some.Clear();
            while (some.Count < Together && _entries.Reader.TryRead(out Entry entry))
            {
                some.Add(entry);
            }

            foreach (IGrouping<string, Entry> of in some.Where(entry => entry.Settled is null).GroupBy(entry => entry.Transfer))
            {
                await AppendAsync(of.Key, [.. of.Select(entry => entry.Event!)]).ConfigureAwait(false);
            }

            some.ForEach(entry => entry.Settled?.SetResult());
        }
    }

    private async Task AppendAsync(string transfer, IReadOnlyList<NewEvent> events)
    {
        try
        {
            await _journal.AppendAsync(transfer, events, CancellationToken.None).ConfigureAwait(false);
        }
        catch (LedgerException e)
        {
            // What became of the files is in the ledger all the same; only who follows the events misses some.
            _warn($"{events.Count} events of transfer {transfer} could not be written down: {e.Message}");
        }
    }

    private readonly record struct Entry(string Transfer, NewEvent? Event, TaskCompletionSource? Settled);

    private sealed class Observer(ServiceJournal journal, string transfer) : ITransferObserver
    {
        public void On(TransferEvent happened)
        {
            if (happened is FileStarted or FilePlanned or EntryMade { Kind: EntryKind.Directory })
            {
                return;
            }

            var now = Timestamp.From(journal._time.GetUtcNow());
            journal._entries.Writer.TryWrite(new Entry(transfer, new NewEvent(now, TextOf(happened, now)), null));
        }

        public void OnBytes(StorePath path, long bytes)
        {
        }

        private string TextOf(TransferEvent happened, Timestamp now)
        {
            using var bytes = new MemoryStream();
            using (var json = new Utf8JsonWriter(bytes, JsonFields.Options))
            {
                json.WriteStartObject();
                json.WriteNumber("v", RunReport.Version);
                json.WriteString("event", happened.Name);
                json.WriteString("time", now.ToString());
                json.WriteString("transfer", transfer);
                EventFields.Write(json, happened);
                json.WriteEndObject();
            }

            return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
    }
}
