using Godwit.Cli;
using Godwit.Conformance.Ledger;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli.Relay;

/// <summary>A push that was stopped, a pull that took what it had put in, and the same push again.</summary>
public sealed class RelayCollectedTests : IDisposable
{
    private readonly RelayFolder _relay = new();

    public void Dispose() => _relay.Dispose();

    [Theory]
    [InlineData("godwit", "auto")]
    [InlineData("godwit", "readback")]
    [InlineData("cta-ingest", "auto")]
    public async Task What_a_stopped_push_had_put_in_and_a_pull_took_is_there_for_the_next_push(string layout, string verify)
    {
        string[] options = ["--layout", layout, "--verify", verify];
        _relay.Put("small", "one");
        _relay.Put("empty", "");
        _relay.Put("large", new string('x', 20_000_000));
        Wiring calm = _relay.Wiring;
        _relay.Wiring = calm with
        {
            DressLedger = inner => new HookedLedger(inner, moment => moment is { Step: LedgerStep.RecordDelivered, Phase: LedgerPhase.Before }
                ? throw new LedgerException("the power is gone")
                : ValueTask.CompletedTask),
        };
        Assert.Equal(7, (await _relay.PushAsync(options)).Code);
        _relay.Wiring = calm;
        Answer pulled = await RelayFolder.DoneAsync(_relay.PullAsync("--layout", layout));
        Assert.DoesNotContain("nothing waits", pulled.Output, StringComparison.Ordinal);
        int left = 3 - CommandLineFolder.Tree(_relay.Archive).Count;
        Answer again = await RelayFolder.DoneAsync(_relay.PushAsync(options));
        Assert.DoesNotContain("FAILED", again.Output, StringComparison.Ordinal);
        Answer rest = await RelayFolder.DoneAsync(_relay.PullAsync("--layout", layout));
        Assert.Contains($"{left} of {left} file", rest.Output, StringComparison.Ordinal);
        Assert.Equal(CommandLineFolder.Tree(_relay.Site), CommandLineFolder.Tree(_relay.Archive));
        await RelayFolder.DoneAsync(_relay.PushAsync(options));
        Assert.Equal(9, (await _relay.PushAsync([.. options, "--error-on-no-transfer"])).Code);
    }
}
