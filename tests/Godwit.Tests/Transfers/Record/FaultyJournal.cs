using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Transfers.Record;

/// <summary>A journal with one fault planted in it.</summary>
internal sealed class FaultyJournal(IEventJournal inner) : IEventJournal
{
    /// <summary>By the beginning of the sentence that has to notice.</summary>
    public static IReadOnlyDictionary<string, Func<OpenedSubmissions, OpenedSubmissions>> All { get; } =
        new Dictionary<string, Func<OpenedSubmissions, OpenedSubmissions>>
        {
            ["Events come back"] = opened => opened with { Journal = new FaultyJournal(opened.Journal) { Filter = filter => filter with { Owner = null } } },
            ["Steps, pauses, priorities"] = opened => opened with { Journal = new FaultyJournal(opened.Journal) { SkipsOne = true } },
            ["Whoever waits"] = opened => opened with { Journal = new FaultyJournal(opened.Journal) { IsDeaf = true } },
            ["Whoever reads on"] = opened => opened with { Journal = new FaultyJournal(opened.Journal) { SkipsOne = true } },
            ["No event is written"] = opened => opened with { Journal = new FaultyJournal(opened.Journal) { IsQuiet = true } },
            ["The newest number"] = opened => opened with { Journal = new FaultyJournal(opened.Journal) { IsBehind = true } },
            ["A setting comes back"] = opened => opened with { Settings = new FaultySettings(opened.Settings) },
            ["The audit trail is told"] = opened => opened with { Audit = new FaultyAudit(opened.Audit) },
            ["A schedule comes back"] = opened => opened with { Schedules = new FaultySchedules(opened.Schedules) { Found = one => one with { Window = null } } },
            ["A schedule that is changed"] = opened => opened with { Schedules = new FaultySchedules(opened.Schedules) { Changing = one => one with { IsEnabled = true } } },
            ["A planned time fires once"] = opened => opened with { Schedules = new FaultySchedules(opened.Schedules) { Firing = run => run with { Planned = run.At } } },
            ["What became of planned times"] = opened => opened with { Schedules = new FaultySchedules(opened.Schedules) { Recording = run => run with { Why = null } } },
            ["A run that somebody asked for"] = opened => opened with { Schedules = new FaultySchedules(opened.Schedules) { Recording = run => run with { IsByHand = false } } },
            ["The transfers of a schedule"] = opened => opened with { Schedules = new FaultySchedules(opened.Schedules) { FindsTheLastAlone = true } },
            ["Of a schedule that is removed"] = opened => opened with { Schedules = new FaultySchedules(opened.Schedules) { KeepsAll = true } },
            ["A token comes back"] = opened => opened with { Tokens = new FaultyTokens(opened.Tokens) { Found = token => token with { Expires = null } } },
            ["A token that is taken back"] = opened => opened with { Tokens = new FaultyTokens(opened.Tokens) { Found = token => token with { Revoked = null } } },
        };

    public Task Changed => IsDeaf ? new TaskCompletionSource().Task : inner.Changed;

    private Func<EventFilter, EventFilter> Filter { get; init; } = filter => filter;

    private bool SkipsOne { get; init; }

    private bool IsDeaf { get; init; }

    private bool IsQuiet { get; init; }

    private bool IsBehind { get; init; }

    public async ValueTask AppendAsync(string id, IReadOnlyList<NewEvent> events, CancellationToken ct)
    {
        try
        {
            await inner.AppendAsync(id, events, ct);
        }
        catch (LedgerException) when (IsQuiet)
        {
        }
    }

    public async ValueTask<long> LastAsync(CancellationToken ct) => await inner.LastAsync(ct) - (IsBehind ? 1 : 0);

    public ValueTask<IReadOnlyList<JournalEvent>> ReadAsync(EventFilter filter, long after, int limit, CancellationToken ct) =>
        inner.ReadAsync(Filter(filter), SkipsOne && after == 2 ? 3 : after, limit, ct);

    private sealed class FaultySettings(IServiceSettings inner) : IServiceSettings
    {
        public ValueTask PutAsync(string name, string? text, CancellationToken ct) => text is null ? ValueTask.CompletedTask : inner.PutAsync(name, text, ct);

        public ValueTask<IReadOnlyList<ServiceSetting>> ListAsync(CancellationToken ct) => inner.ListAsync(ct);
    }

    private sealed class FaultyAudit(IAuditTrail inner) : IAuditTrail
    {
        public ValueTask AppendAsync(IReadOnlyList<AuditEntry> entries, CancellationToken ct) => inner.AppendAsync([.. entries.Select(one => one with { Detail = null })], ct);

        public ValueTask<IReadOnlyList<AuditEntry>> ListAsync(long? before, int limit, CancellationToken ct) => inner.ListAsync(before, limit, ct);
    }

    private sealed class FaultyTokens(ITokens inner) : ITokens
    {
        public Func<Token, Token> Found { get; init; } = token => token;

        public ValueTask AddAsync(Token token, CancellationToken ct) => inner.AddAsync(token, ct);

        public async ValueTask<Token?> FindAsync(string id, CancellationToken ct) => await inner.FindAsync(id, ct) is { } token ? Found(token) : null;

        public ValueTask<IReadOnlyList<Token>> ListAsync(string? after, int limit, CancellationToken ct) => inner.ListAsync(after, limit, ct);

        public ValueTask<bool> RevokeAsync(string id, Timestamp when, CancellationToken ct) => inner.RevokeAsync(id, when, ct);
    }
}
