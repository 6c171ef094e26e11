using System.Text.Json;
using System.Text.Json.Serialization;

namespace Godwit.Server.Api;

internal sealed record VersionAnswer(string Version, string Api);

internal sealed record HealthAnswer(string Status, string? Reason);

internal sealed record PauseAnswer(string By, string Message, string Since);

internal sealed record StepAnswer(int Round, string State, string Entered);

internal sealed record RunAnswer(string Id, int Round, string? Started, string? Ended, string? Outcome, Godwit.Transfers.Record.TransferTotals? Totals);

internal sealed record LinksAnswer(string Self, string Files, string Events, string Log);

/// <summary>A transfer in a list.</summary>
internal record TransferAnswer(
    string Id, string State, int Priority, int Round, string Verb, string Source, string Destination, string Owner, string Project, long Files, string Made)
{
    public string? Why { get; init; }

    public PauseAnswer? Paused { get; init; }

    /// <summary>An operator lets nothing begin between its endpoints.</summary>
    public PauseAnswer? Held { get; init; }

    public string? CancelAsked { get; init; }

    public CallOrderAnswer? Stage { get; init; }

    public CallOrderAnswer? Prepare { get; init; }

    public required LinksAnswer Links { get; init; }
}

/// <summary>All of a transfer.</summary>
internal sealed record WholeTransferAnswer(
    string Id, string State, int Priority, int Round, string Verb, string Source, string Destination, string Owner, string Project, long Files, string Made)
    : TransferAnswer(Id, State, Priority, Round, Verb, Source, Destination, Owner, Project, Files, Made)
{
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Options { get; init; }

    public required IReadOnlyList<StepAnswer> Steps { get; init; }

    public required IReadOnlyList<RunAnswer> Runs { get; init; }

    /// <summary>Who was asked before files were moved; missing where nobody is to be.</summary>
    public IReadOnlyList<CallOutAnswer>? CallOuts { get; init; }

    public Godwit.Transfers.Record.TransferTotals? Totals { get; init; }
}

internal sealed record TransferPage(IReadOnlyList<TransferAnswer> Items, string? Next);

/// <summary>A file of a transfer. Paths are within the stores' spaces where a run tells of it, and below source and destination where it is only named.</summary>
internal sealed record FileAnswer(string State, string Path)
{
    public string? PathBase64 { get; init; }

    public string? SourcePath { get; init; }

    public string? SourcePathBase64 { get; init; }

    public string? Run { get; init; }

    public long? Bytes { get; init; }

    public long? SentBytes { get; init; }

    public string? Verdict { get; init; }

    public string? Route { get; init; }

    public IReadOnlyDictionary<string, string>? Checksums { get; init; }

    public string? Expected { get; init; }

    public string? Delivered { get; init; }

    public AttemptAnswer? Failure { get; init; }
}

internal sealed record FilePage(IReadOnlyList<FileAnswer> Items, string? Next);

internal sealed record AttemptAnswer(string Run, int Number, string Kind, string Side, string Message, bool MayPass, bool Final, string Ended);

internal sealed record AttemptPage(IReadOnlyList<AttemptAnswer> Items, string? Next);

internal sealed record LimitAnswer(string? Endpoint, string? Source, string? Destination, int? Transfers, int? Files, long? BytesPerSecond)
{
    public PauseAnswer? Pause { get; init; }
}

internal sealed record LimitPage(IReadOnlyList<LimitAnswer> Items);

/// <summary>A token; its text is told once, when it is made.</summary>
internal sealed record TokenAnswer(
    string Id, string Subject, string Project, IReadOnlyList<string> Roles, string Made, string? Expires, string? Revoked)
{
    public string? Token { get; init; }
}

internal sealed record TokenPage(IReadOnlyList<TokenAnswer> Items, string? Next);

internal sealed record SelfAnswer(string Subject, string Project, IReadOnlyList<string> Roles, string Credential);

internal sealed record AuditAnswer(long Number, string Time, string Subject, string Credential, string Origin, string Action, string Target, int Status, string? Detail);

internal sealed record AuditPage(IReadOnlyList<AuditAnswer> Items, string? Next);

/// <summary>What is told of a transfer that ended.</summary>
internal sealed record NoticeAnswer(
    string Id, string State, string Target, string Transfer, int Round, string TransferState, string Ended, string Made, int Tries, string? Next, string? Fault,
    string? Delivered, string? Dead);

internal sealed record NoticePage(IReadOnlyList<NoticeAnswer> Items, string? Next);

internal sealed record EventAnswer(long Id, JsonElement Event);

internal sealed record EventPage(IReadOnlyList<EventAnswer> Items, long Next);

/// <summary>A schedule; the moments are in UTC.</summary>
internal sealed record ScheduleAnswer(
    string Id, string Name, string Owner, string Project, string Cron, string Zone, string? Window, string Missed, bool Enabled, string Verb, string Source,
    string Destination, int Priority, string Made)
{
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Options { get; init; }

    public required IReadOnlyList<string> Next { get; init; }

    public CallOrderAnswer? Stage { get; init; }

    public CallOrderAnswer? Prepare { get; init; }

    public string? LastTransfer { get; init; }
}

internal sealed record SchedulePage(IReadOnlyList<ScheduleAnswer> Items, string? Next);

/// <summary>What became of a planned time: started, skipped, missed or refused.</summary>
internal sealed record ScheduleRunAnswer(string Planned, string At, string End, bool ByHand)
{
    public string? Transfer { get; init; }

    public string? Why { get; init; }
}

internal sealed record ScheduleRunPage(IReadOnlyList<ScheduleRunAnswer> Items, string? Next);

/// <summary>How answers are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(TransferAnswer))]
[JsonSerializable(typeof(WholeTransferAnswer))]
[JsonSerializable(typeof(TransferPage))]
[JsonSerializable(typeof(FilePage))]
[JsonSerializable(typeof(AttemptPage))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(LimitAnswer))]
[JsonSerializable(typeof(LimitPage))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(TokenPage))]
[JsonSerializable(typeof(SelfAnswer))]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(ScheduleAnswer))]
[JsonSerializable(typeof(SchedulePage))]
[JsonSerializable(typeof(ScheduleRunAnswer))]
[JsonSerializable(typeof(ScheduleRunPage))]
[JsonSerializable(typeof(NoticeAnswer))]
[JsonSerializable(typeof(NoticePage))]
[JsonSerializable(typeof(CallbackAnswer))]
internal sealed partial class ApiJson : JsonSerializerContext;
