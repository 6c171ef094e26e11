using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Godwit.Cli;
using Godwit.Cli.Addresses;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>Endpoints on GridFTP and XRootD servers, whose proxy counts, and what is refused before a server is asked.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class GridEndpointTests : IDisposable
{
    private const string Yaml = """
        endpoints:
          ftp:
            url: gsiftp://host:2812/data/%20
            options:
              x509-proxy: /p/own
              x509-ca: ca
          xrd:
            url: root://host//store
          top: { url: roots://host }
        """;

    private readonly ConfigurationFolder _folder = new() { Wire = wiring => wiring with { User = () => uint.MaxValue } };

    public GridEndpointTests() => _folder.Write(Yaml);

    public static TheoryData<string, string, string, string[], string, string> Table => new()
    {
        // endpoint, key, variables, options, value, origin
        { "ftp", "x509-proxy", "", [], "/p/own", "FILE:5" },
        { "ftp", "x509-proxy", "X509_USER_PROXY=/p/env", [], "/p/own", "FILE:5" },
        { "ftp", "x509-proxy", "GODWIT_X509_PROXY=/p/godwit X509_USER_PROXY=/p/env", [], "/p/godwit", "environment GODWIT_X509_PROXY" },
        { "ftp", "x509-proxy", "GODWIT_X509_PROXY=/p/godwit", ["--x509-proxy", "/p/opt"], "/p/opt", "option --x509-proxy" },
        { "xrd", "x509-proxy", "X509_USER_PROXY=/p/env", [], "/p/env", "environment X509_USER_PROXY" },
        { "xrd", "x509-proxy", "", [], "X509_USER_CERT with X509_USER_KEY, else /tmp/x509up_uUID", "default" },
        { "ftp", "x509-ca", "X509_CERT_DIR=/c/env", [], "CONFIG/ca", "FILE:6" },
        { "ftp", "x509-ca", "GODWIT_X509_CA=/c/godwit", [], "/c/godwit", "environment GODWIT_X509_CA" },
        { "ftp", "x509-ca", "GODWIT_X509_CA=/c/godwit", ["--x509-ca", "/c/opt"], "/c/opt", "option --x509-ca" },
        { "top", "x509-ca", "X509_CERT_DIR=/c/env", [], "/c/env", "environment X509_CERT_DIR" },
        { "ftp", "credential", "X509_USER_CERT=/p/cert X509_USER_KEY=/p/key", [], "/p/own", "FILE:5" },
        { "xrd", "credential", "X509_USER_CERT=/p/cert X509_USER_KEY=/p/key", [], "/p/cert, /p/key", "environment X509_USER_CERT, X509_USER_KEY" },
        { "xrd", "credential", "X509_USER_CERT=/p/cert X509_USER_KEY=/p/key X509_USER_PROXY=/p/env", [], "/p/env", "environment X509_USER_PROXY" },
        { "xrd", "credential", "X509_USER_CERT=/p/cert", [], "none", "default" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Table))]
    public async Task The_nearest_to_the_caller_counts_and_says_where_it_is(
        string endpoint, string key, string variables, string[] options, string value, string origin)
    {
        foreach (string[] pair in variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=', 2)))
        {
            _folder.Variables[pair[0]] = pair[1];
        }

        Answer answer = await _folder.SucceedAsync(["config", "show", endpoint, "--json", .. options]);
        JsonElement found = JsonDocument.Parse(answer.Output).RootElement.GetProperty("endpoints").GetProperty(endpoint).GetProperty(key);
        Assert.Equal(value.Replace("CONFIG", Path.GetDirectoryName(_folder.File), StringComparison.Ordinal), found.GetProperty("value").GetString());
        Assert.Equal(origin.Replace("FILE:", $"{_folder.File}:", StringComparison.Ordinal), found.GetProperty("origin").GetString());
    }

    [Theory]
    [InlineData("ftp:a/b", "gsiftp://host:2812/data/ /a/b")]
    [InlineData("ftp:", "gsiftp://host:2812/data/ /")]
    [InlineData("ftp:/a%20", "gsiftp://host:2812/data/ /a%20")]
    [InlineData("xrd:a//./b/.", "root://host:1094//store/a/b/")]
    [InlineData("top:a", "roots://host:1094//a")]
    [InlineData("top:", "roots://host:1094//")]
    public void The_path_lies_below_the_url(string text, string place)
    {
        var address = Address.Parse("DST", text, new Wiring { Environment = _folder.Variables.GetValueOrDefault });
        Assert.Equal(place, Encoding.UTF8.GetString(address.Server!.Text(address.Path)));
        Assert.Equal(text, address.ToString());
        Assert.Equal(StoreSide.Destination, address.Side);
    }

    [Theory]
    [InlineData("ftp:a/../../b", "holds \"..\"")]
    [InlineData("xrd:what?", "XRootD takes no path")]
    [InlineData("xrd:a\nb", "holds a line break")]
    public async Task What_cannot_lie_below_it_is_refused(string text, string sentence)
    {
        Answer answer = await _folder.RunAsync("ls", text);
        Assert.Equal(2, answer.Code);
        Assert.Contains(sentence, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("url: root://me@host//x", "a proxy says who you are")]
    [InlineData("url: root://host//x/..", "holds \"..\"")]
    [InlineData("url: root://host//x\n    options: { x509-proxi: /p }", "the key \"x509-proxi\"")]
    [InlineData("url: gsiftp://host/x\n    options: { region: here }", "in the options of \"lab\", whose url is gsiftp")]
    [InlineData("url: root://host:x//x\n    options: { region: here }", "in the options of \"lab\", whose url is root")]
    [InlineData("url: root://host//x\n    credentials: { password: { env: X } }", "whose credential is a proxy. Name it in options: x509-proxy: FILE")]
    [InlineData("url: root://host//x\n    options: { x509-ca: ca }", "x509-ca is \"CONFIG/ca\", and there is no such directory")]
    [InlineData("url: root://host//x\n    options: { x509-proxy: proxy }", "x509-proxy is \"CONFIG/proxy\", and there is no such file")]
    public async Task A_fault_of_an_endpoint_is_told(string lines, string sentence)
    {
        _folder.Write($"endpoints:\n  lab:\n    {lines}\n");
        Answer answer = await _folder.RunAsync("config", "check");
        Assert.Equal(2, answer.Code);
        string whole = sentence.Replace("CONFIG", Path.GetDirectoryName(_folder.File), StringComparison.Ordinal);
        Assert.Contains(whole, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_of_certificates_is_no_fault()
    {
        string proxy = _folder.Put("proxy", "");
        _folder.Write(
            $"endpoints:\n  lab:\n    url: root://host//x\n    options: {{ x509-proxy: {proxy}, x509-ca: {_folder.Root} }}\n");
        await _folder.SucceedAsync("config", "check");
    }

    [Fact]
    public async Task Certificates_that_are_not_there_are_told_before_a_server_is_asked()
    {
        Answer answer = await _folder.RunAsync("ls", "root://127.0.0.1:1//a", "--x509-ca", _folder.In("gone"));
        Assert.Equal(2, answer.Code);
        string sentence = $"The directory of certificates \"{_folder.In("gone")}\" is not there. Name another with --x509-ca.";
        Assert.Contains(sentence, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_told_with_how_to_make_one()
    {
        Answer answer = await _folder.RunAsync("ls", "root://127.0.0.1:1//a", "--x509-proxy", _folder.In("gone"));
        Assert.Equal(7, answer.Code);
        Assert.Contains($"The proxy \"{_folder.In("gone")}\" is not there.", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "[unauthenticated, destination]")]
    [InlineData(false, "[unauthenticated, source]")]
    public async Task An_error_of_the_first_look_says_whose_side_it_is(bool isDestination, string side)
    {
        string[] ends = [_folder.Root, "root://127.0.0.1:1//a"];
        Answer answer = await _folder.RunAsync(
            "copy", ends[isDestination ? 0 : 1], ends[isDestination ? 1 : 0], "--x509-proxy", _folder.In("gone"), "--state", _folder.In("state"));
        Assert.Equal(7, answer.Code);
        Assert.Contains(side, answer.Error, StringComparison.Ordinal);
    }
}
