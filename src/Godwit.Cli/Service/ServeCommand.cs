using System.CommandLine;
using System.Net;
using System.Runtime.CompilerServices;
using Godwit.Cli.Options;

namespace Godwit.Cli.Service;

/// <summary><c>godwit serve</c>: the service that carries out what others hand to it.</summary>
internal static class ServeCommand
{
    private static readonly IPEndPoint s_usual = new(IPAddress.Loopback, 7480);

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Option<IPEndPoint?> listen = SettingOption.Of<IPEndPoint?>("--listen", "ADDRESS:PORT", $"Where it listens; port 0 for a free one. Default: {s_usual}.", Parse);
        Option<string?> data = SettingOption.File(
            "--data", "DIR", "Where it keeps its ledger and what it needs on this machine. Default: $STATE_DIRECTORY, else $XDG_STATE_HOME/godwit/server, else ~/.local/state/godwit/server.");
        Option<string?> database = SettingOption.Of<string?>(
            "--database", "URL", "Keeps the ledger in PostgreSQL (13 or newer) instead: postgres://user@host:port/database. The password is taken from PGPASSWORD or ~/.pgpass, never from here.",
            text => text);
        Option<int?> transfers = SettingOption.Of<int?>("--transfers", "N", "Transfers at once of one endpoint. Default: 8.", text =>
            int.TryParse(text, out int number) && number > 0 ? number : throw new FormatException("write a whole number above 0"));
        Option<TimeSpan?> drain = SettingOption.Of<TimeSpan?>(
            "--drain", "TIME", "How long what goes on may take to end when the service is stopped; then it stops cleanly and goes on when the service starts again. Default: 20s.",
            text => DurationText.Parse(text));
        Option<bool> insecure = SettingOption.Flag("--insecure", "Listen beyond this machine without TLS: tokens and data can be read on the way.");
        Option<LogLevel?> level = SettingOption.OneOf<LogLevel?>(
            "--log-level", "How much it tells on standard error, as JSON lines. Default: info.",
            ("error", LogLevel.Error), ("warn", LogLevel.Warn), ("info", LogLevel.Info), ("debug", LogLevel.Debug));
        var command = new Command(
            "serve", "Runs the service: takes transfers by its API (godwit submit), queues them, carries them out and goes on with them after a crash. Ends on SIGTERM.")
        {
            listen, data, database, transfers, drain, insecure, level,
        };
        command.SetAction((parsed, ct) => RunAsync(
            new ServeSettings(parsed.GetValue(listen) ?? s_usual)
            {
                Data = parsed.GetValue(data),
                Database = parsed.GetValue(database),
                TransfersAtOnce = parsed.GetValue(transfers) ?? 8,
                Drain = parsed.GetValue(drain) ?? TimeSpan.FromSeconds(20),
                IsInsecure = parsed.GetValue(insecure),
                LogLevel = parsed.GetValue(level) ?? LogLevel.Info,
            },
            context,
            ct));
        return command;
    }

    // The server's library is loaded only here: it costs more than a small copy.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<int> RunAsync(ServeSettings settings, CommandContext context, CancellationToken ct) =>
        (int)await new ServeUntilStopped(settings, context).RunAsync(ct).ConfigureAwait(false);

    private static IPEndPoint Parse(string text) => text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out IPEndPoint? read)
        ? read
        : throw new FormatException("write an address and a port, such as 127.0.0.1:7480 or [::]:7480");
}

/// <summary>How a service runs.</summary>
/// <param name="Listen">Where it listens.</param>
internal sealed record ServeSettings(IPEndPoint Listen)
{
    /// <summary>What <c>--data</c> says.</summary>
    public string? Data { get; init; }

    /// <summary>The address of the database that the ledger is in; null for one in the directory.</summary>
    public string? Database { get; init; }

    /// <summary>Transfers at once of one endpoint.</summary>
    public int TransfersAtOnce { get; init; } = 8;

    /// <summary>How long what goes on may take to end.</summary>
    public TimeSpan Drain { get; init; }

    /// <summary>Whether it may listen beyond this machine without TLS.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>How much it tells.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Info;
}
