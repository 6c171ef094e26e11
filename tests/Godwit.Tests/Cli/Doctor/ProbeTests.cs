using Godwit.Cli;
using Godwit.Cli.Doctor;
using Godwit.Conformance.Memory;
using Godwit.Storage;
using Godwit.Tests.Cli.Commands;
using Godwit.Tests.Conformance.Planted;

namespace Godwit.Tests.Cli.Doctor;

/// <summary>A probe is written and leaves nothing, however it ends; and no check takes longer than it may.</summary>
public sealed class ProbeTests : IDisposable
{
    private readonly FilesFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Place => _folder.In("place");

    [Fact]
    public async Task A_probe_is_written_read_compared_and_gone()
    {
        Directory.CreateDirectory(Place);
        var verbs = new List<StoreVerb>();
        _folder.DressStore = (store, _) => new LayeredStore(store, new Around(call => verbs.Add(call.Verb)));
        Said said = await _folder.RunAsync("doctor", Place, "--probe", "--state", _folder.In("state"));
        Assert.True(said.Code == 0, said.Error);
        Assert.Contains("probe         4096 bytes were written, read back the same, and deleted", said.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Place));
        Assert.Subset(verbs.ToHashSet(), new HashSet<StoreVerb> { StoreVerb.Write, StoreVerb.OpenRead, StoreVerb.Delete });
    }

    [Fact]
    public async Task Without_the_option_nothing_is_written()
    {
        Directory.CreateDirectory(Place);
        _folder.DressStore = (store, _) => new LayeredStore(store, new Around(call => Assert.True(call.Verb is not (StoreVerb.Write or StoreVerb.Delete))));
        Assert.Equal(0, (await _folder.RunAsync("doctor", _folder.Root, Place, "--state", _folder.In("state"))).Code);
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_not_made_for_a_probe()
    {
        Said said = await _folder.RunAsync("doctor", _folder.In("a/b"), "--probe", "--state", _folder.In("state"));
        Assert.True(said.Code == 0, said.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public async Task What_is_read_back_otherwise_is_a_failure_and_is_deleted()
    {
        Directory.CreateDirectory(Place);
        _folder.DressStore = (store, _) => new LayeredStore(store, new Around(_ => { }) { Body = body => new MemoryStream(new byte[4096]) });
        Said said = await _folder.RunAsync("doctor", Place, "--probe", "--state", _folder.In("state"));
        Assert.Equal(7, said.Code);
        Assert.Contains("others were read back", said.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Place));
    }

    [Fact]
    public async Task A_probe_that_is_stopped_leaves_nothing()
    {
        Directory.CreateDirectory(Place);
        using var stop = new CancellationTokenSource();
        var wiring = new Wiring
        {
            Environment = _ => null,
            DressStore = (store, _) => new LayeredStore(store, new Around(call =>
            {
                if (call.Verb == StoreVerb.OpenRead)
                {
                    Assert.Single(Directory.EnumerateFileSystemEntries(Place));
                    stop.Cancel();
                    stop.Token.ThrowIfCancellationRequested();
                }
            })),
        };
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await GodwitCommandLine.RunAsync(
            (IReadOnlyList<string>)["doctor", Place, "--probe", "--state", _folder.In("state")], wiring, output, error, stop.Token);
        Assert.True(code == 130, output.ToString() + error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Place));
    }

    [Fact]
    public async Task A_probe_that_is_still_there_after_it_was_deleted_is_named()
    {
        Directory.CreateDirectory(Place);
        _folder.DressStore = (store, _) => new LayeredStore(store, new Undeletable());
        Said said = await _folder.RunAsync("doctor", Place, "--probe", "--state", _folder.In("state"));
        Assert.Equal(7, said.Code);
        string left = Path.GetFileName(Assert.Single(Directory.EnumerateFileSystemEntries(Place)));
        Assert.Contains($"{left} is still there after it was deleted", said.Error, StringComparison.Ordinal);
        Assert.Contains($"Delete it: {left}", said.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0L, 1000L, null, FindingOutcome.Failed)]
    [InlineData(500L, 1000L, 0L, FindingOutcome.Failed)]
    [InlineData(49L, 1000L, 7L, FindingOutcome.Warning)]
    [InlineData(50L, 1000L, null, FindingOutcome.Ok)]
    [InlineData(1L, null, null, FindingOutcome.Ok)]
    public async Task Little_room_is_a_warning_and_none_a_failure(long free, long? total, long? files, FindingOutcome outcome)
    {
        await using var inner = new MemoryStore(
            new MemorySpace(TimeProvider.System), "disk", new MemoryStoreOptions { PosixManners = true, UnpublishedRead = true });
        var store = new AlteredStore(inner) { Space = (_, _) => ValueTask.FromResult(new FreeSpace(free, total, files)) };
        Assert.Equal(outcome, (await OwnChecks.Space(store).LookAsync(default))?.Outcome);
    }

    [Fact]
    public async Task A_step_that_never_ends_is_left_behind_and_the_next_is_made()
    {
        var wiring = new Wiring { Environment = _ => null };
        using var text = new StringWriter();
        var output = new DoctorLines(new CommandContext(wiring, text, text), quiet: false);
        await output.BeginAsync("place", null);
        var never = new TaskCompletionSource<Finding?>();
        DiagnosisStep[] steps =
        [
            new("hangs", _ => new ValueTask<Finding?>(never.Task)),
            new("goes on", _ => ValueTask.FromResult<Finding?>(new Finding(FindingOutcome.Ok, "fine"))),
            new("needed", _ => throw new StoreException(StoreErrorKind.Forbidden, "no.")) { IsNeeded = true },
            new("left out", _ => ValueTask.FromResult<Finding?>(new Finding(FindingOutcome.Ok, "fine"))),
        ];
        Assert.False(await new MakeChecks(output, TimeSpan.FromMilliseconds(20)).RunAsync(steps, default));
        string[] lines = text.ToString().Split('\n');
        Assert.Contains("FAIL hangs         no answer within 0.02 seconds", lines);
        Assert.Contains("ok   goes on       fine", lines);
        Assert.Contains("FAIL needed        no", lines);
        Assert.DoesNotContain(lines, line => line.Contains("left out", StringComparison.Ordinal));
        never.SetResult(null);
    }

    private sealed class Undeletable : IStoreLayer
    {
        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) =>
            call.Verb == StoreVerb.Delete ? ValueTask.FromResult(default(T)!) : next(ct);

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }

    private sealed class Around(Action<StoreCall> before) : IStoreLayer
    {
        public Func<Stream, Stream> Body { get; init; } = body => body;

        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct)
        {
            before(call);
            return next(ct);
        }

        public Stream AroundBody(StoreCall call, Stream body) => Body(body);

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }
}
