using System.Net.Mail;
using System.Security.Authentication;

namespace Godwit.Server.Notices;

/// <summary>Why a mail server did not take a mail, and what helps.</summary>
internal static class MailFault
{
    /// <summary>What is written down of a try that failed.</summary>
    /// <param name="e">What was thrown.</param>
    /// <param name="isNamed">Whether a user and his password are said.</param>
    public static NoticeReply Of(Exception e, bool isNamed)
    {
        // A reply of 500 and above stays the same until somebody changes something.
        bool isRefused = e is SmtpException { StatusCode: >= (SmtpStatusCode)500 };
        string said = e.InnerException is { } inner ? $"{e.Message.TrimEnd('.')}: {inner.Message.TrimEnd('.')}" : e.Message.TrimEnd('.');
        return new NoticeReply($"The mail server did not take it: {NoticeText.Line(said, 300)}.{RemedyOf(e, isNamed)}") { IsRefused = isRefused };
    }

    private static string RemedyOf(Exception e, bool isNamed) => e switch
    {
        _ when e is AuthenticationException || e.InnerException is AuthenticationException =>
            " Nothing was handed over: its certificate has to be for the name in smtp, and of an authority that this machine trusts, "
            + "or that is in the file which SSL_CERT_FILE names.",

        // The library has no other sign of it.
        SmtpException { StatusCode: SmtpStatusCode.GeneralFailure } when e.ToString().Contains("does not support secure connections", StringComparison.Ordinal) =>
            " Nothing was handed over: it has no STARTTLS. Name one that has, or write smtp-tls: no where everybody on the way may read the mail.",
        SmtpException { StatusCode: (SmtpStatusCode)530 or (SmtpStatusCode)534 or (SmtpStatusCode)535 or (SmtpStatusCode)538 } =>
            isNamed ? " Look at smtp-user and at the password in smtp-password-file." : " It may want a user: smtp-user and smtp-password-file.",
        _ => "",
    };
}
