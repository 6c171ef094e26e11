using System.Net.Mail;
using Godwit.Cli.Configuration;

namespace Godwit.Cli.Service;

/// <summary>How a service hands mail over, where its notices go by mail.</summary>
internal sealed class MailSettings
{
    private const int UsualPort = 25;

    private readonly Setting<(string Host, int Port)?> _server = ServerSettings.Of<(string Host, int Port)?>(
        "smtp", "HOST:PORT", "The mail server that takes the mail of notices:.", "no mail", ParseServer);

    private readonly Setting<MailAddress?> _from = ServerSettings.Of<MailAddress?>("smtp-from", "ADDRESS", "Whose address stands on mail.", "none; needed with --smtp", text =>
        MailAddress.TryCreate(text, out MailAddress? address) && address.Address == text && text.All(char.IsAscii)
            ? address
            : throw new FormatException("write an address such as godwit@obs.example.org, without a name"));

    private readonly Setting<bool?> _tls = ServerSettings.Of<bool?>(
        "smtp-tls", "yes|no", "Whether mail is handed over by STARTTLS alone.", "yes, but to a mail server of this machine", SettingText.OneOf<bool?>(("yes", true), ("no", false)));

    private readonly Setting<string?> _user = ServerSettings.Of<string?>(
        "smtp-user", "NAME", "Who the mail server takes it from. With --smtp-password-file.", "nobody is named", SettingText.NotEmpty);

    private readonly Setting<string?> _password = ServerSettings.File(
        "smtp-password-file", "FILE", "The file with that user's password, one line that others cannot read.", "nobody is named");

    /// <summary>What the configuration may say.</summary>
    public IReadOnlyList<ISetting> All => [_server, _from, _tls, _user, _password];

    /// <summary>What is in force.</summary>
    public MailSaid Read(SettingSource source) => new(source.Value(_server), source.Value(_from))
    {
        Tls = source.Value(_tls),
        User = source.Value(_user),
        PasswordFile = source.Value(_password),
    };

    private static (string Host, int Port)? ParseServer(string text)
    {
        bool isRight = Uri.TryCreate($"smtp://{text}", UriKind.Absolute, out Uri? read) && read.Host.Length > 0 && read.UserInfo.Length == 0
            && read.PathAndQuery is "/" or "" && !text.EndsWith('/') && read.Fragment.Length == 0 && read.Port != 0;
        return isRight ? (read!.IdnHost, read.IsDefaultPort || read.Port < 0 ? UsualPort : read.Port) : throw new FormatException("write a host and a port, such as smtp.example.org:587");
    }
}

/// <summary>What is said of mail.</summary>
/// <param name="Server">The mail server; null for no mail.</param>
/// <param name="From">Whose address stands on it.</param>
internal sealed record MailSaid((string Host, int Port)? Server = null, MailAddress? From = null)
{
    /// <summary>Whether STARTTLS must be; null for what is usual.</summary>
    public bool? Tls { get; init; }

    /// <summary>Who hands it over; null for nobody.</summary>
    public string? User { get; init; }

    /// <summary>The file of his password.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>What does not fit together, in sentences with the remedy.</summary>
    public IEnumerable<string> Faults()
    {
        if (Server is not null && From is null)
        {
            yield return "smtp is said and smtp-from is not: name the address that stands on mail, such as godwit@obs.example.org.";
        }

        if (User is null != PasswordFile is null)
        {
            yield return $"A mail server's user needs two settings, and {(User is null ? "smtp-user" : "smtp-password-file")} is not said: name him and the file of his password.";
        }

        if (User is not null && Tls == false && Server is { Host: var host } && !IsHere(host))
        {
            yield return "smtp-tls is no, and the password would go to the mail server for everybody on the way to read: leave smtp-tls out, or smtp-user and smtp-password-file.";
        }
    }

    /// <summary>Whether a name is this machine's.</summary>
    public static bool IsHere(string host)
    {
        string written = host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host;
        return Uri.TryCreate($"http://{written}/", UriKind.Absolute, out Uri? url) && url.IsLoopback;
    }
}
