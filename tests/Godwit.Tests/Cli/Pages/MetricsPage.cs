using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Godwit.Cli.Service;
using Godwit.Server.Metrics;

namespace Godwit.Tests.Cli.Pages;

/// <summary><c>docs/metrics.md</c>, from the table that the service makes its instruments from and the files that it brings for Prometheus.</summary>
internal static class MetricsPage
{
    private const string Beginning = """
        # What the service measures

        `GET /metrics` tells it in the text format of Prometheus, to a token of an operator or administrator. This page is written by a test from the table that the
        service makes its instruments from; it is not edited.

        """;

    private static readonly string s_labels = $"""

        ## Labels

        | label | values |
        | --- | --- |
        | `src`, `dst` | endpoints by the names that limits go by: those of the configuration, else the server with the account that the address names (`sftp://user@host`), the bucket (`s3://bucket`) or `file://` |
        | `link` | both in one: `src -> dst` |
        | `protocol` | of the end that is not a directory of the service's machine, the destination's first: `file`, `s3`, `sftp`, `gsiftp`, `root` ... |
        | `phase` | where a file failed: `plan` (the destination could never hold it, so that nothing was tried), `read` (the source's side), `write` (the destination's), `verify` (the bytes are not the same), `unknown` |
        | `cause` | [the word of the failure](exit-codes.md) |
        | `verdict` | `read-back`, `stored`, `on-arrival`, `size-only` |
        | `outcome` | `success`, `partial`, `error`, `canceled` (also: paused, or stopped with the service) |
        | `priority` | 1 to 5 |
        | `endpoint` | an endpoint of the service's interface by its [`operationId`](openapi.json); `none` for what is none. Of a credential: an endpoint of the configuration; `(service)` for the service's own certificate |
        | `host` | a store's server as it is configured, with its port where that is not the usual one; `amazonaws.com` for Amazon's; after the first {AnswerLabels.Most} all others are `{AnswerLabels.Other}` |
        | `method` | `GET`, `HEAD`, `PUT`, `POST`, `DELETE`; `{AnswerLabels.Other}` for anything else |
        | `code` | the status; of the interface 499 where nobody waited for the answer; of a store 0 where no answer came, or nobody waited for it any longer: a try that took too long, a transfer that was canceled |

        Paths, transfers, and who handed them over are in no label. Whoever hands transfers over may name any server; after the first {LinkLabels.Most} links all others are one,
        from `{LinkLabels.Other}` to `{LinkLabels.Other}`. A link at which nothing fails has at most 35 series, and each kind of failure that it has had adds one or two: 200 links are
        7,000 series, and 25,000 if everything has failed everywhere in every way. The interface has about 500.

        Counters begin again with the process, and a series is there from its first event on: a failure is found by
        `x unless x offset 15m` as well as by `increase(x[15m])`, as in the alerts below.

        `godwit_credential_expiry_seconds` is told of what can be read without asking a server or running a program: an X.509 proxy or certificate (the first end in its chain), the
        certificate of an SSH key (`KEY-cert.pub` beside the endpoint's `key-file`), the end of a temporary S3 credential (`AWS_CREDENTIAL_EXPIRATION`; `x_security_token_expires`,
        `aws_expiration`, `aws_session_expiration` or `expiration` in the profile in `~/.aws/credentials`; `exp` of a session token that is a JSON Web Token), and the service's own certificate. What a role or a
        `credential_process` gives is fetched anew in time and not told. Files are read at most once a minute; below {CredentialWatch.Soon.TotalHours:0} hours the service's log has a warning of each, once a day.

        ## What the field has and this has not

        Of the names that transfer services share, `optimizer_decision` is not there, because there is no optimizer: how many transfers and files go at once is what the configuration and the operators
        say, and no program decides it again and again. What stands against a link is told by `godwit_queue_depth`, `godwit_active_transfers` and `godwit_link_paused`. `http_status` is told of S3 alone: SFTP
        has no such numbers, and what GridFTP and XRootD answer is known to libgfal2 only; their failures are in `godwit_retries_total` and `godwit_files_failed_total` by cause.

        ## rclone's names

        Dashboards that were made for rclone go on. Each is a sum over the whole service, but for the last.

        | name | type | meaning |
        | --- | --- | --- |

        """;

