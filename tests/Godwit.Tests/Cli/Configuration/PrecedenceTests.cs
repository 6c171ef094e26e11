using System.Runtime.Versioning;
using System.Text.Json;
using Godwit.Cli.Options;

namespace Godwit.Tests.Cli.Configuration;

/// <summary>Option, environment, endpoint, default: in this order, for every setting.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrecedenceTests : IDisposable
{
    private const string Yaml = """
        defaults:
          transfers: 7
          bandwidth: 30MiB
          compare: size
        endpoints:
          lab:
            url: s3://bucket/prefix
            options:
              endpoint: https://lab.example.org
              region: lab-1
              profile: lab
            limits:
              transfers: 5
          other:
            url: s3://
            credentials:
              access-key: AKIA
              secret-key: { env: NO_SUCH_SECRET }
          plain:
            url: s3://
        """;

    private readonly ConfigurationFolder _folder = new();

    public PrecedenceTests() => _folder.Write(Yaml);

    public static TheoryData<string, string, string, string[], string, string> Table => new()
    {
        // endpoint, key, variables, options, value, origin
        { "lab", "region", "", [], "lab-1", "FILE:10" },
        { "lab", "region", "AWS_DEFAULT_REGION=env-2", [], "lab-1", "FILE:10" },
        { "lab", "region", "GODWIT_S3_REGION=env-1", [], "env-1", "environment GODWIT_S3_REGION" },
        { "lab", "region", "GODWIT_S3_REGION=", [], "lab-1", "FILE:10" },
        { "lab", "region", "GODWIT_S3_REGION=env-1", ["--s3-region", "opt"], "opt", "option --s3-region" },
        { "other", "region", "AWS_DEFAULT_REGION=env-2", [], "env-2", "environment AWS_DEFAULT_REGION" },
        { "other", "region", "AWS_DEFAULT_REGION=env-2 AWS_REGION=env-1", [], "env-1", "environment AWS_REGION" },
        { "other", "region", "AWS_REGION=env-1 GODWIT_S3_REGION=env-3", [], "env-3", "environment GODWIT_S3_REGION" },
        { "other", "region", "", [], "the profile's, else us-east-1", "default" },
        { "plain", "endpoint", "AWS_ENDPOINT_URL=https://e", [], "https://e", "environment AWS_ENDPOINT_URL" },
        { "lab", "requester-pays", "", ["--s3-requester-pays"], "yes", "option --s3-requester-pays" },
        { "lab", "requester-pays", "", [], "no", "default" },
        { "lab", "transfers", "", [], "5", "FILE:13" },
        { "lab", "transfers", "GODWIT_TRANSFERS=3", [], "3", "environment GODWIT_TRANSFERS" },
        { "lab", "transfers", "GODWIT_TRANSFERS=3", ["--transfers", "2"], "2", "option --transfers" },
        { "other", "transfers", "", [], "7", "FILE:2" },
        { "lab", "bandwidth", "", [], "30MiB", "FILE:3" },
        { "lab", "parts", "", [], "4", "default" },
        { "", "compare", "", [], "size", "FILE:4" },
        { "", "compare", "GODWIT_COMPARE=always", [], "always", "environment GODWIT_COMPARE" },
        { "lab", "credential", "", [], "profile lab", "FILE:11" },
        { "lab", "credential", "AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=hush", [], "profile lab", "FILE:11" },
        { "lab", "credential", "GODWIT_S3_PROFILE=p AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=hush", [], "profile p", "environment GODWIT_S3_PROFILE" },
        { "lab", "credential", "AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=hush", ["--s3-profile", "p"], "profile p", "option --s3-profile" },
        { "other", "credential", "", [], "env: NO_SUCH_SECRET", "FILE:18" },
        { "other", "credential", "AWS_PROFILE=p AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=hush", [], "env: NO_SUCH_SECRET", "FILE:18" },
        { "other", "credential", "GODWIT_S3_PROFILE=p", [], "profile p", "environment GODWIT_S3_PROFILE" },
        { "plain", "credential", "", [], "what AWS tools would find", "default" },
        { "plain", "credential", "AWS_PROFILE=p", [], "profile p", "environment AWS_PROFILE" },
        { "plain", "credential", "AWS_PROFILE=p AWS_ACCESS_KEY_ID=A AWS_SECRET_ACCESS_KEY=hush", [], "***", "environment AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY" },
        { "plain", "credential", "AWS_PROFILE=p AWS_ACCESS_KEY_ID=A", [], "profile p", "environment AWS_PROFILE" },
        { "other", "credential", "", ["--s3-profile", "p"], "profile p", "option --s3-profile" },
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

        string[] name = endpoint.Length == 0 ? [] : [endpoint];
        Answer answer = await _folder.SucceedAsync(["config", "show", .. name, "--json", .. options]);
        JsonElement all = JsonDocument.Parse(answer.Output).RootElement;
        JsonElement found = (endpoint.Length == 0 ? all.GetProperty("defaults") : all.GetProperty("endpoints").GetProperty(endpoint)).GetProperty(key);
        Assert.Equal(value, found.GetProperty("value").GetString());
        Assert.Equal(origin.Replace("FILE:", $"{_folder.File}:", StringComparison.Ordinal), found.GetProperty("origin").GetString());
        string[] text = (await _folder.SucceedAsync(["config", "show", .. name, "--origin", .. options])).Output.Split('\n');
        Assert.Contains(text, line => line.Trim().StartsWith($"{key} ", StringComparison.Ordinal)
            && line.Contains($" {value} ", StringComparison.Ordinal)
            && line.EndsWith($"# {origin.Replace("FILE:", $"{_folder.File}:", StringComparison.Ordinal)}", StringComparison.Ordinal));
        Assert.DoesNotContain("hush", answer.Output + string.Join('\n', text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_setting_is_shown_with_its_origin_and_only_what_was_set_without_it()
    {
        string all = (await _folder.SucceedAsync("config", "show", "--origin")).Output;
        Assert.All(
            new TransferSettings().All.Concat(new S3Reach().All),
            setting => Assert.Contains($"\n  {setting.Key} ", all, StringComparison.Ordinal));
        string set = (await _folder.SucceedAsync("config", "show", "lab")).Output;
        Assert.Equal(
            ["url", "endpoint", "region", "profile", "transfers", "bandwidth", "credential"],
            set.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2).Select(line => line.Trim().Split(' ')[0]));
    }

    [Fact]
    public async Task An_endpoint_that_is_not_there_is_named_with_the_nearest()
    {
        Answer answer = await _folder.RunAsync("config", "show", "labb");
        Assert.Equal(2, answer.Code);
        Assert.Contains($"No endpoint is called \"labb\". The nearest in {_folder.File} is \"lab\".", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GODWIT_TRANSFERS", "0", "GODWIT_TRANSFERS is 0; it must be 1 to 1024.")]
    [InlineData("GODWIT_BANDWIDTH", "fast", "GODWIT_BANDWIDTH is \"fast\": write a size")]
    [InlineData("GODWIT_VERIFY", "no", "GODWIT_VERIFY is \"no\": write one of auto,")]
    public async Task A_variable_that_cannot_be_used_is_named(string name, string value, string sentence)
    {
        _folder.Variables[name] = value;
        Answer answer = await _folder.RunAsync("copy", _folder.Root, _folder.In("dst"));
        Assert.Equal(2, answer.Code);
        Assert.Contains(sentence, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_configuration_says_of_transfers_is_what_a_copy_does()
    {
        _folder.Write($"defaults: {{ compare: exists }}\nendpoints:\n  disk:\n    url: {_folder.In("dst")}\n    limits: {{ transfers: 1 }}\n");
        _folder.Put("src/a", "old");
        await _folder.SucceedAsync("copy", _folder.In("src"), "disk:");
        _folder.Put("src/a", "newer");
        await _folder.SucceedAsync("copy", _folder.In("src"), "disk:");
        Assert.Equal("old", File.ReadAllText(_folder.In("dst/a")));
        await _folder.SucceedAsync("copy", _folder.In("src"), "disk:", "--compare", "size");
        Assert.Equal("newer", File.ReadAllText(_folder.In("dst/a")));
    }

    [Fact]
    public async Task A_limit_of_an_endpoint_holds_for_a_copy()
    {
        _folder.Write($"endpoints:\n  disk:\n    url: {_folder.In("dst")}\n    limits: {{ bandwidth: 10MiB }}\n");
        _folder.Put("src/a", "x");
        Answer answer = await _folder.RunAsync("copy", _folder.In("src"), "disk:", "--route", "server");
        Assert.Equal(2, answer.Code);
        Assert.Contains("cannot be kept with --route server", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_endpoints_the_smaller_limit_counts_for_a_file_and_each_its_own_for_its_side()
    {
        static Godwit.Cli.Configuration.Endpoint Limited(string name, params (string Key, string Value)[] limits) => new()
        {
            Name = name,
            Origin = "x",
            Url = new("/x", "x"),
            Kind = "file",
            Limits = limits.ToDictionary(limit => limit.Key, limit => new Godwit.Cli.Configuration.ConfiguredValue(limit.Value, name)),
        };
        Godwit.Cli.Configuration.Endpoint from = Limited("from", ("transfers", "10"), ("parts", "4"), ("bandwidth", "08:00,1G 20:00,9G"));
        Godwit.Cli.Configuration.Endpoint to = Limited("to", ("transfers", "9"), ("parts", "3"));
        var shared = TransferSettings.SharedLimitsOf(from, null, to);
        Assert.Equal([("parts", "to")], shared.Select(limit => (limit.Key, limit.Value.Origin)));
        Assert.Equal((10, 9, null), (SideLimits.Of(from).Transfers, SideLimits.Of(to).Transfers, SideLimits.Of(null).Transfers));
        Assert.Equal(1L << 30, SideLimits.Of(from).Bandwidth!.RateAt(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero)));
        Assert.Null(SideLimits.Of(to).Bandwidth);
    }

    [Theory]
    [InlineData(null, 64, null, 8)]
    [InlineData("5", null, 5, null)]
    public void An_endpoints_transfers_go_before_the_defaults_and_after_the_option(string? option, int? from, int? files, int? to)
    {
        _folder.Write(
            $"defaults: {{ transfers: 8, bandwidth: 1GiB }}\nendpoints:\n  disk:\n    url: {_folder.In("dst")}\n    limits: {{ transfers: 64 }}\n");
        var wiring = new Godwit.Cli.Wiring { Environment = _folder.Variables.GetValueOrDefault };
        var command = new System.CommandLine.Command("copy");
        var options = CopyOptions.AddTo(command);
        string[] words = option is null ? [] : ["--transfers", option];
        CopySettings read = options.Read(
            command.Parse(words), wiring, Godwit.Transfers.Plan.EntryFilter.All, [wiring.Configuration.InForce(wiring.Environment).Find("disk"), null], policy => policy);
        Assert.Equal((files, from, to), (read.Policy.Transfers, read.Source.Transfers, read.Destination.Transfers));
        Assert.Null(read.Source.Bandwidth ?? read.Destination.Bandwidth);
        Assert.NotNull(read.Bandwidth);
    }
}
