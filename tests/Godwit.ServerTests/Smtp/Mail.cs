using System.Diagnostics;
using System.Text.Json;

namespace Godwit.ServerTests.Smtp;

/// <summary>A mail as Python's library, which is not ours, reads it: headers decoded, the body as text.</summary>
internal sealed class Mail
{
    private const string Reader = """
        import email, email.policy, json, sys
        mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
        headers = {name: str(value) for name, value in mail.items()}
        print(json.dumps({"headers": headers, "body": mail.get_content().replace("\r\n", "\n")}))
        """;

    private readonly JsonElement _headers;

    private Mail(JsonElement read) => (_headers, Body) = (read.GetProperty("headers"), read.GetProperty("body").GetString()!);

    public string Body { get; }

    public string this[string header] => _headers.GetProperty(header).GetString()!;

    public bool Has(string header) => _headers.TryGetProperty(header, out _);

    /// <summary>The mail to somebody about a transfer, as soon as it is there.</summary>
    public static async Task<Mail> ArrivedAsync(string to, string id)
    {
        string directory = Path.Combine(Setting("GODWIT_TEST_SMTP_MAIL"), "new");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            foreach (string file in Directory.Exists(directory) ? Directory.GetFiles(directory) : [])
            {
                Mail mail = await ReadAsync(file);
                if (mail.Has("To") && mail["To"].StartsWith(to, StringComparison.Ordinal) && mail.Body.Contains(id, StringComparison.Ordinal))
                {
                    return mail;
                }
            }

            await Task.Yield();
        }
    }

    /// <summary>What <c>servers/smtp</c> says of itself.</summary>
    public static string Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"No mail server is known ({name} is not set): run ./test, or: set -a; eval \"$(servers/smtp start)\"; set +a");

    public static async Task<Mail> ReadAsync(string file)
    {
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Reader, file]) { RedirectStandardOutput = true })!;
        string said = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return new Mail(JsonDocument.Parse(said).RootElement);
    }
}
