namespace Godwit.Cli.Results;

/// <summary>A result file that is written while the command runs and gets its name at the end, whole or not at all.</summary>
internal sealed class ListFile : IAsyncDisposable
{
    private readonly string _shown;
    private readonly string? _final;
    private readonly string _partial;
    private readonly ByteOutput _output;
    private bool _isClosed;

    private ListFile(string shown, string? final, string partial, Stream stream)
    {
        (_shown, _final, _partial) = (shown, final, partial);
        _output = new ByteOutput(stream, terminal: false);
    }

    /// <summary>Opens a list; <c>-</c> is standard output. A device or a pipe is written to and never replaced.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static async Task<ListFile> OpenAsync(string option, string file, Wiring wiring, CancellationToken ct)
    {
        if (file == "-")
        {
            return new ListFile("", null, "", wiring.OpenOutput());
        }

        string shown = $"{option} \"{ArgumentText.Show(file)}\"";
        string whole = Path.GetFullPath(file);
        if (Directory.Exists(whole))
        {
            throw new CommandException(ExitCode.Usage, $"{shown} is a directory. Name a file.");
        }

        try
        {
            if (WholeFile.IsDevice(whole))
            {
                // Opening a pipe waits for whoever reads it.
                Stream device = await Task.Run(() => WholeFile.OpenDevice(whole), CancellationToken.None)
                    .WaitAsync(ct).ConfigureAwait(false);
                return new ListFile(shown, null, "", InputFile.IsPipe(file) ? new StoppableOutput(device, ct) : device);
            }

            string place = WholeFile.PlaceOf(whole);
            string partial = $"{place}.{Guid.NewGuid():N}.partial";
            return new ListFile(shown, place, partial, new FileStream(partial, FileMode.CreateNew, FileAccess.Write));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"{shown} cannot be written: {e.Message}");
        }
    }

    /// <summary>Writes to it.</summary>
    /// <param name="write">Writes one thing.</param>
    /// <param name="one">That thing.</param>
    /// <exception cref="CommandException">It cannot be written on.</exception>
    public void Write<T>(Action<ByteOutput, T> write, T one)
    {
        try
        {
            write(_output, one);
        }
        catch (Exception e) when (IsOfTheDisk(e) && _shown.Length > 0)
        {
            throw Failure(e);
        }
    }

    /// <summary>The list is complete: it gets its name.</summary>
    /// <param name="old">The list in whose place it comes; null where there is none.</param>
    /// <returns>What is to be said of the old one; null for nothing.</returns>
    /// <exception cref="CommandException">It cannot be written to its end; what was there before is still there.</exception>
    public async Task<string?> FinishAsync(OldList? old)
    {
        try
        {
            _isClosed = true;
            await _output.DisposeAsync().ConfigureAwait(false);
            if (_final is null)
            {
                return null;
            }

            ListMark.Put(_partial);
            string? note = old?.KeepUnknown();
            File.Move(_partial, _final, overwrite: true);
            return note;
        }
        catch (Exception e) when (IsOfTheDisk(e) && _shown.Length > 0)
        {
            throw Failure(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_isClosed)
            {
                await _output.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            // It is told already why the list is not complete.
        }
        finally
        {
            if (_final is not null)
            {
                File.Delete(_partial);
            }
        }
    }

    /// <summary>What the runtime makes of a disk or a limit that takes no more: of a file that is too long, a wrong argument.</summary>
    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>The runtime's message may name a file that is gone by then.</summary>
    private CommandException Failure(Exception e)
    {
        int name = e.Message.IndexOf(e is ArgumentException ? " (" : " : '", StringComparison.Ordinal);
        string why = (name < 0 ? e.Message : e.Message[..name]).TrimEnd('.');
        return new CommandException(ExitCode.Other, $"{_shown} could not be written: {why}. Make room, or name another file.");
    }
}
