using System.Security.Cryptography;
using Godwit.Cli.Service;
using Godwit.Server.Engine;
using Godwit.Server.Limits;
using Godwit.Server.Runs;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Plan.Listed;
using Godwit.Transfers.Queue;
using Godwit.Transfers.Record;
using Godwit.Transfers.Record.Sqlite;

namespace Godwit.Tests.Cli.Service;

public sealed class CliEngineTests : IAsyncLifetime, IDisposable
{
    private readonly CommandLineFolder _folder = new();
    private SqliteLedger _ledger = null!;
    private CliEngine _engine = null!;

    private string From => _folder.Source;

    private string To => _folder.Destination;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_folder.In("data"));
        _ledger = await SqliteLedger.OpenAsync(_folder.In("data"), TimeProvider.System, default);
        _engine = new CliEngine(_folder.Wiring, _ledger, _ => { }, _folder.In("data"));
        _folder.Put("a.dat", "one");
        _folder.Put("sub/b.dat", "two");
        _folder.Put("sub/c.tmp", "three");
    }

    public async Task DisposeAsync() => await _ledger.DisposeAsync();

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_order_means_what_the_command_line_means()
    {
        TransferOrder order = Order(("filter", "- *.tmp"), ("verify", "readback"), ("no-overwrite", "true"), ("ignore-case", "false"));
        CheckedOrder meant = await _engine.CheckAsync(order, default);
        Assert.Empty(meant.Faults);
        Assert.Equal((From, To, "file://", "file://"), (meant.Source.Text, meant.Destination.Text, meant.Source.Endpoint, meant.Destination.Endpoint));
        RunOutcome ended = await RunAsync(order, null);
        Assert.Equal((TransferOutcome.Success, null), (ended.Outcome, ended.Why));
        Assert.Equal(["a.dat", "sub/b.dat"], CommandLineFolder.Tree(To).Keys);
        Assert.Equal(TransferOutcome.Success, Assert.Single(await _ledger.FindTransfersAsync("run1", default)).Outcome);
    }

    [Theory]
    [InlineData("verify", "perhaps", "options.verify", "perhaps")]
    [InlineData("verifi", "size", "options.verifi", "verify")]
    [InlineData("bandwidth", "x", "options.bandwidth", "bandwidth")]
    [InlineData("max-depth", "deep", "options.max-depth", "whole number")]
    [InlineData("no-overwrite", "perhaps", "options.no-overwrite", "true or false")]
    [InlineData("dry-run", "true", "options.dry-run", "no option")]
    [InlineData("report", "/etc/passwd", "options.report", "no option")]
    [InlineData("files-from", "/etc/passwd", "options.files-from", "no option")]
    [InlineData("sftp-ssh-command", "rm -rf /", "options.sftp-ssh-command", "no option")]
    [InlineData("s3-profile", "root", "options.s3-profile", "no option")]
    public async Task What_is_wrong_names_its_field(string name, string value, string field, string says)
    {
        OrderFault fault = Assert.Single((await _engine.CheckAsync(Order((name, value)), default)).Faults);
        Assert.Equal(field, fault.Field);
        Assert.Contains(says, fault.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("relative/path", "source")]
    [InlineData("s3://key:secret@bucket/x", "source")]
    [InlineData("nowhere:path", "source")]
    [InlineData("--json", "source")]
    public async Task An_address_that_cannot_be_names_its_field(string source, string field)
    {
        OrderFault fault = Assert.Single((await _engine.CheckAsync(new TransferOrder("copy", source, To), default)).Faults);
        Assert.Equal(field, fault.Field);
        Assert.DoesNotContain("secret", fault.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_command_than_copy_is_refused()
    {
        Assert.Equal("verb", Assert.Single((await _engine.CheckAsync(new TransferOrder("sync", From, To), default)).Faults).Field);
    }

    [Fact]
    public async Task A_list_gives_files_their_names_and_holds_them_against_checksums()
    {
        ListedFile[] files =
        [
            new(Path("a.dat"), Path("renamed.dat"), new Checksum(ChecksumKind.Sha256, SHA256.HashData("one"u8))),
            new(Path("sub/b.dat"), Path("wrong.dat"), new Checksum(ChecksumKind.Sha256, SHA256.HashData("other"u8))),
        ];
        RunOutcome ended = await RunAsync(Order(), new ListedFiles(files));
        Assert.Equal(TransferOutcome.Partial, ended.Outcome);
        Assert.Equal(["renamed.dat"], CommandLineFolder.Tree(To).Keys);
    }

    [Theory]
    [InlineData("data", "elsewhere", "source")]
    [InlineData("data/ledger.db", "elsewhere", "source")]
    [InlineData("", "/nowhere/else", "source")]
    [InlineData("src", "data", "destination")]
    [InlineData("src", "link", "destination")]
    [InlineData("src", "data/below", "destination")]
    public async Task The_services_own_directory_is_neither_read_nor_written(string from, string to, string field)
    {
        Directory.CreateSymbolicLink(_folder.In("link"), _folder.In("data"));
        var order = new TransferOrder("copy", _folder.In(from), _folder.In(to));
        OrderFault fault = Assert.Single((await _engine.CheckAsync(order, default)).Faults);
        Assert.Equal(field, fault.Field);
        Assert.Contains("own directory", fault.Sentence, StringComparison.Ordinal);
        RunOutcome ended = await RunAsync(order, null);
        Assert.Equal((TransferOutcome.Error, fault.Sentence), (ended.Outcome, ended.Why));
    }

    [Fact]
    public async Task A_list_that_could_write_into_its_source_is_refused()
    {
        RunOutcome ended = await RunAsync(new TransferOrder("copy", _folder.In("src/sub"), From), new ListedFiles([new ListedFile(Path("b.dat"), Path("sub/b.dat"))]));
        Assert.Equal(TransferOutcome.Error, ended.Outcome);
        Assert.Contains("lie in each other", ended.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_an_error_and_no_exception()
    {
        RunOutcome ended = await RunAsync(new TransferOrder("copy", _folder.In("missing"), To), null);
        Assert.Equal(TransferOutcome.Error, ended.Outcome);
        Assert.Contains("is not there", ended.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_destination_that_another_run_has_is_waited_for()
    {
        StoreIdentity there = Godwit.Backends.Local.LocalStore.In(To).Identity;
        var claim = new TransferRecord("other", "copy", From, To, there.Space, there.Root, new Timestamp(1));
        Assert.Null(await _ledger.BeginTransferAsync(claim, new RunHolder("other", _ => false, TimeSpan.FromMinutes(1)), default));
        RunOutcome ended = await RunAsync(Order(), null);
        Assert.True(ended.HasToWait);
        Assert.False(Directory.Exists(To));
    }

    [Fact]
    public async Task Files_of_several_runs_take_turns()
    {
        var turns = new Turns(1);
        await turns.TakeAsync(default);
        Task<RunOutcome> running = RunAsync(Order(), null, new RunLimits([turns], [], []));
        while (turns.Waiting == 0)
        {
            await Task.Yield();
        }

        Assert.False(running.IsCompleted);
        turns.Return();
        Assert.Equal(TransferOutcome.Success, (await running).Outcome);
        Assert.Equal(0, turns.Taken);
    }

    private static StorePath Path(string text) => StorePath.FromText(text);

    private TransferOrder Order(params (string Name, string Value)[] options) => new("copy", From, To)
    {
        Options = options.ToDictionary(option => option.Name, option => (IReadOnlyList<string>)[option.Value]),
    };

    private Task<RunOutcome> RunAsync(TransferOrder order, IFileList? files, RunLimits? limits = null) => _engine.RunAsync(
        new RunOrder("run1", order, files, new ActiveRun(default, null, null), new TransferTally()) { Limits = limits ?? RunLimits.None }, default);
}
