using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Net.Sockets;
using System.Text;
using Godwit.Transfers;

namespace Godwit.Server.Notices;

/// <summary>Where mail is handed over.</summary>
/// <param name="Host">The server.</param>
/// <param name="Port">Its port.</param>
/// <param name="From">Whose address stands on it.</param>
public sealed record MailServer(string Host, int Port, MailAddress From)
{
    /// <summary>Whether the connection must be encrypted (STARTTLS) before anything is said.</summary>
    public bool IsTls { get; init; }

    /// <summary>Name and password; null for none.</summary>
    public NetworkCredential? Login { get; init; }
}

/// <summary>Sends a notice as mail, plain text.</summary>
/// <param name="server">Where it is handed over.</param>
/// <param name="to">Whom to.</param>
/// <param name="time">The clock.</param>
public sealed class MailTarget(MailServer server, MailAddress to, TimeProvider time) : INoticeTarget
{
    private const int LongestSubject = 200;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public string Name => NameOf(to);

    /// <summary>What the mail to an address is called.</summary>
    public static string NameOf(MailAddress to)
    {
        ArgumentNullException.ThrowIfNull(to);
        return $"mailto:{to.Address}";
    }

    /// <inheritdoc/>
    public async Task<NoticeReply> TellAsync(EndedTransfer ended, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(ended);
        using var limit = new CancellationTokenSource(s_limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        using var client = new SmtpClient(server.Host, server.Port) { EnableSsl = server.IsTls, UseDefaultCredentials = false, Credentials = server.Login };
        using MailMessage message = MessageOf(ended);
        try
        {
            // Cancelling ends a mail that is sent, and not always a connection that is made.
            await client.SendMailAsync(message, both.Token).WaitAsync(both.Token).ConfigureAwait(false);
            return NoticeReply.Taken;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            return new NoticeReply($"The mail server did not take it within {s_limit.TotalSeconds} seconds.");
        }
        catch (Exception e) when (e is SmtpException or IOException or SocketException or InvalidOperationException or System.Security.Authentication.AuthenticationException)
        {
            return MailFault.Of(e, server.Login is not null);
        }
    }

    internal MailMessage MessageOf(EndedTransfer ended)
    {
        string route = $"{NoticeText.Line(ended.Transfer.Source)} -> {NoticeText.Line(ended.Transfer.Destination)}";
        var message = new MailMessage(server.From, to)
        {
            Subject = NoticeText.Line($"[godwit] {TransferSteps.NameOf(ended.Notice.State)} {route}", LongestSubject),
            SubjectEncoding = Encoding.UTF8,
            HeadersEncoding = Encoding.UTF8,
            Body = string.Join("\r\n", Lines(ended, route)),
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = TransferEncoding.Base64,
        };

        // The same at each try: whoever gets it twice can tell.
        message.Headers.Add("Message-ID", $"<{ended.Notice.Id}@{server.From.Host}>");
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static IEnumerable<string> Lines(EndedTransfer ended, string route)
    {
        string id = ended.Transfer.Id;
        yield return ended.Notice.State switch
        {
            TransferState.Success => "Everything arrived.",
            TransferState.Partial => "Some files arrived and some did not.",
            TransferState.Canceled => "It was cancelled.",
            _ => "It failed.",
        };
        if (ended.Notice.Why is { Length: > 0 } why)
        {
            yield return NoticeText.Line(why);
        }

        if (NoticeText.Counts(ended.Totals) is { Length: > 0 } counts)
        {
            yield return counts + ".";
        }

        yield return ended.Notice.State switch
        {
            TransferState.Success => "",
            TransferState.Canceled => $"To go on with it: godwit retry {id}.",
            _ => $"What failed: godwit logs {id}. Again, for what did not arrive: godwit retry {id}.",
        };
        yield return "";
        yield return $"Transfer: {id}, {NoticeText.Line(ended.Transfer.Verb)} {route}";
        yield return $"State:    {TransferSteps.NameOf(ended.Notice.State)}, since {ended.Notice.Ended}, in round {ended.Notice.Round}";
        yield return $"Owner:    {NoticeText.Line(ended.Transfer.Owner)}";
        yield return $"Project:  {NoticeText.Line(ended.Transfer.Project)}";
        yield return "";
    }
}
