using System.Text.Json;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Record.Submissions;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>Writes the files of one transfer down while they come.</summary>
internal sealed class FileIntake(ISubmissions submissions, string id)
{
    /// <summary>So many files are in memory, and in one transaction.</summary>
    public const int Chunk = 2000;

    private readonly List<ListedFile> _chunk = new(Chunk);
    private readonly FieldFaults _malformed = new(StatusCodes.Status400BadRequest);
    private long _read;

    /// <summary>Takes all of them.</summary>
    /// <exception cref="ProblemException">They cannot be carried out; some may have been written down.</exception>
    public async Task TakeAsync(OrderBody body, CancellationToken ct)
    {
        while (await body.NextFileAsync(ct).ConfigureAwait(false) is { } read)
        {
            using JsonDocument file = read;
            if (OrderFields.File(file.RootElement, $"files[{_read++}].", _malformed) is { } listed)
            {
                _chunk.Add(listed);
            }

            if (_malformed.IsFull || _chunk.Count == Chunk)
            {
                await WriteAsync(ct).ConfigureAwait(false);
            }
        }

        await WriteAsync(ct).ConfigureAwait(false);
        if (_read == 0)
        {
            throw ProblemException.Refused("files", "It names no file. Leave it out for all that is at the source.");
        }

        if (await submissions.FindInTheWayAsync(id, ct).ConfigureAwait(false) is { } found)
        {
            throw ProblemException.Refused(
                "files",
                $"\"{found.File.Source}\" makes \"{found.File.Destination}\" a file, and \"{found.Below.Source}\" needs it as a directory for \"{found.Below.Destination}\". "
                + "Give one of them another name.");
        }
    }

    private async ValueTask WriteAsync(CancellationToken ct)
    {
        _malformed.ThrowIfAny();
        if (_chunk.Count > 0 && await submissions.AddFilesAsync(id, _chunk, ct).ConfigureAwait(false) is { } clash)
        {
            // Within the chunk, or one that was written down before.
            ListedFile? other = await submissions.FindFileAsync(id, clash.Destination, ct).ConfigureAwait(false)
                ?? _chunk.Find(file => file.Destination == clash.Destination);
            long at = _read - _chunk.Count + _chunk.IndexOf(clash);
            throw ProblemException.Refused(
                $"files[{at}].destination",
                $"\"{other?.Source}\" and \"{clash.Source}\" both give \"{clash.Destination}\". Give each file a name of its own.");
        }

        _chunk.Clear();
    }
}
