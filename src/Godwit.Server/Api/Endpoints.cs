using Godwit.Server.Metrics;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>One endpoint: what the router, the rules and the document know it by.</summary>
/// <param name="Name">Its name in <see cref="Access.Rules"/> and in the document.</param>
/// <param name="Method">The verb.</param>
/// <param name="Path">Its path.</param>
/// <param name="Summary">What it does, in a sentence.</param>
/// <param name="AnswerAsync">Answers a request.</param>
internal sealed record ApiEndpoint(string Name, string Method, string Path, string Summary, Func<Call, Task> AnswerAsync)
{
    /// <summary>The schema of what it answers; null for none, or for a form of its own.</summary>
    public string? Answers { get; init; }

    /// <summary>The status of success.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>The schema of what it is sent; null for nothing.</summary>
    public string? Takes { get; init; }

    /// <summary>The names in its query.</summary>
    public IReadOnlyList<string> Query { get; init; } = [];

    /// <summary>What it answers where that is no JSON.</summary>
    public string? ContentType { get; init; }
}

/// <summary>Every endpoint that there is.</summary>
internal static class Endpoints
{
    private const string Transfers = "/api/v1/transfers";
    private const string One = Transfers + "/{id}";
    private const string Schedules = "/api/v1/schedules";
    private const string OneSchedule = Schedules + "/{schedule}";

