using System.Runtime.CompilerServices;
using System.Text;
using Godwit.Storage;

namespace Godwit.Cli.Doctor;

/// <summary>A small file that is written, read back, compared and deleted, to see whether that works.</summary>
internal sealed class ProbeFile(IStore store)
{
    private const int Bytes = 4096;
    private static readonly TimeSpan s_deletion = TimeSpan.FromSeconds(10);

    private readonly StorePath _path = StorePath.FromText($".godwit-probe-{Guid.NewGuid():N}");

    /// <summary>Tries it. However it ends, also when it is stopped, the file is deleted.</summary>
    public async Task<Finding> TryAsync(CancellationToken ct)
    {
        Finding finding;
        try
        {
            finding = await WriteAndReadAsync(ct).ConfigureAwait(false);
        }
        catch (StoreException e)
        {
            finding = MakeChecks.Of(e);
        }
        catch (OperationCanceledException)
        {
            await DeleteAsync().ConfigureAwait(false);
            throw;
        }

        return await DeleteAsync().ConfigureAwait(false) is { } left
            ? finding with { Outcome = FindingOutcome.Failed, Seen = $"{finding.Seen}; {left}", Remedy = $"Delete it: {_path}" }
            : finding;
    }

    private async Task<Finding> WriteAndReadAsync(CancellationToken ct)
    {
        byte[] line = Encoding.ASCII.GetBytes($"godwit doctor wrote this to see whether it can, and deletes it: {_path}\n");
        byte[] content = [.. Enumerable.Repeat(line, (Bytes / line.Length) + 1).SelectMany(bytes => bytes).Take(Bytes)];
        await store.WriteAsync(_path, WriteSource.From(content), new WriteOptions { CreateOnly = true }, ct).ConfigureAwait(false);
        StoreBody body = await store.OpenReadAsync(_path, ct).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = body.ConfigureAwait(false);
        using var read = new MemoryStream();
        await body.Content.CopyToAsync(read, ct).ConfigureAwait(false);
        return read.ToArray().AsSpan().SequenceEqual(content)
            ? new Finding(FindingOutcome.Ok, $"{Bytes} bytes were written, read back the same, and deleted")
            : new Finding(FindingOutcome.Failed, $"{Bytes} bytes were written, and others were read back", "Do not trust this store before that is explained.");
    }

    private async Task<string?> IsThereAsync(CancellationToken ct)
    {
        try
        {
            return await store.StatAsync(_path, ct).ConfigureAwait(false) is null ? null : $"{_path} is still there";
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            return $"whether {_path} is gone is not known";
        }
    }

    /// <summary>Why the file may still be there; null when it is not.</summary>
    private async Task<string?> DeleteAsync()
    {
        using var limit = new CancellationTokenSource(s_deletion);
        try
        {
            await store.DeleteAsync(_path, limit.Token).ConfigureAwait(false);
            return await store.StatAsync(_path, limit.Token).ConfigureAwait(false) is null ? null : $"{_path} is still there after it was deleted";
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.Forbidden)
        {
            // Where nothing may be written, nothing was.
            return await IsThereAsync(limit.Token).ConfigureAwait(false) is { } why ? $"{why}: {e.Message}" : null;
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            return $"whether {_path} is gone is not known: {e.Message}";
        }
    }
}
