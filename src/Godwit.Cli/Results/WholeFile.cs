namespace Godwit.Cli.Results;

/// <summary>Writes a result file so that a reader sees the old one or the whole new one, also after a power failure.</summary>
internal static class WholeFile
{
    /// <summary>Finds out before a long run whether the file can be written at its end.</summary>
    /// <param name="option">The option that names the file.</param>
    /// <param name="file">The file; null where none is asked for.</param>
    /// <exception cref="CommandException">It cannot.</exception>
    public static void Require(string option, string? file)
    {
        string whole = PlaceOf(file ?? "/dev/null");
        RequireNoPipe(option, file);
        if (IsDevice(whole))
        {
            return;
        }

        if (Directory.Exists(whole) || !Directory.Exists(Path.GetDirectoryName(whole)))
        {
            string why = Directory.Exists(whole) ? "that is a directory" : "the directory that would hold it is not there";
            throw new CommandException(ExitCode.Usage, $"{option} \"{file}\" cannot be written: {why}. Make it, or name another file.");
        }

        try
        {
            using var probe = new FileStream(
                PartialOf(whole), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Usage, $"{option} \"{file}\" cannot be written: this user cannot make files in its directory. Name another file.");
        }
    }

    /// <summary>Refuses a pipe: opening it would wait for whoever reads it, for ever where nobody does. What this process has open already, such as
    /// <c>/dev/stdout</c> or a shell's <c>&gt;(...)</c>, is none of these.</summary>
    /// <exception cref="CommandException">It is one.</exception>
    public static void RequireNoPipe(string option, string? file)
    {
        if (file is not null && InputFile.IsNamedPipe(file))
        {
            throw new CommandException(
                ExitCode.Usage, $"{option} \"{ArgumentText.Show(file)}\" cannot be written: that is a pipe. Name a file, or /dev/stdout to write into a pipeline.");
        }
    }

    /// <summary>Writes the file.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="write">Writes what it is to hold.</param>
    /// <param name="beforeReplace">Called with the name that it has meanwhile, when all is written.</param>
    /// <exception cref="IOException">It cannot be written; what was there before is still there.</exception>
    public static async Task WriteAsync(string file, Func<Stream, Task> write, Action<string>? beforeReplace = null)
    {
        string whole = PlaceOf(file);

        // A device or a pipe, such as /dev/stdout, is written to and never replaced.
        if (IsDevice(whole))
        {
            Stream device = OpenDevice(whole);
            await using (device.ConfigureAwait(false))
            {
                await write(device).ConfigureAwait(false);
            }

            return;
        }

        string partial = PartialOf(whole);
        try
        {
            var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024);
            await using (stream.ConfigureAwait(false))
            {
                await write(stream).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            beforeReplace?.Invoke(partial);
            File.Move(partial, whole, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Whether it is, or leads to, what is no plain file, or what this process has open.</summary>
    public static bool IsDevice(string whole) => InputFile.IsOpenHere(whole) || InputFile.IsSpecial(whole);

    /// <summary>Where the file is that a name stands for, links followed, also where that is not there yet: a link is left as it is. What this process has
    /// open keeps its name.</summary>
    public static string PlaceOf(string file)
    {
        const int MostLinks = 40;
        string whole = Path.GetFullPath(file);
        if (InputFile.IsOpenHere(whole))
        {
            return whole;
        }

        for (int links = 0; links < MostLinks && new FileInfo(whole).LinkTarget is { } target; links++)
        {
            whole = Path.GetFullPath(target, Path.GetDirectoryName(whole)!);
        }

        return whole;
    }

    /// <summary>Opens what is no plain file. What this process has open is written to where it stands: opened anew, a file that a shell appends to would be
    /// written over from its beginning.</summary>
    public static Stream OpenDevice(string whole) => StandardOf(whole) switch
    {
        1 => Console.OpenStandardOutput(),
        2 => Console.OpenStandardError(),
        _ => new FileStream(whole, InputFile.IsOpenHere(whole) && new FileInfo(whole) is { Length: > 0 } ? FileMode.Append : FileMode.Open, FileAccess.Write),
    };

    /// <summary>The number of a standard stream that a path leads to; zero for anything else.</summary>
    private static int StandardOf(string whole) => whole switch
    {
        "/dev/stdout" or "/dev/fd/1" or "/proc/self/fd/1" => 1,
        "/dev/stderr" or "/dev/fd/2" or "/proc/self/fd/2" => 2,
        _ => 0,
    };

    private static string PartialOf(string whole) => $"{whole}.{Guid.NewGuid():N}.partial";
}
