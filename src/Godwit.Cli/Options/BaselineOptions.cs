using System.CommandLine;
using System.Text.Json;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Filters;
using Godwit.Cli.Relay;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Baseline;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Options;

/// <summary>What <c>baseline</c> and <c>resend</c> have in common: two places, a path, and a span of time.</summary>
internal sealed class BaselineOptions
{
    private readonly Argument<string> _source = new("SRC") { Description = "As a copy names it." };
    private readonly Argument<string> _destination;
    private readonly bool _isBox;
    private readonly Option<BoxLayout> _layout = RelayLayout.Option();

    private readonly Option<string?> _path = new("--path")
    {
        HelpName = "P",
        Description = "Only the file or directory of this path below SRC.",
        Arity = ArgumentArity.ExactlyOne,
    };

    private readonly FilterArguments _lists;
    private readonly Option<Timestamp?> _since;
    private readonly Option<Timestamp?> _before;
    private readonly Option<bool> _dryRun = SettingOption.Flag("--dry-run", "Say how many; change nothing.");
    private readonly Option<bool> _json = SettingOption.Flag("--json", "The counts as one JSON object.");

    private BaselineOptions(Command command, string what, TimeProvider time, bool isBox)
    {
        _isBox = isBox;
        _destination = isBox ? RelayCommand.Box() : new Argument<string>("DST") { Description = "As a copy names it." };
        Timestamp? Parse(string text) => Read(text, time);
        _since = SettingOption.Of<Timestamp?>("--since", "TIME", $"Only what was {what} at this moment or later: 2026-03-01T00:00:00Z, or an age: 36h is the last 36 hours.", Parse);
        _before = SettingOption.Of<Timestamp?>("--before", "TIME", $"Only what was {what} before this moment, or longer ago than this age: 1h leaves out the last hour.", Parse);
        command.Add(_source);
        command.Add(_destination);
        foreach (Option option in (Option[])[_path, _since, _before, _dryRun, _json])
        {
            command.Add(option);
        }

        if (isBox)
        {
            command.Add(_layout);
        }

        _lists = FilterArguments.AddListsTo(command);
        State = StateOptions.AddTo(command);
    }

    /// <summary>Where the ledger is.</summary>
    public StateOptions State { get; }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="what">What the times are about: <c>changed</c>, <c>delivered</c>.</param>
    /// <param name="time">Gives the present, for ages.</param>
    /// <param name="isBox">Whether the destination is a drop box.</param>
    public static BaselineOptions AddTo(Command command, string what, TimeProvider time, bool isBox = false) => new(command, what, time, isBox);

    /// <summary>Whether nothing is to be changed.</summary>
    public bool IsDryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    /// <summary>The two places; nothing is written there.</summary>
    /// <exception cref="CommandException">They cannot be used together.</exception>
    public async Task<TransferEnds> FindAsync(ParseResult parsed, BaselineScope scope, Wiring wiring, CancellationToken ct)
    {
        var from = Address.Parse("SRC", parsed.GetRequiredValue(_source), wiring);
        var to = Address.Parse(_destination.Name, parsed.GetRequiredValue(_destination), wiring);
        if (_isBox && parsed.GetValue(_layout) is BoxLayout.CtaIngest and var layout)
        {
            throw RelayLayout.Meaningless("relay resend", layout, "what is in the box or was delivered is told by its state files and by no ledger. What they do not tell of, the next push sends.");
        }

        TransferEnds ends = _isBox
            ? await RelayEnds.IntoAsync(from, to, new DropBoxOptions { CountsDelivered = true, Layout = parsed.GetValue(_layout) }, wiring, ct).ConfigureAwait(false)
            : await TransferEnds.FindAsync(from, to, LinkPolicy.Skip, wiring, ct).ConfigureAwait(false);
        string? fault = (ends.Single, parsed.GetValue(_path), scope.Files) switch
        {
            (not null, not null, _) => "SRC is a single file, and --path is below a directory. Leave out --path.",
            (not null, _, not null) => "SRC is a single file, and --files-from names files below a directory. Name the directory.",
            _ => null,
        };
        return fault is null ? ends : throw new CommandException(ExitCode.Usage, fault);
    }

