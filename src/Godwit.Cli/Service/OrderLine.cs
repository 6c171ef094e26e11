using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using Godwit.Cli.Runs;
using Godwit.Server.Engine;

namespace Godwit.Cli.Service;

/// <summary>An order as the command line that it stands for: read by the same definitions, so that names, values and faults are the same.</summary>
internal sealed partial class OrderLine
{
    /// <summary>What a service takes: what says how files are chosen, moved and proved. Not what names files of this machine, and not how its
    /// servers are reached.</summary>
    public static readonly IReadOnlyList<string> Known =
    [
        "bandwidth", "checksum", "compare", "exclude", "exclude-if-present", "filter", "ignore-case", "include", "links", "max-age", "max-depth", "max-size",
        "max-transfer", "memory", "min-age", "min-size", "no-overwrite", "order", "part-size", "parts", "route", "stable-for", "time-budget", "transfers", "verify",
    ];

    private readonly Command _command = new("copy");
    private readonly TransferLine _line;

    public OrderLine() => _line = TransferLine.AddTo(_command);

    /// <summary>What an order means. No server is asked.</summary>
    /// <param name="order">The order.</param>
    /// <param name="wiring">The process.</param>
    /// <param name="faults">Takes what is wrong with it; then nothing is returned.</param>
    /// <param name="ct">Cancels the call.</param>
    public async Task<OrderedTransfer?> ReadAsync(TransferOrder order, Wiring wiring, List<OrderFault> faults, CancellationToken ct)
    {
        faults.AddRange(FaultsOf(order));
        if (faults.Count > 0)
        {
            return null;
        }

        string[] options = [.. order.Options.SelectMany(option => option.Value.Select(value => WordOf(option.Key, value)).OfType<string>())];
        ParseResult parsed = _command.Parse(
            [.. options, "--", order.Source, order.Destination], new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        faults.AddRange(parsed.Errors.Select(error => FaultOf(error.Message, error.SymbolResult)));
        if (faults.Count > 0)
        {
            return null;
        }

        try
        {
            OrderedTransfer read = await _line.ReadAsync(parsed, wiring, policy => policy, ct).ConfigureAwait(false);
            faults.AddRange(((string, Addresses.Address)[])[("source", read.From), ("destination", read.To)] is var ends
                ? ends.Where(end => end.Item2 is { Bucket: null, Server: null, Endpoint: null, Path: not [(byte)'/', ..] }).Select(end => new OrderFault(
                    end.Item1, $"\"{end.Item2}\" is a path of no place that a service knows: write a whole path, an address, or the name of an endpoint and a colon."))
                : []);
            return faults.Count == 0 ? read : null;
        }
        catch (CommandException e)
        {
            faults.AddRange(e.Sentences.Select(sentence => FaultOf(sentence, null)));
            return null;
        }
    }

    private static IEnumerable<OrderFault> FaultsOf(TransferOrder order)
    {
        if (order.Verb != "copy")
        {
            yield return new OrderFault("verb", $"verb is \"{ArgumentText.Show(order.Verb)}\": a service carries out copy, and no other command yet.");
        }

        foreach (string unknown in order.Options.Keys.Where(name => !Known.Contains(name)))
        {
            yield return new OrderFault(
                $"options.{unknown}", $"there is no option \"{ArgumentText.Show(unknown)}\" here. The nearest is {Configuration.NearestWord.To(unknown, Known)}.");
        }

        foreach ((string name, IReadOnlyList<string> values) in order.Options.Where(option => IsFlag(option.Key)))
        {
            if (values is not (["true"] or ["false"]))
            {
                yield return new OrderFault($"options.{name}", $"{name} is true or false.");
            }
        }
    }

    private static bool IsFlag(string name) => name is "no-overwrite" or "ignore-case";

    private static string? WordOf(string name, string value) => !IsFlag(name) ? $"--{name}={value}" : value == "true" ? $"--{name}" : null;

    /// <summary>A sentence, and the field that it is about: the option it belongs to, or else the first that it names.</summary>
    private static OrderFault FaultOf(string sentence, SymbolResult? of)
    {
        string? option = of is OptionResult { Option.Name: ['-', '-', .. var name] } ? name
            : OptionName().Match(sentence) is { Success: true } named && Known.Contains(named.Groups[1].Value) ? named.Groups[1].Value
            : null;
        string field = option is not null ? $"options.{option}"
            : sentence.StartsWith("SRC ", StringComparison.Ordinal) ? "source"
            : sentence.StartsWith("DST ", StringComparison.Ordinal) ? "destination"
            : "";
        return new OrderFault(field, sentence);
    }

    [GeneratedRegex("--([a-z0-9-]+)")]
    private static partial Regex OptionName();
}
