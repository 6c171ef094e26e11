using System.Net.Mail;
using Godwit.Cli.Configuration.Secrets;
using Godwit.Transfers;

namespace Godwit.Cli.Configuration;

/// <summary>One entry of <c>notices:</c>: who is told of which transfers.</summary>
internal sealed record NoticeEntry
{
    /// <summary>Where it is written.</summary>
    public required string Origin { get; init; }

    /// <summary>The address of a webhook; null where mail is sent.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>What the webhook's signature is made with.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>Who gets mail.</summary>
    public IReadOnlyList<MailAddress> Mail { get; init; } = [];

    /// <summary>The states of which they are told; null for the usual ones.</summary>
    public IReadOnlySet<TransferState>? On { get; init; }

    /// <summary>The projects whose transfers they are told of; empty for all.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];
}
