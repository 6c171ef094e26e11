namespace Godwit.Server.Metrics;

/// <summary>Every metric that there is.</summary>
internal static class MetricTable
{
    public static readonly Metric BytesTransferred = new(
        "godwit_bytes_transferred_total", MetricKind.Counter, "By", "Bytes that were sent, those of tries that failed later, too.", "src", "dst", "protocol");

    public static readonly Metric FilesTransferred = new(
        "godwit_files_transferred_total", MetricKind.Counter, "{file}", "Files that were delivered: proved, under their final name, with a receipt.", "src", "dst", "protocol");

    public static readonly Metric FilesFailed = new(
        "godwit_files_failed_total", MetricKind.Counter, "{file}", "Files that a run gave up.", "src", "dst", "phase", "cause");

    public static readonly Metric ChecksumMismatches = new(
        "godwit_checksum_mismatch_total", MetricKind.Counter, "{try}", "Tries at a file whose bytes at the destination were not the source's.", "src", "dst");

    public static readonly Metric Verdicts = new(
        "godwit_verify_verdict_total", MetricKind.Counter, "{file}", "Delivered files by how they were proved.", "verdict");

    public static readonly Metric Retries = new(
        "godwit_retries_total", MetricKind.Counter, "{try}", "Tries at a file that failed and were made again.", "src", "dst", "cause");

    public static readonly Metric FilesUnchanged = new(
        "godwit_files_unchanged_total", MetricKind.Counter, "{file}", "Files that were at the destination already; counted when a run ends.", "src", "dst");

    public static readonly Metric EntriesListed = new(
        "godwit_entries_listed_total", MetricKind.Counter, "{entry}", "Entries of sources that runs decided about; counted when a run ends.", "src", "dst");

    public static readonly Metric FilesDeleted = new(
        "godwit_files_deleted_total", MetricKind.Counter, "{file}", "Files and links that were deleted, at either end.", "src", "dst");

    public static readonly Metric DirectoriesDeleted = new(
        "godwit_directories_deleted_total", MetricKind.Counter, "{directory}", "Directories that were deleted, at either end.", "src", "dst");

    public static readonly Metric FilesBackedUp = new(
        "godwit_files_backed_up_total", MetricKind.Counter, "{file}", "Files that were put aside before they were replaced or deleted.", "src", "dst");

    public static readonly Metric RunsEnded = new(
        "godwit_runs_ended_total", MetricKind.Counter, "{run}", "Runs of transfers by how they ended; those that never reached their stores, too.", "src", "dst", "outcome");

    public static readonly Metric TransferDuration = new(
        "godwit_transfer_duration_seconds", MetricKind.Histogram, "s", "How long runs of transfers took, however they ended.", "src", "dst")
    {
        Bounds = [1, 5, 15, 60, 300, 900, 3600, 10_800, 43_200, 86_400],
    };

    public static readonly Metric LeasesLost = new(
        "godwit_lease_lost_total", MetricKind.Counter, "{run}", "Runs that stopped because another run had taken over their destination.");

    public static readonly Metric QueueDepth = new(
        "godwit_queue_depth", MetricKind.Gauge, "{transfer}", "Transfers that wait for their turn.", "src", "dst", "link", "priority");

    public static readonly Metric QueueAge = new(
        "godwit_queue_age_seconds", MetricKind.Gauge, "s", "How long the transfer has waited that waits longest, since this process put it into the queue; 0 when none waits.");

    public static readonly Metric QueueBlocked = new(
        "godwit_queue_blocked", MetricKind.Gauge, "{transfer}", "Transfers that wait for another run at their destination, or for the ledger.");

    public static readonly Metric ActiveTransfers = new(
        "godwit_active_transfers", MetricKind.Gauge, "{transfer}", "Transfers that are being carried out.", "src", "dst", "link");

    public static readonly Metric LinkPaused = new(
        "godwit_link_paused", MetricKind.Gauge, "1", "1 where an operator lets nothing begin on the link or at one of its endpoints.", "src", "dst", "link");

    public static readonly Metric StagingRequests = new(
        "godwit_staging_requests", MetricKind.Gauge, "{transfer}",
        "Transfers that a stager or preparer is to make ready: waiting for their turn, asked and not acknowledged, or acknowledged.", "stage", "by", "state");

    public static readonly Metric StagingEnded = new(
        "godwit_staging_ended_total", MetricKind.Counter, "{transfer}", "Call-outs by how they ended: ready, failed, refused, late or canceled.", "stage", "by", "outcome");

    public static readonly Metric HttpStatus = new(
        "godwit_http_status_total", MetricKind.Counter, "{request}", "Requests to stores that speak HTTP (S3), each try by itself, by what was answered; 0 where nothing was.", "host", "method", "code");

    public static readonly Metric CredentialExpiry = new(
        "godwit_credential_expiry_seconds", MetricKind.Gauge, "s", "How long the credential of a configured endpoint is still valid, negative once it is not; not there where nobody knows.", "endpoint");

    public static readonly Metric LedgerBytes = new(
        "godwit_ledger_bytes", MetricKind.Gauge, "By", "How large the ledger is: its file with its log, or the whole database that it is in.");

    public static readonly Metric LedgerUp = new(
        "godwit_ledger_up", MetricKind.Gauge, "1", "1 when the ledger answers, 0 when it does not: then nothing can be carried out.");

    public static readonly Metric Ready = new(
        "godwit_ready", MetricKind.Gauge, "1", "1 when the service takes transfers and carries them out, as /readyz says.");

    public static readonly Metric ApiRequests = new(
        "godwit_api_requests_total", MetricKind.Counter, "{request}", "Requests of the service's interface by endpoint and status.", "endpoint", "code");

    public static readonly Metric ApiDuration = new(
        "godwit_api_request_duration_seconds", MetricKind.Histogram, "s", "How long answers took; streams of events, which last as long as somebody listens, are left out.", "endpoint")
    {
        Bounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
    };

    public static readonly Metric Uptime = new("godwit_uptime_seconds", MetricKind.Gauge, "s", "How long the service has run.");

    public static readonly Metric BuildInfo = new("godwit_build_info", MetricKind.Gauge, "1", "Always 1; the label has the program's version.", "version");

    public static readonly Metric ProcessStart = new(
        "process_start_time_seconds", MetricKind.Gauge, "s", "When the process started, in seconds since 1970.");

    public static readonly Metric ProcessMemory = new("process_resident_memory_bytes", MetricKind.Gauge, "By", "Memory of the machine that the process uses.");

    public static readonly Metric ProcessCpu = new("process_cpu_seconds_total", MetricKind.Counter, "s", "Processor time that the process used.");

    /// <summary>All of them, in the order in which they are told.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        BytesTransferred, FilesTransferred, FilesFailed, ChecksumMismatches, Verdicts, Retries, FilesUnchanged, EntriesListed, FilesDeleted, DirectoriesDeleted,
        FilesBackedUp, RunsEnded, TransferDuration, LeasesLost, QueueDepth, QueueAge, QueueBlocked, ActiveTransfers, LinkPaused, StagingRequests, StagingEnded,
        HttpStatus, CredentialExpiry, LedgerUp, LedgerBytes, Ready, ApiRequests, ApiDuration, Uptime, BuildInfo, ProcessStart, ProcessMemory, ProcessCpu,
    ];
}
