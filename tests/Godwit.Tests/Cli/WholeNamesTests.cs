using Godwit.Cli;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary>Small commands name what they could not do by its whole path, and say nothing that is not so.</summary>
public sealed class WholeNamesTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public WholeNamesTests() => _folder.Put("d/a", "one");

    private string File => Path.Combine(_folder.Source, "d", "a");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(StoreVerb.Delete, "rm", "d/a")]
    [InlineData(StoreVerb.Delete, "rm", "d", "-r")]
    [InlineData(StoreVerb.OpenRead, "cat", "d/a")]
    public async Task A_command_names_a_file_with_its_directory(StoreVerb verb, string command, string name, params string[] options)
    {
        _folder.Wiring = new Wiring
        {
            Environment = _ => null,
            DressStore = (store, _) => new LayeredStore(store, new Refuse(verb)),
        };
        Answer answer = await _folder.RunBareAsync([command, Path.Combine(_folder.Source, name), .. options]);
        Assert.Equal(6, answer.Code);
        Assert.StartsWith($"godwit: \"{File}\" could not be touched. [forbidden] Next: ", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_hold_no_directory_is_told_as_that()
    {
        Answer answer = await _folder.RunBareAsync(["mkdir", "/proc/godwit/x"]);
        Assert.Equal(6, answer.Code);
        Assert.StartsWith("godwit: \"/proc/godwit/x\" could not be made: the file system there takes no directories. Name another place.", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_resend_says_that_nothing_is_left_to_take_back()
    {
        Assert.Equal(0, (await _folder.CopyAsync()).Code);
        string[] resend = ["resend", _folder.Source, _folder.Destination];
        Assert.Contains("resend: 1 file will be sent by the next copy: 1 delivered", (await _folder.RunAsync(resend)).Output, StringComparison.Ordinal);
        Answer again = await _folder.RunAsync(resend);
        Assert.Equal((0, "resend: 1 file was to be sent by the next copy already; there is nothing else to take back\n"), (again.Code, again.Output));
    }

    [Fact]
    public async Task A_report_of_a_sync_has_what_stays_at_the_destination()
    {
        Directory.CreateDirectory(_folder.Destination);
        System.IO.File.WriteAllText(Path.Combine(_folder.Destination, "extra"), "x");
        _folder.Put("d/b", "two");
        Answer answer = await _folder.RunAsync(
            ["sync", _folder.Source, _folder.Destination, "--max-transfer", "3", "--transfers", "1", "--report", _folder.In("report")]);
        Assert.Contains("1 file that only the destination has was NOT deleted", answer.Output, StringComparison.Ordinal);
        Assert.Equal(1, _folder.Json("report").GetProperty("not_deleted").GetInt64());
        Assert.Equal("not everything arrived", _folder.Json("report").GetProperty("not_deleted_because").GetString());
    }

    [Theory]
    [InlineData("xdg/godwit/godwit.yaml", ".config/godwit/godwit.yaml", "xdg/godwit/godwit.yaml")]
    [InlineData(".config/godwit/godwit.yaml", null, ".config/godwit/godwit.yaml")]
    [InlineData("xdg/godwit/godwit.yaml", null, "xdg/godwit/godwit.yaml")]
    [InlineData(null, null, "xdg/godwit/godwit.yaml")]
    public async Task The_configuration_is_where_such_files_are(string? one, string? other, string taken)
    {
        foreach (string file in new[] { one, other }.OfType<string>())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.In(file))!);
            System.IO.File.WriteAllText(_folder.In(file), "defaults:\n  verify: readback\n");
        }

        _folder.Wiring = new Wiring { Environment = name => name switch { "HOME" => _folder.Root, "XDG_CONFIG_HOME" => _folder.In("xdg"), _ => null } };
        Answer answer = await _folder.RunBareAsync(["config", "check"]);
        Assert.Equal(0, answer.Code);
        Assert.Contains(_folder.In(taken), answer.Output, StringComparison.Ordinal);
    }

    private sealed class Refuse(StoreVerb verb) : IStoreLayer
    {
        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) => call.Verb == verb
            ? throw new StoreException(StoreErrorKind.Forbidden, $"\"{call.Path}\" could not be touched.") { Path = call.Path }
            : next(ct);

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }
}
