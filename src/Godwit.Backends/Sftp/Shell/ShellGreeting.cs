using System.Text;

namespace Godwit.Backends.Sftp.Shell;

/// <summary>What the shell says of itself before its first request.</summary>
/// <param name="Style">How names stand in its answers; <c>none</c> where the tools are missing.</param>
/// <param name="Directory">The directory that it is in.</param>
/// <param name="Listing">How <c>ls -dn</c> shows it.</param>
internal sealed record ShellGreeting(string Style, byte[] Directory, byte[] Listing)
{
    private const int PermissionBits = 0x1ff;
    private const string Letters = "rwxrwxrwx";

    /// <summary>Why it is of no use, to be read by people; null where it is.</summary>
    /// <param name="home">Where SFTP puts the account.</param>
    /// <param name="mode">The mode of that place, as SFTP tells it.</param>
    public string? Refuses(byte[]? home, uint? mode)
    {
        if (Style == "none")
        {
            return "md5sum, xargs or head is missing there, or does not take what it is given";
        }

        return home is null || !Directory.AsSpan().SequenceEqual(home) || (mode is { } bits && !HasMode(bits))
            ? $"it does not see the files that SFTP does: it is in \"{Godwit.Storage.PathText.Escape(Directory)}\""
            : null;
    }

    /// <summary>Set-ID bits and the like change letters; the others have to be the same.</summary>
    private bool HasMode(uint mode)
    {
        string shown = Encoding.ASCII.GetString(Listing);
        if (shown.Length < 10)
        {
            return false;
        }

        for (int i = 0; i < 9; i++)
        {
            bool isSet = (mode & PermissionBits & (0x100u >> i)) != 0;
            char letter = shown[i + 1];
            if (char.IsAsciiLetterLower(letter) && letter == Letters[i] != isSet && letter is not ('s' or 't'))
            {
                return false;
            }

            if (letter == '-' && isSet)
            {
                return false;
            }
        }

        return true;
    }
}
