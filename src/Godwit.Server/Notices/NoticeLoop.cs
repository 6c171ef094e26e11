using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Server.Notices;

/// <summary>Makes notices of what ends, and tells them: one task that follows the journal, and one for each target.</summary>
public sealed class NoticeLoop : IAsyncDisposable
{
    // What the ledger refuses now it may take in a moment.
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lastTries = TimeSpan.FromSeconds(2);

    private readonly NoticeParts _parts;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _end = new();
    private readonly NoticeSignal _signal = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task> _sending = [];
    private IReadOnlyList<NoticeRule> _rules = [];
    private Dictionary<string, INoticeTarget> _targets = [];
    private long _place;
    private int _asked;
    private bool _isFollowing;
    private Task _following = Task.CompletedTask;

    /// <param name="parts">What it stands on.</param>
    public NoticeLoop(NoticeParts parts) => _parts = parts;

    /// <summary>Begins: goes on where it was, or with what happens from now on where nobody was told anything until now. Called before any transfer goes
    /// on.</summary>
    /// <param name="rules">Who is told of what.</param>
    /// <param name="ct">Cancels the start.</param>
    /// <exception cref="LedgerException">The ledger does not answer.</exception>
    public async Task StartAsync(IReadOnlyList<NoticeRule> rules, CancellationToken ct)
    {
        Take(rules);
        await PlaceAsync(rules, ct).ConfigureAwait(false);
        _following = Task.Run(() => AgainAsync(FollowAsync), CancellationToken.None);
    }

    /// <summary>Others are told from now on. What waits for whom nobody knows any more is given up.</summary>
    public void Use(IReadOnlyList<NoticeRule> rules)
    {
        Take(rules);
        _signal.Raise();
    }

    /// <summary>Looks at what waits: somebody asked for a notice again.</summary>
    public void Look()
    {
        Interlocked.Increment(ref _asked);
        _signal.Raise();
    }

    /// <summary>Whether anything is told to a target.</summary>
    public bool Knows(string target) => Find(target) is not null;

    /// <summary>Stops. A try that is under way may end; what was not told waits for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        await KeepPlaceAsync().ConfigureAwait(false);
        Task[] sending;
        lock (_lock)
        {
            sending = [.. _sending.Values];
        }

        var all = Task.WhenAll(sending);
        await ((Task)all.WaitAsync(s_lastTries, _parts.Time)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _end.CancelAsync().ConfigureAwait(false);
        await all.ConfigureAwait(false);
        _stop.Dispose();
        _end.Dispose();
    }

    private void Take(IReadOnlyList<NoticeRule> rules)
    {
        lock (_lock)
        {
            _rules = rules;
            _targets = rules.SelectMany(rule => rule.Targets).DistinctBy(target => target.Name).ToDictionary(target => target.Name);
        }
    }

    /// <summary>Where it goes on in the journal.</summary>
    private async Task PlaceAsync(IReadOnlyList<NoticeRule> rules, CancellationToken ct)
    {
        if (rules.Count == 0)
        {
            await _parts.Notices.StopFollowingAsync(ct).ConfigureAwait(false);
        }
        else
        {
            _place = await _parts.Notices.FollowedAsync(ct).ConfigureAwait(false) ?? await _parts.Notices.SkipAsync(ct).ConfigureAwait(false);
        }

        _isFollowing = rules.Count > 0;
    }

    /// <summary>Whoever is named at the next start hears of nothing that was looked at before.</summary>
    private async Task KeepPlaceAsync()
    {
        try
        {
            if (_isFollowing)
            {
                await _parts.Notices.FollowAsync(_place, [], CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (LedgerException e)
        {
            _parts.Warn($"Up to where the journal was followed is not written down: {e.Message}");
        }
    }

    private async Task FollowAsync()
    {
        var making = new MakeNotices(_parts);
        IReadOnlyList<NoticeRule>? seen = null;
        while (true)
        {
            // Before the rules and the journal are read, so that nothing gets in between unnoticed.
            (Task raised, Task changed, IReadOnlyList<NoticeRule> rules) = (_signal.Raised, _parts.Journal.Changed, Volatile.Read(ref _rules));
            if (!ReferenceEquals(rules, seen))
            {
                await TakeOverAsync(rules).ConfigureAwait(false);
                seen = rules;
            }

            if (rules.Count == 0)
            {
                await raised.WaitAsync(_stop.Token).ConfigureAwait(false);
                continue;
            }

            (_place, bool isNew) = await making.FollowAsync(_place, rules, _stop.Token).ConfigureAwait(false);
            if (isNew)
            {
                _signal.Raise();
            }

            await Task.WhenAny(raised, changed).WaitAsync(_stop.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Follows other rules: from their place on, and with a task for each target.</summary>
    private async Task TakeOverAsync(IReadOnlyList<NoticeRule> rules)
    {
        if (_isFollowing != rules.Count > 0)
        {
            await PlaceAsync(rules, _stop.Token).ConfigureAwait(false);
        }

        string[] names;
        lock (_lock)
        {
            names = [.. _targets.Keys];
        }

        var now = Timestamp.From(_parts.Time.GetUtcNow());
        int given = await _parts.Notices.GiveUpOthersAsync(names, "The configuration does not name it any more.", now, _stop.Token).ConfigureAwait(false);
        if (given > 0)
        {
            _parts.Warn($"{given} notices wait for somebody whom the configuration does not name any more, and are given up: godwit notices --status dead lists them.");
        }

        lock (_lock)
        {
            foreach (string name in names.Where(name => !_sending.TryGetValue(name, out Task? running) || running.IsCompleted))
            {
                _sending[name] = Task.Run(() => AgainAsync(() => SendAsync(name)), CancellationToken.None);
            }
        }
    }

    private async Task SendAsync(string name)
    {
        var sending = new SendNotices(_parts);
        for (int known = Volatile.Read(ref _asked); !_stop.IsCancellationRequested;)
        {
            Task raised = _signal.Raised;
            if (Volatile.Read(ref _asked) is var asked && asked != known)
            {
                known = asked;
                sending.Forget();
            }

            TimeSpan? wait = Find(name) is { } target ? await sending.OneAsync(target, _end.Token, _stop.Token).ConfigureAwait(false) : null;
            if (wait is null)
            {
                await raised.WaitAsync(_stop.Token).ConfigureAwait(false);
            }
            else if (wait > TimeSpan.Zero)
            {
                await ((Task)raised.WaitAsync(wait.Value, _parts.Time, _stop.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private INoticeTarget? Find(string name)
    {
        lock (_lock)
        {
            return _targets.GetValueOrDefault(name);
        }
    }

    /// <summary>Does the work until it is stopped, whatever the ledger does meanwhile.</summary>
    private async Task AgainAsync(Func<Task> work)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _parts.Warn($"Notices are held up: {(e is LedgerException ? e.Message : e)}");
                await Task.Delay(s_again, _parts.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
