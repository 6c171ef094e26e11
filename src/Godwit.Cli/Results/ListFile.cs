namespace Godwit.Cli.Results;

/// <summary>A result file that is written while the command runs and gets its name at the end, whole or not at all.</summary>
internal sealed class ListFile : IAsyncDisposable
{
    private readonly string? _final;
    private readonly string _partial;
    private bool _whole;

    private ListFile(string? final, string partial, Stream stream)
    {
        (_final, _partial) = (final, partial);
        Output = new ByteOutput(stream, terminal: false);
    }

    /// <summary>What is written.</summary>
    public ByteOutput Output { get; }

    /// <summary>Opens a list; <c>-</c> is standard output. A device or a pipe is written to and never replaced.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static async Task<ListFile> OpenAsync(string option, string file, Wiring wiring, CancellationToken ct)
    {
        if (file == "-")
        {
            return new ListFile(null, "", wiring.OpenOutput());
        }

        string whole = Path.GetFullPath(file);
        if (Directory.Exists(whole))
        {
            throw new CommandException(ExitCode.Usage, $"{option} \"{ArgumentText.Show(file)}\" is a directory. Name a file.");
        }

        try
        {
            if (WholeFile.IsDevice(whole))
            {
                // Opening a pipe waits for whoever reads it.
                Stream device = await Task.Run(() => WholeFile.OpenDevice(whole), CancellationToken.None)
                    .WaitAsync(ct).ConfigureAwait(false);
                return new ListFile(null, "", InputFile.IsPipe(file) ? new StoppableOutput(device, ct) : device);
            }

            string partial = $"{whole}.{Guid.NewGuid():N}.partial";
            return new ListFile(whole, partial, new FileStream(partial, FileMode.CreateNew, FileAccess.Write));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"{option} \"{ArgumentText.Show(file)}\" cannot be written: {e.Message}");
        }
    }

    /// <summary>The list is complete.</summary>
    public void Finish() => _whole = true;

    public async ValueTask DisposeAsync()
    {
        await Output.DisposeAsync().ConfigureAwait(false);
        if (_final is not null && _whole)
        {
            File.Move(_partial, _final, overwrite: true);
        }
        else if (_final is not null)
        {
            File.Delete(_partial);
        }
    }
}
