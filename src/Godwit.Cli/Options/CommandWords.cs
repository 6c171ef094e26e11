using System.Text;

namespace Godwit.Cli.Options;

/// <summary>A command as words. No shell is asked: white space parts them, quotes keep it, and nothing is replaced.</summary>
internal static class CommandWords
{
    /// <summary>The words.</summary>
    /// <exception cref="CommandException">A quote is not closed, or there is no word.</exception>
    public static IReadOnlyList<string> Of(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool begun = false;
        char quote = '\0';
        foreach (char c in command)
        {
            if (quote != '\0' ? c == quote : c is '\'' or '"')
            {
                quote = quote != '\0' ? '\0' : c;
                begun = true;
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                End();
            }
            else
            {
                word.Append(c);
                begun = true;
            }
        }

        End();
        return quote == '\0' && words is [{ Length: > 0 }, ..]
            ? words
            : throw new CommandException(ExitCode.Usage, $"The ssh command \"{ArgumentText.Show(command)}\" has {(words.Count == 0 ? "no word" : "an open quote")}.");

        void End()
        {
            if (begun)
            {
                words.Add(word.ToString());
                word.Clear();
                begun = false;
            }
        }
    }
}
