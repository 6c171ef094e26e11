namespace Godwit.Server.Metrics;

/// <summary>A number under the name that rclone gives it, so that dashboards which were made for rclone go on: a sum over the service.</summary>
/// <param name="Name">rclone's name.</param>
/// <param name="Kind">rclone's kind.</param>
/// <param name="Help">What it means here.</param>
/// <param name="Of">Computes it from the sums of the service's own metrics.</param>
internal sealed record RcloneAlias(string Name, MetricKind Kind, string Help, Func<Func<Metric, double>, double> Of)
{
    /// <summary>The one that has labels: the same as <see cref="MetricTable.HttpStatus"/>, whose labels are rclone's.</summary>
    public const string HttpStatusCode = "rclone_http_status_code";

    /// <summary>What that one means.</summary>
    public const string HttpStatusCodeHelp = "The same as godwit_http_status_total.";

    /// <summary>Those that are a sum.</summary>
    public static IReadOnlyList<RcloneAlias> All { get; } =
    [
        Sum("rclone_bytes_transferred_total", MetricTable.BytesTransferred),
        new("rclone_speed", MetricKind.Gauge, "Bytes a second, on average since the service started.", SpeedOf),
        Sum("rclone_errors_total", MetricTable.FilesFailed),
        Sum("rclone_checked_files_total", MetricTable.FilesUnchanged),
        Sum("rclone_files_transferred_total", MetricTable.FilesTransferred),
        Sum("rclone_files_deleted_total", MetricTable.FilesDeleted),
        Sum("rclone_dirs_deleted_total", MetricTable.DirectoriesDeleted),
        Sum("rclone_files_renamed_total", MetricTable.FilesBackedUp),
        Sum("rclone_entries_listed_total", MetricTable.EntriesListed),
        new("rclone_fatal_error", MetricKind.Gauge, "1 while the service cannot carry out transfers: 1 less godwit_ready.", of => 1 - of(MetricTable.Ready)),
        new("rclone_retry_error", MetricKind.Gauge, "1 once a try at a file failed and was made again.", of => of(MetricTable.Retries) > 0 ? 1 : 0),
    ];

    private static RcloneAlias Sum(string name, Metric metric) => new(name, MetricKind.Counter, $"The sum of {metric.Name}.", of => of(metric));

    private static double SpeedOf(Func<Metric, double> of) => of(MetricTable.BytesTransferred) / Math.Max(1, of(MetricTable.Uptime));
}
