using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.ServerTests.Sftp;

/// <summary>A server that goes away in the middle of a copy: for good, or for a while.</summary>
public sealed class SftpGoneTests : IDisposable
{
    /// <summary>Far more than are under way at once: were each one tried to its end, that would take many minutes.</summary>
    private const int Files = 900;

    private readonly SftpCommandLine _cli = new();
    private readonly PrivateSshd _sshd;
    private int _met;

    public SftpGoneTests() => _sshd = new PrivateSshd(_cli);

    public void Dispose()
    {
        _sshd.Dispose();
        _cli.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gone_for_good_a_copy_ends_soon_and_the_same_command_goes_on_later(bool into)
    {
        string[] copy = await PrepareAsync(into);
        var time = new HurriedTime(20);
        (_cli.Time, _cli.Dress) = (time, Meeting(_sshd.Kill));
        (int code, string said) = await _cli.TryAsync(copy);
        Assert.True(code == 7, said);
        Assert.InRange(time.Elapsed, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(4));
        Assert.Contains("Nobody has answered for 2 minutes", said, StringComparison.Ordinal);
        Assert.Contains("the same command goes on from here", said, StringComparison.Ordinal);
        Assert.InRange(said.Split("FAILED").Length - 1, 1, 400);

        _sshd.Start();
        (_cli.Time, _cli.Dress) = (TimeProvider.System, (store, _) => store);
        await RequireCompleteAsync(copy, into);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gone_for_a_while_a_copy_goes_on_by_itself(bool into)
    {
        string[] copy = await PrepareAsync(into);
        var time = new HurriedTime(20);
        (_cli.Time, _cli.Dress) = (time, Meeting(() =>
        {
            _sshd.Kill();
            time.CreateTimer(_ => _sshd.Start(), null, TimeSpan.FromSeconds(60), Timeout.InfiniteTimeSpan);
        }));
        await _cli.RunAsync(0, copy);
        _cli.Dress = (store, _) => store;
        await RequireCompleteAsync(copy, into);
    }

    private Func<IStore, StoreSide, IStore> Meeting(Action what) => (store, _) => new LayeredStore(store, new AtEachCall((call, moment, _) =>
    {
        if (call.Verb is StoreVerb.WritePart && moment == CallMoment.Before && Interlocked.Increment(ref _met) == 40)
        {
            what();
        }

        return ValueTask.CompletedTask;
    }));

    private async Task<string[]> PrepareAsync(bool into)
    {
        SftpCommandLine.Run(
            0, "sh", "-c", "mkdir -p \"$1/d\" && cd \"$1\" && head -c 20000000 /dev/urandom >large && seq \"$2\" | split -l 1 -a 4 - d/f", "-", _cli.In("src"), $"{Files}");
        string there = $"sftp://private/~/{_cli.Remote}";
        if (!into)
        {
            await _cli.RunAsync(0, "copy", _cli.In("src"), there);
        }

        return ["copy", .. into ? new[] { _cli.In("src"), there } : [there, _cli.In("to")], "--part-size", "1MiB", "--parts", "2"];
    }

    private async Task RequireCompleteAsync(string[] copy, bool into)
    {
        await _cli.RunAsync(0, copy);
        SftpCommandLine.RequireSame(_cli.In("src"), into ? _cli.OnDisk : _cli.In("to"));
        await _cli.RunAsync(9, [.. copy, "--error-on-no-transfer"]);
    }
}
