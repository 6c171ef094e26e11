using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Godwit.Cli.State;
using Godwit.Transfers.Plan.Saved;

namespace Godwit.Cli.Plans;

/// <summary>A saved plan. It is read to its end and held against its own checksum before a line of it is carried out.</summary>
internal sealed class PlanFileReader : IDisposable
{
    private readonly string _file;
    private readonly Stream _stream;

    private PlanFileReader(string file, Stream stream) => (_file, _stream, Header, Counts) = (file, stream, null!, null!);

    /// <summary>What it is a plan of.</summary>
    public PlanHeader Header { get; private set; }

    /// <summary>What was counted when it was made.</summary>
    public PlanCounts Counts { get; private set; }

    /// <summary>The plan for the engine; its lines are read while they are carried out.</summary>
    public SavedPlan Plan => new() { Lines = Lines(), Counts = Counts };

    /// <summary>Opens a plan.</summary>
    /// <exception cref="CommandException">It is not there, is no plan, was cut off or changed.</exception>
    public static async Task<PlanFileReader> OpenAsync(string file, Wiring wiring, CancellationToken ct)
    {
        PlanFileReader? reader = null;
        try
        {
            reader = new PlanFileReader(file, await OpenSeekableAsync(file, wiring, ct).ConfigureAwait(false));
            reader.Check();
            return reader;
        }
        catch (Exception e)
        {
            reader?.Dispose();
            throw e switch
            {
                FileNotFoundException or DirectoryNotFoundException =>
                    Wrong(file, "is not there. Make it with --dry-run --plan FILE"),
                IOException or UnauthorizedAccessException => Wrong(file, $"cannot be read: {e.Message.TrimEnd('.')}"),
                JsonException or FormatException or KeyNotFoundException or InvalidOperationException =>
                    Wrong(file, "is no plan of Godwit, or was changed after it was made. Make it again with --dry-run --plan FILE"),
                _ => e,
            };
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>A plan is read twice, and a pipe gives it once.</summary>
    private static async Task<Stream> OpenSeekableAsync(string file, Wiring wiring, CancellationToken ct)
    {
        Stream stream = await InputFile.OpenAsync(Path.GetFullPath(file), wiring, ct).ConfigureAwait(false);
        if (stream.CanSeek)
        {
            return stream;
        }

        Stream scratch = ScratchFile.Open();
        await using (stream.ConfigureAwait(false))
        {
            await stream.CopyToAsync(scratch, ct).ConfigureAwait(false);
        }

        return scratch;
    }

    private void Check()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[]? held = null;
        long lines = -2;
        foreach (byte[] line in RawLines())
        {
            if (held is null)
            {
                RequireHeader(line);
            }
            else
            {
                hash.AppendData(held);
            }

            held = line;
            lines++;
        }

        using var end = JsonDocument.Parse(held ?? "{}"u8.ToArray());
        if (!end.RootElement.TryGetProperty("end", out _) || end.RootElement.GetProperty("lines").GetInt64() != lines)
        {
            throw Wrong(_file, "is cut off: its end is missing. Make it again with --dry-run --plan FILE");
        }

        if (!end.RootElement.GetProperty("sha256").ValueEquals(Convert.ToHexStringLower(hash.GetHashAndReset())))
        {
            throw new FormatException("the checksum differs");
        }

        Counts = PlanFields.ReadCounts(end.RootElement);
    }

    private void RequireHeader(byte[] line)
    {
        using var json = JsonDocument.Parse(line);
        int version = json.RootElement.GetProperty("godwit_plan").GetInt32();
        if (version != PlanHeader.Version)
        {
            throw Wrong(_file, $"has the format {version}, and this Godwit reads {PlanHeader.Version}. Make it again with this one");
        }

        Header = PlanFields.ReadHeader(json.RootElement);
    }

    private IEnumerable<PlannedLine> Lines()
    {
        byte[]? held = null;
        foreach (byte[] line in RawLines().Skip(1))
        {
            if (held is not null)
            {
                using var json = JsonDocument.Parse(held);
                yield return PlanFields.ReadLine(json.RootElement);
            }

            held = line;
        }
    }

    /// <summary>Each line with its end, as it stands in the file.</summary>
    private IEnumerable<byte[]> RawLines()
    {
        _stream.Position = 0;
        using var reader = new StreamReader(_stream, new UTF8Encoding(false, throwOnInvalidBytes: true), false, 64 * 1024, leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            yield return Encoding.UTF8.GetBytes(line + "\n");
        }
    }

    private static CommandException Wrong(string file, string why) => new(ExitCode.Usage, $"The plan \"{file}\" {why}.");
}
