using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Backends.Local;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Cli.State;
using Godwit.Storage;
using Godwit.Transfers.Cleanup;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit cleanup URL</c>: what runs that are over left half written, and with <c>--abort</c> its removal.</summary>
internal static class CleanupCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var url = new Argument<string>("URL") { Description = "The directory or prefix that was copied to." };
        Option<bool> abort = SettingOption.Flag("--abort", "Remove the stale ones. Without it nothing is changed.");
        Option<TimeSpan?> olderThan = SettingOption.Of<TimeSpan?>(
            "--older-than", "DURATION", "Only those that were begun this long ago: 12h, 7d.", text => DurationText.Parse(text));
        Option<bool> json = SettingOption.Flag("--json", "One JSON object a line.");
        var command = new Command(
            "cleanup", "Lists uploads that stopped runs of this state directory left half written; removes them with --abort, and never another's.")
        {
            url, abort, olderThan, json,
        };
        var state = StateOptions.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var address = Address.Parse("URL", parsed.GetRequiredValue(url), context.Wiring);
            IStore store = Reach.Dress(Reach.Open(address, address.Path, new LocalOptions(), context.Wiring), StoreSide.Destination, context.Wiring);
            await using ConfiguredAsyncDisposable closingStore = store.ConfigureAwait(false);
            await Reach.RequireRootAsync(store, address, "directory URL", ct).ConfigureAwait(false);
            ILedger? ledger = await PastRuns.OpenAsync(state, parsed, context.Wiring, ct).ConfigureAwait(false);
            try
            {
                var stale = new StaleUploads(store, ledger, LinuxRunHolder.Current(), context.Wiring.Time);
                var found = stale.FindAsync(parsed.GetValue(olderThan) ?? TimeSpan.Zero, parsed.GetValue(abort), ct);
                return (int)await TellAsync(found, parsed.GetValue(json), context).ConfigureAwait(false);
            }
            finally
            {
                if (ledger is not null)
                {
                    await ledger.DisposeAsync().ConfigureAwait(false);
                }
            }
        });
        return command;
    }

    private static async Task<ExitCode> TellAsync(IAsyncEnumerable<FoundUpload> uploads, bool json, CommandContext context)
    {
        var output = ByteOutput.Standard(context.Wiring);
        await using ConfiguredAsyncDisposable flushing = output.ConfigureAwait(false);
        var counts = new Dictionary<UploadState, (long Uploads, long Bytes)>();
        var facts = new ExitFacts();
        await foreach (FoundUpload upload in uploads.ConfigureAwait(false))
        {
            (long before, long bytes) = counts.GetValueOrDefault(upload.State);
            counts[upload.State] = (before + 1, bytes + (upload.Bytes ?? 0));
            if (json)
            {
                output.Json(fields => WriteFields(fields, upload));
            }
            else
            {
                WriteLine(output, upload);
            }

            if (upload.Failure is { } failure)
            {
                facts = await facts.ReportAsync(failure, upload.Path ?? StorePath.Root, context.Error).ConfigureAwait(false);
            }
        }

        if (!json)
        {
            output.Text(SummaryOf(counts));
        }

        return facts.Choose();
    }

    private static void WriteLine(ByteOutput output, FoundUpload upload)
    {
        string holds = upload is { Parts: { } parts, Bytes: { } bytes } ? $"{parts} {(parts == 1 ? "part" : "parts")}, {SizeText.Show(bytes)}" : "";
        output.Text($"{WordOf(upload.State),-8}  {upload.Begun?.ToString() ?? "-",-30}  {holds,-24}  ");
        if (upload.Path is { } path)
        {
            output.Name(path);
        }
        else
        {
            output.Text("(a name that can be no path)");
        }

        output.Text("\n");
    }

    private static void WriteFields(System.Text.Json.Utf8JsonWriter json, FoundUpload upload)
    {
        if (upload.Path is { } path)
        {
            json.WritePath("path", path);
        }

        json.WriteString("state", WordOf(upload.State));
        if (upload.Begun is { } begun)
        {
            json.WriteString("begun", begun.ToString());
        }

        if (upload is { Parts: { } parts, Bytes: { } bytes })
        {
            json.WriteNumber("parts", parts);
            json.WriteNumber("bytes", bytes);
        }

        if (upload.Failure is { } failure)
        {
            json.WriteString("message", failure.Message);
        }
    }

    private static string SummaryOf(Dictionary<UploadState, (long Uploads, long Bytes)> counts)
    {
        (UploadState State, string What)[] told =
        [
            (UploadState.Removed, "removed"),
            (UploadState.Published, "left alone, since the object at its name is, or may yet be, made of it (the bucket's lifecycle rule removes it)"),
            (UploadState.Failed, "stale and could not be removed"),
            (UploadState.Stale, "stale; --abort removes them"),
            (UploadState.Young, "stale and younger than --older-than says"),
            (UploadState.Running, "of a run that is at work now"),
            (UploadState.NotOurs, "not ours: this state directory does not know them, and they are left alone"),
        ];
        string[] parts =
        [
            .. told.Where(one => counts.ContainsKey(one.State)).Select(one => (one.What, Count: counts[one.State]))
                .Select(one => $"{one.Count.Uploads} {one.What}{(one.Count.Bytes > 0 ? $" ({SizeText.Show(one.Count.Bytes)})" : "")}"),
        ];
        return $"uploads under way: {(parts.Length == 0 ? "none" : string.Join("; ", parts))}\n";
    }

    private static string WordOf(UploadState state) => state switch
    {
        UploadState.Stale => "stale",
        UploadState.Young => "young",
        UploadState.Running => "running",
        UploadState.Removed => "removed",
        UploadState.Published => "kept",
        UploadState.Failed => "failed",
        _ => "not-ours",
    };
}
