using System.Net.Mail;
using Godwit.Cli.Configuration.Secrets;
using Godwit.Server.Notices;
using Godwit.Transfers;

namespace Godwit.Cli.Configuration;

/// <summary>Reads who is told of transfers that ended: <c>notices:</c>, a list.</summary>
/// <param name="settings">Reads values.</param>
internal sealed class NoticeReader(SettingReader settings)
{
    private const string Where = "an entry of notices";
    private static readonly string[] s_keys = ["webhook", "secret", "mail", "on", "projects"];

    private readonly HashSet<string> _webhooks = [];

    private Faults Faults => settings.Faults;

    /// <summary>The entries, in the order of the file.</summary>
    public IReadOnlyList<NoticeEntry> Read(YamlNode node)
    {
        if (node is YamlList list)
        {
            return [.. list.Items.Select(One)];
        }

        if (node is not YamlScalar { IsNothing: true })
        {
            Faults.Add(node.Line, "notices is a list: write a dash before each entry, and below it webhook: and secret:, or mail:.");
        }

        return [];
    }

    private NoticeEntry One(YamlNode node)
    {
        var entry = new NoticeEntry { Origin = settings.Place.Line(node.Line) };
        bool isSecretSaid = false;
        foreach ((YamlScalar key, YamlNode value) in settings.Pairs(node, Where))
        {
            isSecretSaid |= key.Text == "secret";
            entry = key.Text switch
            {
                "webhook" => entry with { Webhook = Webhook(key, value) },
                "secret" => entry with { Secret = new CredentialReader(settings).Reference(key, value) },
                "mail" => entry with { Mail = [.. settings.Texts(key, value).Select(text => Address(key, text)).OfType<MailAddress>()] },
                "on" => entry with { On = On(key, settings.Texts(key, value)) },
                "projects" => entry with { Projects = settings.Texts(key, value) },
                _ => Unknown(entry, key),
            };
        }

        RequireWhole(node, isSecretSaid);
        return entry;
    }

    /// <summary>Only what is missing: what is there and wrong was said already.</summary>
    private void RequireWhole(YamlNode node, bool isSecretSaid)
    {
        string[] said = node is YamlMap map ? [.. map.Pairs.Select(pair => pair.Key.Text)] : [];
        if (said.Contains("webhook") == said.Contains("mail"))
        {
            Faults.Add(node.Line, $"{Where} tells one kind of receiver: write webhook: with an address, or mail: with a list of them; two entries for both.");
        }
        else if (said.Contains("webhook") && !isSecretSaid)
        {
            Faults.Add(node.Line, "the webhook has no secret, by which its receiver tells our notices from anybody's: write secret: { file: PATH } with a line that the receiver knows.");
        }
        else if (said.Contains("mail") && isSecretSaid)
        {
            Faults.Add(node.Line, "mail is not signed: leave secret out. How the mail server is reached stands below server: smtp, smtp-user, smtp-password-file.");
        }
    }

    private NoticeEntry Unknown(NoticeEntry entry, YamlScalar key)
    {
        Faults.AddUnknown(key, $"in {Where}", s_keys);
        return entry;
    }

    private Uri? Webhook(YamlScalar key, YamlNode value)
    {
        if (CalledAddress.Read(settings, key, value, "notices") is not { } url)
        {
            return null;
        }

        if (!_webhooks.Add(WebhookTarget.NameOf(url)))
        {
            Faults.Add(key.Line, $"the webhook {WebhookTarget.NameOf(url)} is there twice (what follows a question mark does not count): write one entry with all of on: and projects:.");
        }

        return url;
    }

    private MailAddress? Address(YamlScalar key, string text)
    {
        if (MailAddress.TryCreate(text, out MailAddress? address) && address.Address == text && text.All(char.IsAscii))
        {
            return address;
        }

        Faults.Add(key.Line, $"mail has \"{text}\": write an address such as night@obs.example.org, without a name.");
        return null;
    }

    private HashSet<TransferState> On(YamlScalar key, List<string> words)
    {
        var states = new HashSet<TransferState>();
        foreach (string word in words)
        {
            if (NoticeRule.Words.TryGetValue(word, out IReadOnlyList<TransferState>? of))
            {
                states.UnionWith(of);
            }
            else
            {
                Faults.Add(key.Line, $"on has \"{word}\": write one or more of {string.Join(", ", NoticeRule.Words.Keys)}.");
            }
        }

        return states;
    }
}