    /// <summary>Which files are meant.</summary>
    /// <exception cref="CommandException">The path leaves the root, the times leave nothing, or a list cannot be used.</exception>
    public async Task<BaselineScope> ScopeOfAsync(ParseResult parsed, Wiring wiring, CancellationToken ct)
    {
        FileSet? files = (await _lists.ReadAsync(parsed, wiring, columns: false, ct).ConfigureAwait(false)).Files;
        if (files is not null && parsed.GetValue(_path) is not null)
        {
            throw new CommandException(ExitCode.Usage, "--path and --files-from both say which files are meant. Leave out one of them.");
        }

        (Timestamp? since, Timestamp? before) = (parsed.GetValue(_since), parsed.GetValue(_before));
        return since >= before
            ? throw new CommandException(ExitCode.Usage, $"--since {since} is not before --before {before}: nothing can be meant.")
            : new BaselineScope(PathOf(parsed.GetValue(_path)), since, before) { Files = files };
    }

    /// <summary>The span of time that is meant, in words that go before a full stop; empty where all times are.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="scope">What it says.</param>
    /// <param name="what">What the times are about.</param>
    public string SpanOf(ParseResult parsed, BaselineScope scope, string what)
    {
        string[] bounds =
        [
            .. scope.Since is { } since ? [$"at or after {Shown(since, parsed, _since)}"] : Array.Empty<string>(),
            .. scope.Before is { } before ? [$"before {Shown(before, parsed, _before)}"] : Array.Empty<string>(),
        ];
        return bounds.Length == 0 ? "" : $"{what} {string.Join(" and ", bounds)}";
    }

    /// <summary>Says how many, to people or programs.</summary>
    public async Task TellAsync(ParseResult parsed, TextWriter output, string sentence, Action<Utf8JsonWriter> counts)
    {
        if (!parsed.GetValue(_json))
        {
            await output.WriteLineAsync((IsDryRun(parsed) ? "dry run, nothing was changed; " : "") + sentence).ConfigureAwait(false);
            return;
        }

        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, JsonFields.Options))
        {
            json.WriteStartObject();
            json.WriteBoolean("dry_run", IsDryRun(parsed));
            counts(json);
            json.WriteEndObject();
        }

        await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(bytes.ToArray())).ConfigureAwait(false);
    }

    /// <summary>From where to where, for the ledger.</summary>
    public static ReceiptScope PlacesOf(TransferEnds ends, BaselineScope scope)
    {
        (StoreIdentity from, StoreIdentity to) = (ends.SourceIdentity, ends.DestinationIdentity);
        StorePath source = from.Absolute(ends.Single?.Source ?? scope.Path);
        return new ReceiptScope(from.Space, source, to.Space, to.Absolute(ends.Single?.Destination ?? StorePath.Root));
    }

    /// <summary>A moment, and the age that it was given as.</summary>
    private static string Shown(Timestamp moment, ParseResult parsed, Option option)
    {
        string given = parsed.GetResult(option)?.Tokens is [var token, ..] ? token.Value : "";
        string age = given.Contains('-', StringComparison.Ordinal) || given.Length == 0 ? "" : $" ({given} ago)";
        return moment.ToDateTimeOffset().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture) + age;
    }

    private static Timestamp Read(string text, TimeProvider time)
    {
        try
        {
            return FilterAmounts.Moment(text, time.GetUtcNow());
        }
        catch (FormatException e)
        {
            // The sentence goes on after the value.
            throw new FormatException("this " + e.Message, e);
        }
    }

    private static StorePath PathOf(string? text)
    {
        try
        {
            ReadOnlySpan<byte> path = text is null ? default : ArgumentText.ToBytes(text).AsSpan().Trim((byte)'/');
            return StorePath.FromBytes(path.StartsWith("./"u8) ? path[2..] : path);
        }
        catch (StoreException e)
        {
            throw new CommandException(ExitCode.Usage, $"--path is \"{text}\": {e.Message}");
        }
    }
}
