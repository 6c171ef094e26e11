using System.Net;
using System.Text.Json;

namespace Godwit.Cli.Configuration.Secrets;

/// <summary>The path of a secret in a vault, and its field.</summary>
/// <param name="Path">As the vault's API has it: <c>secret/data/godwit</c> for version 2 of the key-value engine, <c>secret/godwit</c> for version 1.</param>
/// <param name="Field">Which of its values.</param>
internal sealed record VaultPath(string Path, string Field)
{
    /// <summary>Whether a text is <c>PATH#FIELD</c>.</summary>
    public static bool IsRight(string text) => text.Split('#') is [{ Length: > 0 } path, { Length: > 0 }]
        && path.Split('/').All(segment => segment is not ("" or "." or "..")) && !text.Any(c => char.IsWhiteSpace(c) || c is '?' or '%' or '\\');

    /// <summary>The path and field of a text that <see cref="IsRight"/>.</summary>
    public static VaultPath Of(string text) => text.Split('#') is [var path, var field] ? new(path, field) : throw new ArgumentException(text, nameof(text));
}

/// <summary>Reads a value of a vault's key-value engine, by <c>VAULT_ADDR</c>, <c>VAULT_TOKEN</c> and <c>VAULT_NAMESPACE</c>.</summary>
internal static class VaultSecret
{
    private const int MaxBytes = 1 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>The value.</summary>
    /// <exception cref="CommandException">The vault cannot be reached, refuses, or does not have it. No part of an answer is in the message.</exception>
    public static string Read(SecretReference reference, Wiring wiring)
    {
        (Uri server, string token) = Access(reference, wiring);
        var path = VaultPath.Of(reference.Word);

        // A redirection would take the token along.
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var client = new HttpClient(handler) { Timeout = s_patience, MaxResponseContentBufferSize = MaxBytes };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, $"/v1/{path.Path}"));
        request.Headers.TryAddWithoutValidation("X-Vault-Token", token);
        request.Headers.TryAddWithoutValidation("X-Vault-Request", "true");
        if (wiring.Environment("VAULT_NAMESPACE") is { Length: > 0 } space)
        {
            request.Headers.TryAddWithoutValidation("X-Vault-Namespace", space);
        }

        try
        {
            using HttpResponseMessage answer = client.Send(request);
            return answer.StatusCode == HttpStatusCode.OK
                ? Field(reference, path, answer)
                : throw ReadSecret.Wrong(reference, $"the vault at {server.Authority} answered {(int)answer.StatusCode}{Remedy(answer.StatusCode)}", ExitCode.Fatal);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            throw ReadSecret.Wrong(reference, $"the vault at {server.Authority} cannot be reached: {e.Message.TrimEnd('.')}", ExitCode.Fatal);
        }
    }

    /// <summary>What can be told without asking the vault; null when nothing is wrong.</summary>
    public static string? FaultOf(SecretReference reference, Wiring wiring)
    {
        try
        {
            _ = Access(reference, wiring);
            return null;
        }
        catch (CommandException e)
        {
            return e.Message;
        }
    }

    private static (Uri Server, string Token) Access(SecretReference reference, Wiring wiring)
    {
        string address = wiring.Environment("VAULT_ADDR") is { Length: > 0 } set
            ? set
            : throw ReadSecret.Wrong(reference, "VAULT_ADDR is not set. Set it to https://host:8200");
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? server) || server is not { Scheme: "http" or "https", UserInfo: "" })
        {
            throw ReadSecret.Wrong(reference, "VAULT_ADDR is no address such as https://host:8200");
        }

        if (server.Scheme == "http" && !server.IsLoopback)
        {
            throw ReadSecret.Wrong(reference, $"VAULT_ADDR is http:// to {server.Host}: the token would cross the network in clear. Write https://");
        }

        return (server, TokenOf(wiring) ?? throw ReadSecret.Wrong(reference, "VAULT_TOKEN is not set and ~/.vault-token is not there. Run: vault login"));
    }

    private static string? TokenOf(Wiring wiring)
    {
        string file = Path.Combine(wiring.Environment("HOME") ?? "/", ".vault-token");
        return wiring.Environment("VAULT_TOKEN") is { Length: > 0 } token ? token : File.Exists(file) ? InputFile.Read(file, () => File.ReadAllText(file), wiring.Configuration.Stop).Trim() : null;
    }

    private static string Field(SecretReference reference, VaultPath path, HttpResponseMessage answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer.Content.ReadAsStream());
            JsonElement data = json.RootElement.GetProperty("data");
            bool versioned = data.TryGetProperty("metadata", out _) && data.TryGetProperty("data", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object;
            if ((versioned ? data.GetProperty("data") : data).TryGetProperty(path.Field, out JsonElement value) && value.ValueKind == JsonValueKind.String)
            {
                return value.GetString()!;
            }

            throw ReadSecret.Wrong(reference, $"the vault has no text \"{path.Field}\" there");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw ReadSecret.Wrong(reference, "the vault's answer is not that of a key-value engine", ExitCode.Fatal);
        }
    }

    private static string Remedy(HttpStatusCode code) => (int)code switch
    {
        403 => ": the token has expired or may not read this. Run: vault login",
        404 => ": nothing is there. For version 2 of the key-value engine the path begins with MOUNT/data/",
        _ => "",
    };
}
