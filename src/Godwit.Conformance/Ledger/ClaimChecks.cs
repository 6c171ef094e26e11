using System.Runtime.CompilerServices;
using Godwit.Transfers.Record;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>Which run may write where.</summary>
internal static class ClaimChecks
{
    public static IReadOnlyList<LedgerCheck> All { get; } =
    [
        new("Of two runs that claim one place at once, exactly one gets it", OneWinsAsync),
        new("A place below a claimed one, above it, or the same is claimed too", OverlapAsync),
        new("Places that only share the beginning of a name are not one, and neither are places of two spaces", ApartAsync),
        new("A refused claim names the run that is in the way, and writes nothing", RefusedAsync),
        new("A claim is free when its transfer has ended", EndedAsync),
        new("The claim of a dead run is taken over at once, and its transfer was interrupted", GoneAsync),
        new("A claim that was not renewed for its patience is taken over, and no sooner", PatienceAsync),
        new("A run that certainly lives keeps its claim beyond its patience", StandingStillAsync),
        new("A run whose claim was taken over is told so when it renews, and can begin no file", TakenOverAsync),
    ];

    private static async Task OneWinsAsync(OpenLedger open)
    {
        ILedger first = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable firstClosing = first.ConfigureAwait(false);
        ILedger second = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable secondClosing = second.ConfigureAwait(false);
        for (int round = 0; round < 20; round++)
        {
            string path = $"d{round}";
            Task<TransferRecord?>[] both =
            [
                Task.Run(() => first.BeginTransferAsync(Transfer($"a{round}", path), Holder("a"), default).AsTask()),
                Task.Run(() => second.BeginTransferAsync(Transfer($"b{round}", path + "/below"), Holder("b"), default).AsTask()),
            ];
            TransferRecord?[] answers = await Task.WhenAll(both).ConfigureAwait(false);
            Require(answers.Count(answer => answer is null) == 1, "not exactly one claim was granted");
        }
    }

    private static async Task OverlapAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        (string Held, string Asked)[] pairs = [("a/b", "a/b"), ("a/b", "a/b/c"), ("a/b", "a"), ("a/b", ""), ("", "a/b"), ("", "")];
        foreach ((string held, string asked) in pairs)
        {
            string id = $"{held}-{asked}";
            Require(await ledger.BeginTransferAsync(Transfer(id, held), Holder(), default).ConfigureAwait(false) is null, "refused when free");
            TransferRecord? other = await ledger.BeginTransferAsync(Transfer(id + "2", asked), Holder("b"), default).ConfigureAwait(false);
            Require(other is not null, $"\"{asked}\" was granted beside \"{held}\"");
            await ledger.EndAsync(id).ConfigureAwait(false);
        }
    }

    private static async Task ApartAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        TransferRecord[] apart =
        [
            Transfer("1", "a"), Transfer("2", "ab"), Transfer("3", "a-b"), Transfer("4", "b/a"), Transfer("5", "a", "s3://other"),
        ];
        foreach (TransferRecord transfer in apart)
        {
            TransferRecord? other = await ledger.BeginTransferAsync(transfer, Holder(transfer.Id), default).ConfigureAwait(false);
            Require(other is null, $"\"{transfer.DestinationPath}\" was refused because of \"{other?.DestinationPath}\"");
        }
    }

    private static async Task RefusedAsync(OpenLedger open)
    {
        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        RunHolder deadA = Holder("asking") with { IsGone = name => name == "dead" };
        await ledger.BeginTransferAsync(Transfer("dead", "x/dead"), Holder("dead"), default).ConfigureAwait(false);
        await ledger.BeginTransferAsync(Transfer("alive", "x/alive"), Holder("alive"), default).ConfigureAwait(false);
        TransferRecord? other = await ledger.BeginTransferAsync(Transfer("asking", "x"), deadA, default).ConfigureAwait(false);
        Require(other == Transfer("alive", "x/alive"), $"the answer is {other}");
        IReadOnlyList<TransferRecord> all = await ledger.ListTransfersAsync(10, null, default).ConfigureAwait(false);
        RequireSame(["alive", "dead"], all.Select(one => one.Id).Order(StringComparer.Ordinal), "transfers");
        Require(all.All(one => one.Outcome is null), "a claim was taken over although the asking run was refused");
    }

    private static async Task EndedAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        Require(await ledger.BeginTransferAsync(Transfer("t2", "a"), Holder("b"), default).ConfigureAwait(false) is null, "still claimed");
    }

    private static async Task GoneAsync(OpenLedger open)
    {
        var clock = new StandingClock();
        ILedger ledger = await BegunAsync(open, "dead", clock).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        RunHolder asking = Holder("b") with { IsGone = name => name == "run" };
        Require(await ledger.BeginTransferAsync(Transfer("t2", "a"), asking, default).ConfigureAwait(false) is null, "not taken over");
        TransferRecord dead = (await ledger.FindTransfersAsync("dead", default).ConfigureAwait(false))[0];
        Require(dead.Outcome == TransferOutcome.Interrupted && dead.Ended is not null, $"the dead transfer is {dead.Outcome}");
    }

    private static async Task PatienceAsync(OpenLedger open)
    {
        var clock = new StandingClock();
        ILedger ledger = await BegunAsync(open, "t1", clock).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        clock.Move(Patience);
        Require(await ledger.RenewAsync("t1", default).ConfigureAwait(false), "a claim that nobody took is not renewed");
        clock.Move(Patience);
        TransferRecord? other = await ledger.BeginTransferAsync(Transfer("t2", "a"), Holder("b"), default).ConfigureAwait(false);
        Require(other is not null, "taken over before its patience had run out");
        clock.Move(TimeSpan.FromMilliseconds(1));
        other = await ledger.BeginTransferAsync(Transfer("t2", "a"), Holder("b"), default).ConfigureAwait(false);
        Require(other is null, "not taken over after its patience");
    }

    private static async Task StandingStillAsync(OpenLedger open)
    {
        var clock = new StandingClock();
        ILedger ledger = await BegunAsync(open, "t1", clock).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        clock.Move(Patience * 100);
        RunHolder asking = Holder("b") with { IsAlive = name => name == "run" };
        Require(await ledger.BeginTransferAsync(Transfer("t2", "a"), asking, default).ConfigureAwait(false) is not null, "taken over");
    }

    private static async Task TakenOverAsync(OpenLedger open)
    {
        var clock = new StandingClock();
        ILedger ledger = await BegunAsync(open, "t1", clock).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        long file = (await ledger.StartFilesAsync("t1", [Intent("a")], default).ConfigureAwait(false))[0];
        clock.Move(Patience * 2);
        await ledger.BeginTransferAsync(Transfer("t2", "a"), Holder("b"), default).ConfigureAwait(false);
        Require(!await ledger.RenewAsync("t1", default).ConfigureAwait(false), "it was renewed");
        await RequireRefusedAsync(
            async () => await ledger.StartFilesAsync("t1", [Intent("a")], default).ConfigureAwait(false), "a file was begun").ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.AdoptFilesAsync("t1", [file], default), "a file was adopted").ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        Require(await ledger.RenewAsync("t2", default).ConfigureAwait(false), "the end of the old run took the new one's claim away");
    }
}
