using System.Globalization;

namespace Godwit.Backends.Sftp.Shell;

/// <summary>
/// The one command that the account's shell is given: constant text. Names come on its standard input, and it never takes them for
/// anything else.
/// </summary>
internal static class ShellScript
{
    /// <summary>Names in one request at most: what comes with them keeps its caller waiting.</summary>
    public const int MaxNames = 1000;

    /// <summary>Bytes of names in one request at most: they fit into the pipes, so that nobody waits for the other to read.</summary>
    public const int MaxBytes = 128 * 1024;

    /// <summary>The first word of each mark.</summary>
    public const string Mark = "godwit-checksums";

    /// <summary>How the names of files stand in the answers.</summary>
    public const string EndsWithZero = "zero";

    // Read by whatever shell the account has, csh and fish too: one line, one pair of quotes, none inside, no exclamation mark. A request is
    // a line with its number and how many bytes of names follow. head may read further than that: nothing follows before the answer.
    private const string Script =
        "LC_ALL=C; export LC_ALL; read -r t || exit 1; s=none; m=false; e=\"%s %s\\n\"; "
        + "if printf \"/dev/null\\0\" | head -c 10 | xargs -0 md5sum -z >/dev/null 2>&1; then s=zero; m=\"md5sum -z\"; e=\"%s %s\\0\"; "
        + "elif printf \"/dev/null\\0\" | head -c 10 | xargs -0 md5sum >/dev/null 2>&1; then s=line; m=md5sum; fi; "
        + "printf \"\\0%s %s %s\\0%s\\0%s\\0\" " + Mark + " \"$t\" \"$s\" \"$(pwd -P)\" \"$(ls -dn .)\"; "
        + "while read -r i n; do head -c \"$n\" | xargs -0 $m 2>/dev/null; printf \"$e\" " + Mark + " \"$i\"; done";

    /// <summary>The command.</summary>
    public const string Command = "exec sh -c '" + Script + "'";

    /// <summary>The line before a request's names.</summary>
    public static string HeaderOf(int number, int bytes) => string.Create(CultureInfo.InvariantCulture, $"{number} {bytes}\n");

    /// <summary>What comes after the answer to a request.</summary>
    public static string EndOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{Mark} {number}");
}
