using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Godwit.Cli.Configuration;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers.Plan.Filters;
using Godwit.Transfers.Plan.Listed;

namespace Godwit.Cli.Client;

/// <summary><c>godwit submit SRC DST</c>: hands a copy to a service, which carries it out whatever becomes of this terminal.</summary>
internal sealed class SubmitCommand
{
    private readonly CommandContext _context;
    private readonly OrderArguments _order;

    private readonly Option<string?> _filesFrom = SettingOption.File(
        "--files-from", "FILE", "The files to move, one a line, with up to three columns apart by tabs: path at SRC, path at DST, checksum; - is standard input.");

    private readonly Option<string?> _filesFrom0 = SettingOption.File("--files-from0", "FILE", "As --files-from, with NUL in place of line ends.");

    private readonly Option<string?> _key = SettingOption.Of<string?>(
        "--key", "KEY", "What the request is called: the same one with the same key is carried out once, however often it is sent.", SettingText.NotEmpty);

    private readonly Option<bool> _wait = SettingOption.Flag("--wait", "Stay until it has ended, and end with its exit code.");
    private readonly Option<bool> _json = SettingOption.Flag("--json", "What the service answers, as JSON.");
    private readonly ServerOptions _server;

    private SubmitCommand(Command command, CommandContext context)
    {
        _context = context;
        _order = OrderArguments.AddTo(command);
        foreach (Option option in (Option[])[_filesFrom, _filesFrom0, _key, _wait, _json])
        {
            command.Add(option);
        }

        _server = ServerOptions.AddTo(command);
    }

    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var command = new Command("submit", "Hands a copy to a service (godwit serve), which carries it out. Writes its id. Exit 0 when it is accepted; with --wait as it ends. Variables and defaults count as the service has them.");
        var submit = new SubmitCommand(command, context);
        command.SetAction(submit.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        _order.Require(parsed);
        using ServiceClient service = _server.Open(parsed, _context.Wiring);
        IReadOnlyList<ListedFile>? files = await ReadListAsync(parsed, ct).ConfigureAwait(false);
        using var body = new MemoryStream();
        WriteOrder(body, parsed, files);
        var handing = new HandOver(service, body.GetBuffer().AsMemory(0, (int)body.Length), files is null ? "application/json" : "application/x-ndjson", _context.Error);
        string key = parsed.GetValue(_key) ?? Guid.NewGuid().ToString("N");
        JsonElement answer = await handing.SendAsync(key, parsed.GetValue(_wait), ct).ConfigureAwait(false);
        var transfer = new TransferView(answer);
        await _context.Output.WriteLineAsync(parsed.GetValue(_json) ? answer.GetRawText() : transfer.Id).ConfigureAwait(false);
        return (int)(parsed.GetValue(_wait) ? await WaitForEnd.RunAsync(service, transfer.Id, _context.Error, ct).ConfigureAwait(false) : ExitCode.Success);
    }

    private void WriteOrder(Stream body, ParseResult parsed, IReadOnlyList<ListedFile>? files)
    {
        using (var json = new Utf8JsonWriter(body, JsonFields.Options))
        {
            json.WriteStartObject();
            _order.Write(json, parsed);
            json.WriteEndObject();
        }

        foreach (ListedFile file in files ?? [])
        {
            body.WriteByte((byte)'\n');
            using var json = new Utf8JsonWriter(body, JsonFields.Options);
            WriteFile(json, file);
        }
    }

    private static void WriteFile(Utf8JsonWriter json, ListedFile file)
    {
        json.WriteStartObject();
        json.WritePath("source", file.Source);
        if (file.Destination != file.Source)
        {
            json.WritePath("destination", file.Destination);
        }

        if (file.Expected is { } expected)
        {
            json.WriteString("checksum", $"{Checksum.NameOf(expected.Kind)}:{Convert.ToHexStringLower(expected.Value)}");
        }

        json.WriteEndObject();
    }

    private async Task<IReadOnlyList<ListedFile>?> ReadListAsync(ParseResult parsed, CancellationToken ct)
    {
        (string? lines, string? nuls) = (parsed.GetValue(_filesFrom), parsed.GetValue(_filesFrom0));
        if ((lines ?? nuls) is not { } file)
        {
            return null;
        }

        try
        {
            Stream list = await InputFile.OpenAsync(file, _context.Wiring, ct).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable _ = list.ConfigureAwait(false);
            IReadOnlyList<ListedFile> read = lines is not null
                ? await PathList.ReadLinesAsync(list, ct).ConfigureAwait(false)
                : await PathList.ReadNulAsync(list, ct).ConfigureAwait(false);
            return read.Count > 0 ? read : throw new FormatException("it names no file");
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"{(lines is not null ? "--files-from" : "--files-from0")} \"{ArgumentText.Show(file)}\" cannot be read: {e.Message.TrimEnd('.')}.");
        }
    }
}
