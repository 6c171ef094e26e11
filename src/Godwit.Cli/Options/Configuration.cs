using System.Text;

namespace Godwit.Cli.Options;

/// <summary>The configuration file. This version knows no setting of it; a key that is not understood is never passed over.</summary>
internal static class Configuration
{
    /// <summary>Reads the configuration in force.</summary>
    /// <param name="option">What <c>--config</c> says; null without it.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="CommandException">A named file is missing, or a file holds a key that is not known.</exception>
    public static void Check(string? option, Func<string, string?> environment)
    {
        string? named = option ?? (environment("GODWIT_CONFIG") is { Length: > 0 } variable ? variable : null);
        string file = named ?? Path.Combine(environment("HOME") ?? "/", ".config", "godwit", "godwit.yaml");
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file, Encoding.UTF8);
        }
        catch (Exception e) when (named is null && e is FileNotFoundException or DirectoryNotFoundException)
        {
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"The configuration {file} cannot be read: {e.Message}");
        }

        int line = Array.FindIndex(lines, text => text.Trim() is not ("" or "---" or "..." or ['#', ..]));
        if (line >= 0)
        {
            string key = ArgumentText.Show(lines[line].Split(':')[0].Trim());
            throw new CommandException(
                ExitCode.Usage, $"{file}, line {line + 1}: the key \"{key}\" is not known; this version has no settings there. Remove the line.");
        }
    }
}
