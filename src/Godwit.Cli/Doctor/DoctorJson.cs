using System.Text;
using System.Text.Json;
using Godwit.Cli.Results;
using Godwit.Storage;

namespace Godwit.Cli.Doctor;

/// <summary>Findings for programs: one JSON object a line, and one with the verdict at the end.</summary>
internal sealed class DoctorJson(CommandContext context) : DoctorOutput
{
    private string _place = "";
    private string? _address;

    public override Task BeginAsync(string place, string? address)
    {
        (_place, _address) = (place, address);
        return Task.CompletedTask;
    }

    public override Task EndAsync(ExitCode code) => LineAsync(json =>
    {
        json.WriteString("verdict", code == ExitCode.Success ? Count(FindingOutcome.Warning) > 0 ? "warning" : "ok" : "failed");
        json.WriteNumber("exit_code", (int)code);
        json.WriteStartObject("totals");
        foreach (FindingOutcome outcome in Enum.GetValues<FindingOutcome>())
        {
            json.WriteNumber(WordOf(outcome), Count(outcome));
        }

        json.WriteEndObject();
    });

    protected override Task WriteAsync(string check, Finding finding) => LineAsync(json =>
    {
        json.WriteString("place", _place);
        if (_address is not null)
        {
            json.WriteString("address", ArgumentText.Show(_address));
        }

        json.WriteString("check", check);
        json.WriteString("outcome", WordOf(finding.Outcome));
        json.WriteString("seen", finding.Seen);
        if (finding.Remedy is not null)
        {
            json.WriteString("remedy", finding.Remedy);
        }
    });

    private async Task LineAsync(Action<Utf8JsonWriter> fields)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, JsonFields.Options))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        await context.Output.WriteLineAsync(Encoding.UTF8.GetString(bytes.ToArray())).ConfigureAwait(false);
        await context.Output.FlushAsync().ConfigureAwait(false);
    }
}
