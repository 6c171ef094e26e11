using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using System.Text;
using Godwit.Cli;
using Godwit.Cli.Configuration.Secrets;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>A secret is had from where the configuration says that it is, and from nowhere else it leaks.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SecretTests : IDisposable
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_variable_is_read()
    {
        _folder.Variables["LAB_SECRET"] = "hush";
        Assert.Equal("hush", Read(SecretKind.Env, "LAB_SECRET"));
        Assert.Contains("\"env: NONE\" cannot be had: the variable is not set", Refused(SecretKind.Env, ["NONE"]).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hush\n", "hush")]
    [InlineData("hush\r\n", "hush")]
    [InlineData("hush", "hush")]
    [InlineData(" hu sh \n", " hu sh ")]
    public void A_file_is_read_without_its_end_of_line(string content, string secret) =>
        Assert.Equal(secret, Read(SecretKind.File, _folder.Put("s", content)));

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("\n", "it is empty")]
    [InlineData("hush\nhush\n", "more than one line")]
    public void What_can_be_no_secret_is_refused_and_not_repeated(string content, string why)
    {
        string message = Refused(SecretKind.File, [_folder.Put("s", content)]).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_file_that_everybody_can_reach_is_refused_with_the_remedy(UnixFileMode mode)
    {
        string file = _folder.Put("s", "hush", Own | mode);
        CommandException refused = Refused(SecretKind.File, [file]);
        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.Contains($"Run: chmod 600 {file}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_is_judged_by_the_file_behind_it_and_a_group_may_read()
    {
        File.CreateSymbolicLink(_folder.In("link"), _folder.Put("s", "hush", Own | UnixFileMode.OtherRead));
        Assert.Contains("every user of this machine", Refused(SecretKind.File, [_folder.In("link")]).Message, StringComparison.Ordinal);
        Assert.Equal("hush", Read(SecretKind.File, _folder.Put("g", "hush", Own | UnixFileMode.GroupRead)));
    }

    [Fact]
    public void A_program_is_run_without_a_shell() => Assert.Equal("$HOME; a", Read(SecretKind.Command, "printf", "%s\n", "$HOME; a"));

    [Fact]
    public void A_program_that_fails_says_why_and_nothing_of_what_it_printed()
    {
        CommandException refused = Refused(SecretKind.Command, ["sh", "-c", "echo hush; echo locked >&2; echo again >&2; exit 3"]);
        Assert.Equal(ExitCode.Fatal, refused.Code);
        Assert.Contains("\"command: sh ***\" cannot be had: the program ended with 3 and said: locked; again", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_not_there_is_told()
    {
        Assert.Contains("cannot be run: No such file", Refused(SecretKind.Command, ["/no/such"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_does_not_end_is_ended_with_all_that_it_began()
    {
        SecretReference reference = new(SecretKind.Command, ["sh", "-c", $"flock {_folder.In("lock")} sleep 600 & wait"], "f:1");
        CommandException refused = Assert.Throws<CommandException>(() => SecretProgram.Run(reference, TimeSpan.FromSeconds(1)));
        Assert.Contains("did not end within 1 s and was ended", refused.Message, StringComparison.Ordinal);

        // Whoever still ran would hold the lock.
        using var free = Process.Start("flock", ["-w", "20", _folder.In("lock"), "true"]);
        free.WaitForExit();
        Assert.Equal(0, free.ExitCode);
    }

    [Fact]
    public void A_program_that_reads_its_input_finds_nothing() => Assert.Equal("0", Read(SecretKind.Command, "sh", "-c", "wc -c | tr -d ' '"));

    [Theory]
    [InlineData("""{"data":{"data":{"key":"hush"},"metadata":{"version":3}}}""")]
    [InlineData("""{"data":{"key":"hush","other":"x"}}""")]
    public async Task A_vault_of_either_version_is_read(string answer)
    {
        using var vault = new OneAnswer(200, answer);
        Use(vault);
        _folder.Variables["VAULT_NAMESPACE"] = "site";
        string secret = await Task.Run(() => Read(SecretKind.Vault, "secret/data/godwit#key"));
        Assert.Equal("hush", secret);
        Assert.Equal("/v1/secret/data/godwit", vault.Asked?.Path);
        Assert.Equal(("let-me-in", "site"), (vault.Asked?.Token, vault.Asked?.Namespace));
    }

    [Theory]
    [InlineData(403, """{"errors":["hush"]}""", "answered 403: the token has expired or may not read this")]
    [InlineData(404, "", "answered 404: nothing is there")]
    [InlineData(302, "", "answered 302")]
    [InlineData(200, """{"data":{"other":"hush"}}""", "the vault has no text \"key\" there")]
    [InlineData(200, """{"data":{"key":{"a":"hush"}}}""", "the vault has no text \"key\" there")]
    [InlineData(200, "hush", "is not that of a key-value engine")]
    [InlineData(200, "[]", "is not that of a key-value engine")]
    public async Task What_a_vault_refuses_is_told_without_what_it_said(int code, string answer, string why)
    {
        using var vault = new OneAnswer(code, answer);
        Use(vault);
        CommandException refused = await Task.Run(() => Refused(SecretKind.Vault, ["secret/godwit#key"]));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("let-me-in", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "t", "VAULT_ADDR is not set")]
    [InlineData("vault", "t", "VAULT_ADDR is no address")]
    [InlineData("http://vault.example.org:8200", "t", "would cross the network in clear")]
    [InlineData("https://vault.example.org:8200", null, "Run: vault login")]
    public void A_vault_is_not_asked_where_the_token_would_be_in_danger(string? address, string? token, string why)
    {
        foreach ((string name, string? value) in (ReadOnlySpan<(string, string?)>)[("VAULT_ADDR", address), ("VAULT_TOKEN", token)])
        {
            if (value is not null)
            {
                _folder.Variables[name] = value;
            }
        }

        Assert.Contains(why, Refused(SecretKind.Vault, ["secret/godwit#key"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_in_no_output()
    {
        _folder.Put("lab.secret", "hush-hush");
        _folder.Write($$"""
            endpoints:
              lab:
                url: s3://bucket
                options: { endpoint: "http://127.0.0.1:9" }
                credentials: { access-key: AKIA, secret-key: { file: {{_folder.In("lab.secret")}} } }
            """);
        Answer[] answers =
        [
            await _folder.RunAsync("config", "show"), await _folder.RunAsync("config", "show", "--json", "--origin"),
            await _folder.RunAsync("config", "check"),
        ];
        Assert.All(answers, answer => Assert.Equal(0, answer.Code));
        Assert.All(answers, answer => Assert.DoesNotContain("hush", answer.Output + answer.Error, StringComparison.Ordinal));
        Assert.Contains($"file: {_folder.In("lab.secret")}", answers[0].Output, StringComparison.Ordinal);
    }

    private void Use(OneAnswer vault)
    {
        _folder.Variables["VAULT_ADDR"] = vault.Address;
        _folder.Put(".vault-token", "let-me-in\n");
    }

    private string Read(SecretKind kind, params string[] words) =>
        ReadSecret.Of(new SecretReference(kind, words, "f:1"), new Wiring { Environment = _folder.Variables.GetValueOrDefault });

    private CommandException Refused(SecretKind kind, string[] words) => Assert.Throws<CommandException>(() => Read(kind, words));

    /// <summary>A server that gives one answer to one request.</summary>
    private sealed class OneAnswer : IDisposable
    {
        private readonly HttpListener _listener = new();

        public OneAnswer(int code, string answer)
        {
            using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            }

            _listener.Prefixes.Add(Address);
            _listener.Start();
            _ = AnswerAsync(code, answer);
        }

        public string Address { get; }

        public (string Path, string? Token, string? Namespace)? Asked { get; private set; }

        public void Dispose() => _listener.Close();

        private async Task AnswerAsync(int code, string answer)
        {
            HttpListenerContext context = await _listener.GetContextAsync();
            Asked = (context.Request.RawUrl!, context.Request.Headers["X-Vault-Token"], context.Request.Headers["X-Vault-Namespace"]);
            context.Response.StatusCode = code;
            context.Response.Close(Encoding.UTF8.GetBytes(answer), willBlock: false);
        }
    }
}
