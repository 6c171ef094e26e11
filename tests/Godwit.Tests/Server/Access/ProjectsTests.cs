using System.Net;
using System.Net.Sockets;
using Godwit.Server.Access;
using Godwit.Server.Engine;

namespace Godwit.Tests.Server.Access;

public sealed class ProjectsTests
{
    [Theory]
    [InlineData("s3://atlas-*", "s3://atlas-raw", true)]
    [InlineData("s3://atlas-*", "s3://atlas-raw/2026/11", true)]
    [InlineData("s3://atlas-*", "s3://atlas/raw", false)]
    [InlineData("s3://atlas-*", "s3://other/atlas-raw", false)]
    [InlineData("s3://b/raw", "s3://b/rawer", false)]
    [InlineData("s3://b/raw", "s3://b", false)]
    [InlineData("s3://b/raw/", "s3://b/raw", true)]
    [InlineData("s3://b/*/raw", "s3://b/x/raw/y", true)]
    [InlineData("s3://b/*/raw", "s3://b/x/y/raw", false)]
    [InlineData("s3://b/**/raw", "s3://b/x/y/raw", true)]
    [InlineData("lab:", "lab:night", true)]
    [InlineData("lab:", "lab:", true)]
    [InlineData("lab:", "lab2:night", false)]
    [InlineData("lab:night", "lab:night/1", true)]
    [InlineData("lab:night", "lab:", false)]
    [InlineData("lab-*:", "lab-1:night", true)]
    [InlineData("/data", "/data/x", true)]
    [InlineData("/data", "/database", false)]
    [InlineData("/", "/etc", true)]
    [InlineData("/data", "s3://data/data", false)]
    [InlineData("s3:", "s3://bucket/x", false)]
    [InlineData("s3:", "s3:x", true)]
    [InlineData("s*:**", "sftp://127.0.0.1/etc", false)]
    [InlineData("sftp://*.cern.ch", "sftp://alice@lxplus.cern.ch/~/x", true)]
    [InlineData("sftp://*.cern.ch", "sftp://evil.org/x.cern.ch", false)]
    [InlineData("sftp://h/a(b)+", "sftp://h/a(b)+/c", true)]
    [InlineData("sftp://h/a.b", "sftp://h/axb", false)]
    [InlineData("/data", "/data\n/x", false)]
    public void A_pattern_takes_what_it_matches_and_what_lies_below(string pattern, string place, bool takes) => Assert.Equal(takes, UrlPattern.Parse(pattern).Takes(place));

    [Theory]
    [InlineData("")]
    [InlineData("data")]
    [InlineData("../x")]
    [InlineData("*")]
    [InlineData("s3://")]
    [InlineData("/data/../etc")]
    [InlineData("l:x")]
    public void What_is_no_pattern_is_refused(string text) => Assert.Throws<FormatException>(() => UrlPattern.Parse(text));

    [Theory]
    [InlineData("s3://atlas-raw/x", "archive:atlas", null)]
    [InlineData("s3://cta/x", "archive:atlas", "source: The project \"atlas\" may not use \"s3://cta/x\". Allowed are s3://atlas-*")]
    [InlineData("s3://atlas-raw", "archive:cta", "destination: The project \"atlas\" may not use \"archive:cta\"")]
    [InlineData("s3://atlas-raw/../../x", "archive:atlas", "source: \"s3://atlas-raw/../../x\" holds \"..\"")]
    [InlineData("lab:..", "archive:atlas", "source: \"lab:..\" holds \"..\"")]
    public async Task What_nobody_allowed_is_refused_with_what_is_allowed(string source, string destination, string? says)
    {
        Project atlas = Named("atlas") with { Sources = Patterns("s3://atlas-*", "lab:"), Destinations = Patterns("archive:atlas") };
        IReadOnlyList<OrderFault> faults = await With(atlas).FaultsAsync("atlas", Place(source), Place(destination), default);
        Assert.Equal(says is null, faults.Count == 0);
        Assert.StartsWith(says ?? "", string.Join(' ', faults.Select(fault => $"{fault.Field}: {fault.Sentence}")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cta")]
    public async Task A_project_that_is_not_configured_may_use_nothing(string project)
    {
        IReadOnlyList<OrderFault> faults = await With(Named("atlas") with { Sources = Patterns("lab:"), Destinations = Patterns("lab:") })
            .FaultsAsync(project, Place("lab:a"), Place("lab:b"), default);
        Assert.Equal("project", Assert.Single(faults).Field);
    }

    [Theory]
    [InlineData("sftp://**", "far", null)]
    [InlineData("sftp://**", "near", "in a network of the service's own")]
    [InlineData("sftp://**", "both", "in a network of the service's own")]
    [InlineData("sftp://**", "unknown", "cannot be found")]
    [InlineData("sftp://near", "near", null)]
    [InlineData("sftp://near", "near", null, "sftp://**")]
    [InlineData("sftp://**", "allowed", null)]
    [InlineData("sftp://**", "mapped", null)]
    [InlineData("sftp://ne*", "near", "in a network of the service's own")]
    public async Task Servers_in_own_networks_are_refused_unless_they_are_allowed(string pattern, string host, string? says, string? other = null)
    {
        Project atlas = Named("atlas") with
        {
            Sources = Patterns([pattern, .. other is null ? Array.Empty<string>() : [other]]),
            Destinations = Patterns("lab:"),
            Networks = [IPNetwork.Parse("10.2.0.0/16")],
        };
        IReadOnlyList<OrderFault> faults = await With(atlas).FaultsAsync("atlas", Place($"sftp://{host}/x") with { Host = host }, Place("lab:x"), default);
        Assert.Equal(says is null, faults.Count == 0);
        Assert.Contains(says ?? "", string.Concat(faults.Select(fault => fault.Sentence)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("::1", true)]
    [InlineData("::", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("172.32.0.0", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("64:ff9b::a00:1", true)]
    [InlineData("::127.0.0.1", true)]
    [InlineData("2002:7f00:1::", true)]
    [InlineData("64:ff9b:1::7f00:1", true)]
    [InlineData("188.184.0.1", false)]
    [InlineData("2001:1458::1", false)]
    public void Special_addresses_are_own(string address, bool isOwn) => Assert.Equal(isOwn, OwnNetworks.Hold(IPAddress.Parse(address)));

    [Fact]
    public void Shares_are_those_of_the_projects()
    {
        Projects projects = With(Named("atlas") with { Share = 3 });
        projects.Set([Named("atlas") with { Share = 2 }, Named("cta")]);
        Assert.Equal([("atlas", 2), ("cta", 1)], projects.Shares.Select(one => (one.Key, one.Value)));
    }

    private static Project Named(string name) => new(name);

    private static UrlPattern[] Patterns(params string[] texts) => [.. texts.Select(UrlPattern.Parse)];

    private static OrderPlace Place(string name) => new(name, "", name);

    private static Projects With(Project project)
    {
        var projects = new Projects(
            (host, _) => host switch
            {
                "far" => Task.FromResult<IPAddress[]>([IPAddress.Parse("188.184.0.1")]),
                "near" => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.1.0.1")]),
                "both" => Task.FromResult<IPAddress[]>([IPAddress.Parse("188.184.0.1"), IPAddress.Parse("::1")]),
                "allowed" => Task.FromResult<IPAddress[]>([IPAddress.Parse("10.2.0.1")]),
                "mapped" => Task.FromResult<IPAddress[]>([IPAddress.Parse("::ffff:10.2.0.1")]),
                _ => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)),
            },
            OwnNetworks.Hold);
        projects.Set([project]);
        return projects;
    }
}
