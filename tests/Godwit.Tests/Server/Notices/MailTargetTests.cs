using System.Net.Mail;
using Godwit.Server.Notices;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Tests.Server.Notices;

public sealed class MailTargetTests
{
    private readonly MailTarget _target = new(new MailServer("localhost", 25, new MailAddress("godwit@obs.example.org")), new MailAddress("night@obs.example.org"), TimeProvider.System);

    [Fact]
    public void A_mail_says_what_failed_and_what_to_do()
    {
        using MailMessage mail = _target.MessageOf(Ended(TransferState.Partial, "s3://bucket/ä", "the disk is full"));
        Assert.Equal("[godwit] PARTIAL s3://bucket/ä -> archive:x", mail.Subject);
        string[] lines = mail.Body.Split("\r\n");
        Assert.Equal(
            ["Some files arrived and some did not.", "the disk is full", "7 of 9 files delivered (70 of 90 bytes), 2 failed.",
                "What failed: godwit logs t1. Again, for what did not arrive: godwit retry t1."],
            lines[..4]);
        Assert.Equal(("<n1@obs.example.org>", "auto-generated"), (mail.Headers["Message-ID"], mail.Headers["Auto-Submitted"]));
    }

    [Fact]
    public void No_name_makes_a_header_or_another_line()
    {
        using MailMessage mail = _target.MessageOf(Ended(TransferState.Error, "disk:a\r\nBcc: eve@example.org\u2028\u202e\ud800", "one\r\n.\r\nQUIT"));
        Assert.Equal("[godwit] ERROR disk:a??Bcc: eve@example.org??\ufffd -> archive:x", mail.Subject);
        Assert.Contains("one??.??QUIT\r\n", mail.Body, StringComparison.Ordinal);
        Assert.Empty(mail.Bcc);
        using MailMessage longest = _target.MessageOf(Ended(TransferState.Success, string.Concat(Enumerable.Repeat("\U0001f426", 3000)), null));
        Assert.InRange(longest.Subject.Length, 150, 200);
        Assert.EndsWith("\U0001f426...", longest.Subject, StringComparison.Ordinal);
    }

    private static EndedTransfer Ended(TransferState state, string source, string? why) => new(
        new NewNotice("n1", "t1", 1, state, new Timestamp(1), why, "mailto:night@obs.example.org", new Timestamp(2)),
        new Submission("t1", "alice", "atlas", "copy", source, "archive:x", "", new Timestamp(0)),
        new TransferTotals { Planned = 9, PlannedBytes = 90, Delivered = 7, DeliveredBytes = 70, Failed = 2 },
        new Timestamp(3));
}
