using Godwit.Cli.Addresses;
using Godwit.Cli.Service;

namespace Godwit.Tests.Cli.Service;

/// <summary>Which places a project's transfers may use, from the configuration to the file that is not written.</summary>
public sealed class ProjectPlacesTests : IAsyncLifetime
{
    private ServiceTrial _service = null!;

    private CommandLineFolder Folder => _service.Folder;

    public async Task InitializeAsync()
    {
        _service = ServiceTrial.Prepare();
        Folder.Put("a.dat", "one");
        Directory.CreateDirectory(Folder.In("lab/night"));
        await File.WriteAllTextAsync(Folder.In("lab/night/b.dat"), "two");
        Directory.CreateDirectory(Folder.In("secret"));
        await File.WriteAllTextAsync(Folder.In("secret/key"), "three");
        await File.WriteAllTextAsync(Folder.In("godwit.yaml"), $"""
            endpoints:
              lab:
                url: {Folder.In("lab")}
            projects:
              atlas:
                sources: ["lab:", "{Folder.Source}"]
                destinations:
                  - {Folder.In("out")}/*/atlas
                share: 2
            """);
        _service.Variables["GODWIT_CONFIG"] = Folder.In("godwit.yaml");
        await _service.StartAsync();
        Answer made = await _service.AskAsync("token", "new", "alice", "--project", "atlas");
        await File.WriteAllTextAsync(Folder.In("token"), made.Output);
    }

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Theory]
    [InlineData("lab:night", "out/1/atlas/x", null)]
    [InlineData("source", "out/1/atlas", null)]
    [InlineData("source/a.dat", "out/1/atlas/", null)]
    [InlineData("secret", "out/1/atlas", "source: ")]
    [InlineData("lab:escape", "out/1/atlas", "source: ")]
    [InlineData("lab:night", "out/1/cta", "destination: ")]
    [InlineData("lab:night", "lab:copy", "destination: ")]
    [InlineData("s3://bucket/x", "out/1/atlas", "source: ")]
    [InlineData("sftp://127.0.0.1/x", "out/1/atlas", "source: ")]
    public async Task What_is_not_allowed_is_refused_when_it_is_handed_over(string source, string destination, string? says)
    {
        File.CreateSymbolicLink(Folder.In("lab/escape"), Folder.In("secret"));
        string from = source.Contains(':', StringComparison.Ordinal) ? source
            : source.StartsWith("source", StringComparison.Ordinal) ? Folder.Source + source[6..] : Folder.In(source);
        string to = destination.Contains(':', StringComparison.Ordinal) ? destination : Folder.In(destination);
        Answer answer = await _service.AskAsync("submit", from, to, "--token-file", Folder.In("token"));
        Assert.Equal(says is null ? 0 : 2, answer.Code);
        Assert.Contains(says ?? "", answer.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await _service.AskAsync("submit", from, to)).Code);
    }

    [Fact]
    public async Task A_transfer_that_waited_is_held_to_what_it_finds()
    {
        string id = (await _service.AskAsync("submit", "lab:later", Folder.In("out/1/atlas"), "--token-file", Folder.In("token"))).Output.Trim();
        Assert.Equal(7, (await _service.AskAsync("status", id, "--wait")).Code);
        File.CreateSymbolicLink(Folder.In("lab/later"), Folder.In("secret"));
        Assert.Equal(0, (await _service.AskAsync("retry", id, "--token-file", Folder.In("token"))).Code);
        Answer ended = await _service.AskAsync("status", id, "--wait");
        Assert.Equal(7, ended.Code);
        Assert.Contains($"may not use \"{Folder.In("secret")}\"", ended.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Folder.In("out/1/atlas/key")));
    }

    [Fact]
    public void Places_have_one_name()
    {
        var wiring = new Godwit.Cli.Wiring { Environment = _service.Variables.GetValueOrDefault };
        (string Address, string Name, string? Host)[] places =
        [
            ("lab:", "lab:", null), ("lab:night/", "lab:night", null), ("lab:/night", "lab:night", null), (Folder.In("lab/../lab/night"), Folder.In("lab/night"), null),
            ("s3://bucket/a/", "s3://bucket/a", null), ("sftp://alice@host:22/a/", "sftp://alice@host:22/a", "host"), ("sftp://host", "sftp://host/~", "host"),
            ("gsiftp://host/a", "gsiftp://host:2811/a", "host"), ("root://host//a", "root://host:1094//a", "host"),
        ];
        Assert.Equal(
            places.Select(place => (place.Name, place.Host)),
            places.Select(place => NamePlace.Of(Address.Parse("SRC", place.Address, wiring), null, wiring)).Select(place => (place.Name, place.Host)));
    }
}
