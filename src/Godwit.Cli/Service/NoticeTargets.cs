using System.Net;
using Godwit.Cli.Configuration;
using Godwit.Cli.Configuration.Secrets;
using Godwit.Cli.Options;
using Godwit.Server.Notices;

namespace Godwit.Cli.Service;

/// <summary>Makes rules for notices of what the configuration says, with their secrets.</summary>
/// <param name="settings">How the service runs.</param>
/// <param name="wiring">The process.</param>
internal sealed class NoticeTargets(ServeSettings settings, Wiring wiring) : IDisposable
{
    private readonly HttpClient _http = WebhookTarget.MakeClient();

    /// <summary>The rules.</summary>
    /// <exception cref="CommandException">A secret cannot be had, or mail is to be sent and no mail server is named.</exception>
    public IReadOnlyList<NoticeRule> Of(GodwitConfiguration configuration)
    {
        IReadOnlyList<NoticeEntry> entries = configuration.Notices ?? [];
        MailServer? server = entries.Any(entry => entry.Mail.Count > 0) ? ServerFor(entries.First(entry => entry.Mail.Count > 0)) : null;
        return [.. entries.Select(entry => RuleOf(entry, server))];
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private NoticeRule RuleOf(NoticeEntry entry, MailServer? server)
    {
        IReadOnlyList<INoticeTarget> targets = entry.Webhook is { } url
            ? [new WebhookTarget(_http, url, SigningSecret.Of(entry.Secret!, wiring), ThisProgram.Version, wiring.Time)]
            : [.. entry.Mail.Select(to => new MailTarget(server!, to, wiring.Time))];
        var rule = new NoticeRule(targets) { Projects = entry.Projects };
        return entry.On is { } on ? rule with { On = on } : rule;
    }

    private MailServer ServerFor(NoticeEntry entry)
    {
        if (settings.Mail is not { Server: { } server, From: { } from } said)
        {
            throw new CommandException(ExitCode.Usage, $"{entry.Origin}: mail is to be sent, and no mail server is named: write smtp and smtp-from below server:.");
        }

        return new MailServer(server.Host, server.Port, from)
        {
            IsTls = said.Tls ?? !MailSaid.IsHere(server.Host),
            Login = said is { User: { } user, PasswordFile: { } file }
                ? new NetworkCredential(user, ReadSecret.Of(new SecretReference(SecretKind.File, [file], "smtp-password-file"), wiring))
                : null,
        };
    }
}