    private const string Scraping = """

        ## Prometheus

        A token for it, and where it looks (`packaging/prometheus/scrape.yml`):

            godwit token new prometheus --role operator > /etc/prometheus/godwit.token

        """;

    private const string Alerting = """

        While the ledger does not answer no token can be checked. One that metrics were read with before counts on for them until it expires, so that `godwit_ledger_up` is told.

        Four alerts, each with what to do (`packaging/prometheus/alerts.yml`):

        """;

    private static readonly string s_ending = string.Create(CultureInfo.InvariantCulture, $"""

        ## OpenTelemetry

        Where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector, `godwit serve` sends it the same metrics under the same names (without rclone's), and a span `transfer` for each run of
        a transfer: `godwit.transfer.id`, `godwit.source`, `godwit.destination` (endpoints), `godwit.outcome`, `godwit.files.delivered`, `godwit.files.failed`, `godwit.bytes.sent`; and
        of the last failure of a file `tr_error_category` and `is_recoverable`, as FTS calls them. The other standard variables count, too: `OTEL_EXPORTER_OTLP_PROTOCOL`
        (`grpc` unless it says `http/protobuf`), `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME` (`godwit`), `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_METRIC_EXPORT_INTERVAL`,
        `OTEL_TRACES_SAMPLER`, `OTEL_SDK_DISABLED`. Without an endpoint nothing of it is loaded.

        Below the span of a run each file has a span `file`, and each try at it one below that, `attempt`. They are told when the file ends:

        | attribute | of | what |
        | --- | --- | --- |
        | `godwit.file.outcome` | file | `delivered`, `failed`, or `stopped` with the run |
        | `godwit.file.size`, `godwit.file.attempts` | file | bytes, and tries that began |
        | `godwit.file.route`, `godwit.file.verdict` | file that was delivered | how its bytes went (`stream`, `server`, `third-party` ...), and how it was proved |
        | `godwit.attempt.number` | attempt | 1 for the first |
        | `tr_error_category`, `is_recoverable`, `godwit.side` | what failed | [the word of the failure](exit-codes.md), whether it may pass by itself, and whose side it was |
        | `godwit.file.path` | file | its path at the destination, only with `GODWIT_OTEL_PATHS=1` in the service's environment: whoever reads traces would see names |

        There is an end to it: after {FileSpans.Most:N0} spans a run tells only files that failed or that are larger than 1 GiB, and after {FileSpans.End:N0} none. A collector's queue that is full
        loses spans; the receipts and the events of a transfer lose nothing.

        """);

    /// <summary>The page.</summary>
    public static string Page()
    {
        var page = new StringBuilder(Beginning).Append("\n| name | type | labels | meaning |\n| --- | --- | --- | --- |\n");
        foreach (Metric metric in MetricTable.All)
        {
            string labels = string.Join(", ", metric.Labels.Select(label => $"`{label}`"));
            page.Append($"| `{metric.Name}` | {Word(metric.Kind)} | {labels} | {metric.Help} |\n");
        }

        page.Append(s_labels);
        foreach (RcloneAlias alias in RcloneAlias.All)
        {
            page.Append($"| `{alias.Name}` | {Word(alias.Kind)} | {alias.Help} |\n");
        }

        page.Append($"| `{RcloneAlias.HttpStatusCode}` | counter | {RcloneAlias.HttpStatusCodeHelp} |\n");
        return page.Append(Scraping).Append(Yaml("scrape.yml")).Append(Alerting).Append(Yaml("alerts.yml")).Append(s_ending).ToString();
    }

    private static string Word(MetricKind kind) => kind.ToString().ToLowerInvariant();

    private static string Yaml(string name, [CallerFilePath] string here = "") =>
        $"\n```yaml\n{File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../../../packaging/prometheus", name))}```\n";
}
