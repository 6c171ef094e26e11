using System.Runtime.Versioning;
using Godwit.Cli.Configuration;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>What is wrong in a configuration is said with its line and its remedy, all at once, and never with a secret.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FaultsTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public static TheoryData<string, int, string> Wrong => new()
    {
        { "endpoint:\n", 1, "the key \"endpoint\" is not known here; the nearest is \"endpoints\"" },
        { "- a\n", 1, "a configuration is a map" },
        { "defaults: 7\n", 1, "defaults is a map" },
        { "endpoints: [a]\n", 1, "endpoints is a map of names" },
        { "defaults:\n  trasnfers: 4\n", 2, "the key \"trasnfers\" is not known in defaults; the nearest is \"transfers\"" },
        { "defaults:\n  transfers: 0\n", 2, "transfers is 0; it must be 1 to 1024" },
        { "defaults:\n  transfers: [1]\n", 2, "transfers has no value that is one word or number" },
        { "defaults:\n  transfers:\n", 2, "transfers has no value" },
        { "defaults:\n  bandwidth: 50MB\n", 2, "MB may mean 1000 or 1024; write MiB" },
        { "defaults:\n  compare: sha\n", 2, "compare is \"sha\": write one of mtime, size," },
        { "defaults:\n  parts: 1\n  parts: 2\n", 3, "the key \"parts\" is there already, in line 2" },
        { "endpoints:\n  archive:\n", 2, "has no url. Write url: s3://bucket/prefix" },
        { "endpoints:\n  a:\n    url: /x\n", 2, "\"a\" cannot be the name of an endpoint" },
        { "endpoints:\n  archive:\n    uri: /x\n    url: /x\n", 3, "the key \"uri\" is not known in the endpoint \"archive\"; the nearest is \"url\"" },
        { "projects: 7\n", 1, "projects is a map" },
        { "projects:\n  atlas:\n    source: []\n", 3, "the key \"source\" is not known in the project \"atlas\"; the nearest is \"sources\"" },
        { "projects:\n  atlas:\n    sources: lab\n", 3, "sources is a list" },
        { "projects:\n  atlas:\n    sources: [\"lab:\", \"../x\"]\n", 3, "sources has \"../x\": write an address" },
        { "projects:\n  atlas:\n    networks: [10.2.0.0]\n", 3, "networks has \"10.2.0.0\": write a network" },
        { "projects:\n  atlas:\n    share: 0\n", 3, "share is \"0\": write a whole number from 1 to 1000" },
        { "endpoints:\n  archive:\n    url: here\n", 3, "url is \"here\": write a whole path" },
        { "endpoints:\n  archive:\n    url: gopher://x/y\n", 3, "url is a gopher:// address" },
        { "endpoints:\n  archive:\n    url: other:x\n", 3, "url is \"other:x\": write a whole path" },
        { "endpoints:\n  archive:\n    url: s3://x\n", 3, "no bucket can have this name" },
        { "endpoints:\n  archive:\n    url: s3://AKIA:hush@bucket\n", 3, "url holds a key or a password, which every reader of the configuration" },
        { "endpoints:\n  archive:\n    url: sftp://me:hush@host/x\n", 3, "url holds a key or a password, which every reader of the configuration" },
        { "endpoints:\n  archive:\n    url: sftp://-host/x\n", 3, "without a password" },
        { "endpoints:\n  archive:\n    url: /x\n    options:\n      region: eu\n", 5, "the key \"region\" is not known in the options of \"archive\"" },
        { "endpoints:\n  archive:\n    url: s3://\n    options:\n      regoin: eu\n", 5, "the nearest is \"region\"" },
        { "endpoints:\n  archive:\n    url: s3://\n    options:\n      endpoint: https://me:hush@host\n", 5, "endpoint is \"https://***@host\": write http://host:port" },
        { "endpoints:\n  archive:\n    url: s3://\n    options:\n      path-style: perhaps\n", 5, "write yes or no" },
        { "endpoints:\n  archive:\n    url: /x\n    limits:\n      memory: 1G\n", 5, "the key \"memory\" is not known in the limits of \"archive\"" },
        { "endpoints:\n  archive:\n    url: /x\n    credentials: { password: hush }\n", 4, "takes no credentials" },
        { Credential("secret-key: hush"), 6, "secret-key is written here itself" },
        { Credential("secret-key: { hush: me }"), 6, "secret-key needs exactly one of env, file, command, vault" },
        { Credential("secret-key: { env: A, file: b }"), 6, "secret-key needs exactly one of env, file, command, vault" },
        { Credential("secret-key: { fiel: /x }"), 6, "the nearest is \"file\"" },
        { Credential("secret-key: { command: pass show hush }"), 6, "command is a list of words" },
        { Credential("secret-key: { command: [] }"), 6, "command is a list of words" },
        { Credential("secret-key: { vault: hush }"), 6, "vault is not PATH#FIELD" },
        { Credential("secret-key: { vault: \"../sys/hush#x\" }"), 6, "vault is not PATH#FIELD" },
        { Credential("secret_key: { env: X }"), 6, "the nearest is \"secret-key\"" },
        { Credential("token: { env: X }"), 5, "need access-key and secret-key, both" },
        { "endpoints: &x\n  archive:\n    url: /x\n", 1, "anchors (&name) and aliases (*name) are not understood" },
        { Credential("secret-key: *hush"), 6, "anchors (&name) and aliases (*name)" },
        { "endpoints:\n  archive:\n    url: [\n", 4, "this is not YAML" },
        { "endpoints:\n---\ndefaults:\n", 2, "a second document begins here" },
        { "a: " + new string('[', 200) + "\n", 1, "nested too deep" },
        { "notices: {}\n", 1, "notices is a list: write a dash before each entry" },
        { "notices:\n  - on: success\n", 2, "tells one kind of receiver: write webhook: with an address, or mail:" },
        { "notices:\n  - mail: a@example.org\n    webhok: x\n", 3, "the key \"webhok\" is not known in an entry of notices; the nearest is \"webhook\"" },
        { "notices:\n  - webhook: http://hooks.example.org/x?key=hush\n    secret: { env: X }\n", 2, "http:// only to this machine" },
        { "notices:\n  - webhook: https://me:hush@hooks.example.org/\n    secret: { env: X }\n", 2, "without name and password" },
        { "notices:\n  - webhook: https://hooks.example.org/\n", 2, "the webhook has no secret, by which its receiver tells our notices from anybody's" },
        { "notices:\n  - webhook: https://hooks.example.org/\n    secret: hush\n", 3, "secret is written here itself" },
        { "notices:\n  - { webhook: \"https://h/x?a\", secret: { env: X } }\n  - { webhook: \"https://h/x?b\", secret: { env: X } }\n", 3, "https://h/x is there twice" },
        { "notices:\n  - mail: [\"Eve <eve@example.org>\"]\n", 2, "write an address such as night@obs.example.org, without a name" },
        { "notices:\n  - mail: [a@example.org]\n    secret: { env: X }\n", 2, "mail is not signed: leave secret out" },
        { "notices:\n  - mail: [a@example.org]\n    on: [sucess]\n", 3, "on has \"sucess\": write one or more of success, failure, canceled" },
        { "notices:\n  - mail: []\n", 2, "mail is an empty list" },
        { "stager: {}\n", 1, "the key \"stager\" is not known here; the nearest is \"stagers\"" },
        { "stagers: []\n", 1, "stagers is a map" },
        { "preparers: 7\n", 1, "preparers is a map" },
        { "stagers:\n  \"my tape\": {}\n", 2, "\"my tape\" cannot be the name of a stager: write letters, digits, dots, dashes and underscores" },
        { "stagers:\n  tape: https://h\n", 2, "the stager \"tape\" is a map" },
        { "stagers:\n  tape:\n    secret: { env: X }\n", 2, "the stager \"tape\" has no url, at which it is asked" },
        { "stagers:\n  tape:\n    url: https://h/\n", 2, "the stager \"tape\" has no secret" },
        { Asked("url: https://h/\n    plcaes: []"), 4, "the key \"plcaes\" is not known in the stager \"tape\"; the nearest is \"places\"" },
        { Asked("url: http://tape.example.org/?key=hush"), 3, "url is not an address that requests go to: write https://HOST/PATH" },
        { Asked("url: https://me:hush@h/"), 3, "without name and password" },
        { "stagers:\n  tape:\n    url: https://h/\n    secret: hush\n", 4, "secret is written here itself" },
        { Asked("url: https://h/\n    at-once: 0"), 4, "at-once is \"0\": write a whole number from 1 to 10000" },
        { Asked("url: https://h/\n    at-once: 10001"), 4, "write a whole number from 1 to 10000" },
        { Asked("url: https://h/\n    at-once: \"\""), 4, "at-once is \"\": write a whole number" },
        { Asked("url: https://h/\n    time-limit: 999ms"), 4, "time-limit is \"999ms\": write at least 1s" },
        { Asked("url: https://h/\n    time-limit: a day"), 4, "write a time such as" },
        { Asked("url: https://h/\n    places: lab"), 4, "places is a list" },
        { Asked("url: https://h/\n    places:\n      - \"lab:\"\n      - ../x"), 6, "places has \"../x\": write an address" },
        { Asked("url: https://h/\n    projects: []"), 4, "projects is an empty list, and nobody could ask this stager" },
        { Asked("url: https://h/\n    certificate: a.pem"), 2, "certificate by two settings, and key is not said" },
        { Asked("url: https://h/\n    key: a.pem"), 2, "and certificate is not said" },
        { Asked("url: http://127.0.0.1/\n    ca: a.pem"), 2, "ca is said of the stager \"tape\", whose url is http://" },
        { "preparers:\n  pack:\n    url: https://h/\n    secret: { env: X }\n    places: [\"lab:\"]\n", 5, "places is said of the preparer \"pack\", and only stagers name sources" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_fault_is_said_with_its_line_and_what_to_write(string yaml, int line, string sentence)
    {
        _folder.Write(yaml);
        Answer checking = await _folder.RunAsync("config", "check");
        Answer listing = await _folder.RunAsync("ls", _folder.Root);
        Assert.Equal((2, 2), (checking.Code, listing.Code));
        Assert.Contains(
            checking.Error.Split('\n'),
            said => said.StartsWith($"godwit: {_folder.File}, line {line}: ", StringComparison.Ordinal) && said.Contains(sentence, StringComparison.Ordinal));
        Assert.DoesNotContain("hush", checking.Error + listing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_faults_come_at_once_in_the_order_of_the_file()
    {
        _folder.Write("defaults:\n  parts: 0\nendpoint: {}\nendpoints:\n  archive:\n    ulr: /x\n  lab:\n    url: s3://\n    limits: { transfers: x }\n");
        string[] said = (await _folder.RunAsync("ls", _folder.Root)).Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["2", "3", "5", "6", "9"],
            said.Select(line => line[(line.IndexOf(", line ", StringComparison.Ordinal) + 7)..].Split(':')[0]));
    }

    [Fact]
    public async Task A_check_also_looks_for_what_is_named_and_not_there()
    {
        _folder.Write(
            "endpoints:\n  lab:\n    url: s3://\n    options: { ca: no.pem }\n    credentials:\n      access-key: { env: NO_SUCH }\n"
            + "      secret-key: { file: no-file }\n      token: { command: [/no/such/program] }\n");
        Answer answer = await _folder.RunAsync("config", "check");
        Assert.Equal(2, answer.Code);
        Assert.Contains("line 4: ca is \"" + _folder.In(".config/godwit/no.pem"), answer.Error, StringComparison.Ordinal);
        Assert.Contains("line 6: the secret of \"env: NO_SUCH\" cannot be had: the variable is not set", answer.Error, StringComparison.Ordinal);
        Assert.Contains("line 7: the secret of \"file: " + _folder.In(".config/godwit/no-file"), answer.Error, StringComparison.Ordinal);
        Assert.Contains("line 8: the secret of \"command: /no/such/program\" cannot be had: there is no such program", answer.Error, StringComparison.Ordinal);

        // Another endpoint's trouble stops nobody.
        Assert.Equal(0, (await _folder.RunAsync("ls", _folder.Root)).Code);
    }

    [Theory]
    [InlineData("", "0 endpoints")]
    [InlineData("# nothing\n", "0 endpoints")]
    [InlineData("---\n...\n", "0 endpoints")]
    [InlineData("endpoints:\n", "0 endpoints")]
    [InlineData("endpoints:\n  lab: { url: \"s3://\" }\n  disk: { url: file:///x }\n  far: { url: \"sftp://me@host:22/x\" }\n", "3 endpoints")]
    public async Task What_has_no_fault_is_counted(string yaml, string said)
    {
        _folder.Write(yaml);
        Assert.Contains(said, (await _folder.SucceedAsync("config", "check")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_configuration_is_no_fault_unless_one_is_named()
    {
        Assert.Contains("There is no configuration", (await _folder.SucceedAsync("config", "check")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await _folder.RunAsync("config", "check", "--config", _folder.In("x.yaml"))).Code);
        _folder.Variables["GODWIT_CONFIG"] = _folder.In("y.yaml");
        Assert.Contains("y.yaml cannot be read", (await _folder.RunAsync("ls", _folder.Root)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_is_not_UTF_8_is_refused()
    {
        File.WriteAllBytes(_folder.File, [(byte)'a', 0xff]);
        Assert.Contains("is not UTF-8", (await _folder.RunAsync("config", "check")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_everybody_can_change_is_refused_because_it_may_name_programs()
    {
        _folder.Write("defaults:\n");
        File.SetUnixFileMode(_folder.File, UnixFileMode.UserRead | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        Answer answer = await _folder.RunAsync("ls", _folder.Root);
        Assert.Equal(2, answer.Code);
        Assert.Contains($"Run: chmod o-w {_folder.File}", answer.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await _folder.RunAsync("ls", _folder.Root, "--config", "/dev/null")).Code);
    }

    [Theory]
    [InlineData("ulr", "url")]
    [InlineData("URLS", "url")]
    [InlineData("credential", "credentials")]
    [InlineData("limit", "limits")]
    [InlineData("optoins", "options")]
    public void The_nearest_word_is_the_one_that_was_meant(string typed, string meant) =>
        Assert.Equal(meant, NearestWord.To(typed, ["url", "options", "limits", "credentials"]));

    private static string Asked(string said) => $"stagers:\n  tape:\n    {said}\n    secret: {{ env: X }}\n";

    private static string Credential(string line) =>
        $"endpoints:\n  archive:\n    url: s3://bucket\n    credentials:\n      access-key: AKIA\n      {line}\n";
}