    public static IReadOnlyList<ApiEndpoint> All { get; } =
    [
        new("health", "GET", "/healthz", "Whether the process answers.", Health.AliveAsync) { Answers = "Health" },
        new("readiness", "GET", "/readyz", "Whether transfers are taken; 503 with the reason where not.", Health.ReadyAsync) { Answers = "Health" },
        new("version", "GET", "/api/v1/version", "The program's version.", Health.VersionAsync) { Answers = "Version" },
        new("read_openapi", "GET", "/api/v1/openapi.json", "This document.", OpenApiDocument.AnswerAsync) { ContentType = "application/json" },
        new("metrics", "GET", "/metrics", "What the service measures of itself, as Prometheus reads it.", MetricsCall.AnswerAsync) { ContentType = "text/plain" },
        new("create_transfer", "POST", Transfers, "Hands over a transfer. With Idempotency-Key, the same request again gives the same transfer.", CreateTransfer.AnswerAsync)
        {
            Takes = "NewTransfer", Answers = "Transfer", Status = StatusCodes.Status201Created,
        },
        new("list_transfers", "GET", Transfers, "Transfers, newest first.", ReadTransfers.ListAsync)
        {
            Answers = "TransferPage", Query = ["state", "project", "owner", "cursor", "limit"],
        },
        new("read_transfer", "GET", One, "All of a transfer.", ReadTransfers.OneAsync) { Answers = "Transfer" },
        new("change_transfer", "PATCH", One, "Gives a transfer another priority.", ChangeTransfer.PatchAsync) { Takes = "TransferChange", Answers = "Transfer" },
        new("cancel_transfer", "POST", One + "/cancel", "Cancels a transfer; 200 where it has ended.", ChangeTransfer.CancelAsync)
        {
            Answers = "Transfer", Status = StatusCodes.Status202Accepted,
        },
        new("pause_transfer", "POST", One + "/pause", "Pauses a transfer; what is under way stops cleanly.", ChangeTransfer.PauseAsync)
        {
            Takes = "Pause", Answers = "Transfer", Status = StatusCodes.Status202Accepted,
        },
        new("resume_transfer", "POST", One + "/resume", "Goes on with a transfer that is paused.", ChangeTransfer.ResumeAsync)
        {
            Answers = "Transfer", Status = StatusCodes.Status202Accepted,
        },
        new("retry_transfer", "POST", One + "/retry", "Tries again what was not delivered, in a new round.", ChangeTransfer.RetryAsync)
        {
            Answers = "Transfer", Status = StatusCodes.Status202Accepted,
        },
        new("list_files", "GET", One + "/files", "The files of a transfer that are in one state: delivered, failed, under-way or queued.", Files.ListAsync)
        {
            Answers = "FilePage", Query = ["state", "cursor", "limit"],
        },
        new("list_attempts", "GET", One + "/attempts", "Every try at a file that was in vain.", Files.AttemptsAsync)
        {
            Answers = "AttemptPage", Query = ["path", "path_base64", "cursor", "limit"],
        },
        new("read_log", "GET", One + "/log", "What happened to a transfer, page by page.", Events.LogAsync) { Answers = "EventPage", Query = ["after", "limit"] },
        new("follow_transfer", "GET", One + "/events", "What happened to a transfer and what happens, as server-sent events.", Events.FollowOneAsync)
        {
            Query = ["after"], ContentType = "text/event-stream",
        },
        new("create_schedule", "POST", Schedules, "Makes a schedule: a transfer that is handed over at planned times.", CreateSchedule.AnswerAsync)
        {
            Takes = "NewSchedule", Answers = "Schedule", Status = StatusCodes.Status201Created,
        },
        new("list_schedules", "GET", Schedules, "Schedules, in the order in which they were made.", ScheduleCalls.ListAsync)
        {
            Answers = "SchedulePage", Query = ["name", "project", "owner", "cursor", "limit"],
        },
        new("read_schedule", "GET", OneSchedule, "All of a schedule, and when it fires next.", ScheduleCalls.OneAsync) { Answers = "Schedule" },
        new("change_schedule", "PATCH", OneSchedule, "Changes when a schedule fires, and with which priority; not what it transfers.", ChangeSchedule.PatchAsync)
        {
            Takes = "ScheduleChange", Answers = "Schedule",
        },
        new("remove_schedule", "DELETE", OneSchedule, "Forgets a schedule and its runs. The transfers that it began stay.", ChangeSchedule.RemoveAsync) { Answers = "Schedule" },
        new("list_schedule_runs", "GET", OneSchedule + "/runs", "What became of the planned times of a schedule, newest first.", ScheduleCalls.RunsAsync)
        {
            Answers = "ScheduleRunPage", Query = ["cursor", "limit"],
        },
        new("run_schedule", "POST", OneSchedule + "/run", "Hands a schedule's transfer over now; 409 where the one before goes on.", ChangeSchedule.RunAsync)
        {
            Answers = "ScheduleRun", Status = StatusCodes.Status202Accepted,
        },
        new("list_limits", "GET", "/api/v1/limits", "What operators have set of endpoints and links.", PlaceLimits.ListAsync) { Answers = "LimitPage" },
        new("set_limit", "PUT", "/api/v1/limits", "Sets what an endpoint or a link may take, as a whole; it counts at once. What is missing is as configured.", PlaceLimits.SetAsync)
        {
            Takes = "Limit", Answers = "Limit",
        },
        new("read_self", "GET", "/api/v1/self", "Who the caller is, and what he may do.", TokenCalls.SelfAsync) { Answers = "Self" },
        new("create_token", "POST", "/api/v1/tokens", "Makes a token. Its text is told here and never again.", TokenCalls.CreateAsync)
        {
            Takes = "NewToken", Answers = "Token", Status = StatusCodes.Status201Created,
        },
        new("list_tokens", "GET", "/api/v1/tokens", "Tokens, those that were taken back, too; never their text.", TokenCalls.ListAsync)
        {
            Answers = "TokenPage", Query = ["cursor", "limit"],
        },
        new("revoke_token", "DELETE", "/api/v1/tokens/{token}", "Takes a token back; it counts no more from now on.", TokenCalls.RevokeAsync) { Answers = "Token" },
        new("list_audit", "GET", "/api/v1/audit", "Who changed what, and who was refused; newest first.", AuditCalls.ListAsync)
        {
            Answers = "AuditPage", Query = ["cursor", "limit"],
        },
        new("list_notices", "GET", "/api/v1/notices", "What is told of transfers that ended, newest first; state is waiting, delivered or dead.", NoticeCalls.ListAsync)
        {
            Answers = "NoticePage", Query = ["state", "cursor", "limit"],
        },
        new("retry_notice", "POST", "/api/v1/notices/{notice}/retry", "Tries a notice again at once that was given up, or that waits.", NoticeCalls.RetryAsync)
        {
            Answers = "Notice", Status = StatusCodes.Status202Accepted,
        },
        new("call_back", "POST", "/api/v1/callbacks/{call}", "Answers a call-out: what was asked for is ready, or failed. With the code that came with it.", CallBack.AnswerAsync)
        {
            Takes = "Callback", Answers = "CallbackTaken",
        },
        new("follow_all", "GET", "/api/v1/events", "What happened to all transfers and what happens, as server-sent events.", Events.FollowAllAsync)
        {
            Query = ["after"], ContentType = "text/event-stream",
        },
    ];
}
