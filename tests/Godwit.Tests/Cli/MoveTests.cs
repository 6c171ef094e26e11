using Godwit.Cli;
using Godwit.Conformance;
using Godwit.Conformance.Ledger;
using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli;

/// <summary><c>godwit move</c>: a file goes at the source only once it is at the destination for certain.</summary>
public sealed class MoveTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_arrive_and_are_gone_at_the_source()
    {
        _folder.Put("a", "one");
        _folder.Put("d/b", "two");
        SortedDictionary<string, string> before = CommandLineFolder.Tree(_folder.Source);
        Answer answer = await MoveAsync("--json");
        Assert.Equal(0, answer.Code);
        Assert.Equal(before, CommandLineFolder.Tree(_folder.Destination));
        Assert.Empty(CommandLineFolder.Tree(_folder.Source));
        Assert.Equal(
            ["a file", "d directory", "d/b file"],
            answer.Events.Where(one => one.GetProperty("event").GetString() == "source.deleted")
                .Select(one => $"{one.GetProperty("path")} {one.GetProperty("kind")}").Order(StringComparer.Ordinal));
        Assert.Equal(0, (await MoveAsync()).Code);
    }

    [Fact]
    public async Task What_is_there_already_goes_only_when_both_have_the_same_bytes()
    {
        _folder.Put("same", "one");
        _folder.Put("other", "one");
        Assert.Equal(0, (await _folder.CopyAsync()).Code);
        string there = Path.Combine(_folder.Destination, "other");
        DateTime time = File.GetLastWriteTimeUtc(there);
        File.WriteAllText(there, "two");
        File.SetLastWriteTimeUtc(there, time);
        Answer answer = await MoveAsync();
        Assert.Equal(0, answer.Code);
        Assert.Contains("2 deleted", answer.Output, StringComparison.Ordinal);
        Assert.Empty(CommandLineFolder.Tree(_folder.Source));
        Assert.Equal("one", File.ReadAllText(there));
    }

    [Fact]
    public async Task What_is_there_already_and_cannot_be_made_to_last_stays_at_the_source()
    {
        _folder.Put("a", "one");
        Assert.Equal(0, (await _folder.CopyAsync()).Code);
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Destination ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
                moment == CallMoment.Before && call.Verb == StoreVerb.SyncPublished
                    ? throw new StoreException(StoreErrorKind.Unavailable, "the disk says no") { Path = call.Path }
                    : ValueTask.CompletedTask)),
        };
        Answer answer = await MoveAsync();
        Assert.Equal(5, answer.Code);
        Assert.Contains("the disk says no", answer.Error, StringComparison.Ordinal);
        Assert.Equal("one", CommandLineFolder.Tree(_folder.Source)["a"]);
    }

    [Theory]
    [InlineData("--no-overwrite")]
    [InlineData("--compare exists")]
    public async Task What_must_not_be_replaced_stays_on_both_sides(string options)
    {
        _folder.Put("a", "one");
        Directory.CreateDirectory(_folder.Destination);
        File.WriteAllText(Path.Combine(_folder.Destination, "a"), "theirs");
        Assert.Equal(0, (await MoveAsync(options.Split(' '))).Code);
        Assert.Equal("one", CommandLineFolder.Tree(_folder.Source)["a"]);
        Assert.Equal("theirs", CommandLineFolder.Tree(_folder.Destination)["a"]);
    }

    [Fact]
    public async Task A_file_that_does_not_arrive_stays_and_the_others_go()
    {
        _folder.Put("bad", "one");
        _folder.Put("good", "one");
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Destination ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
                moment == CallMoment.Before && call.Path == StorePath.FromText("bad") && call.Verb is StoreVerb.BeginParts or StoreVerb.Write
                    ? throw new StoreException(StoreErrorKind.Forbidden, "no") { Path = call.Path }
                    : ValueTask.CompletedTask)),
        };
        Assert.Equal(6, (await MoveAsync()).Code);
        Assert.Equal(["bad"], CommandLineFolder.Tree(_folder.Source).Keys);
        Assert.Equal(["good"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task What_changed_after_it_was_read_stays_and_the_next_move_takes_it()
    {
        _folder.Put("a", "one");
        Wiring calm = _folder.Wiring;
        _folder.Wiring = calm with { DressLedger = ledger => new Rewriting(ledger, () => _folder.Put("a", "newer")) };
        Answer first = await MoveAsync();
        Assert.Equal(5, first.Code);
        Assert.Contains("was not deleted at the source", first.Error + first.Output, StringComparison.Ordinal);
        Assert.Equal("newer", CommandLineFolder.Tree(_folder.Source)["a"]);
        _folder.Wiring = calm;
        string id = first.Output.Split("; id ")[1].Trim();
        Assert.Contains("was not deleted at the source", (await _folder.RunAsync(["show", id])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await MoveAsync()).Code);
        Assert.Empty(CommandLineFolder.Tree(_folder.Source));
        Assert.Equal("newer", CommandLineFolder.Tree(_folder.Destination)["a"]);
    }

    [Fact]
    public async Task One_file_under_two_names_stays()
    {
        _folder.Put("a", "one");
        Directory.CreateDirectory(_folder.Destination);
        using (var link = System.Diagnostics.Process.Start("ln", [Path.Combine(_folder.Source, "a"), Path.Combine(_folder.Destination, "a")]))
        {
            await link.WaitForExitAsync();
        }

        Answer answer = await MoveAsync();
        Assert.Equal(6, answer.Code);
        Assert.Contains("one and the same file", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    [Fact]
    public async Task What_would_delete_elsewhere_or_without_proof_is_refused()
    {
        _folder.Put("a", "one");
        File.CreateSymbolicLink(_folder.In("link"), Path.Combine(_folder.Source, "a"));
        Assert.Contains("SRC is a link", (await _folder.RunAsync(["move", _folder.In("link"), _folder.Destination + "/"])).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await MoveAsync("--verify", "size")).Code);
        Assert.Equal(2, (await MoveAsync("--links", "follow")).Code);
        Assert.Equal(2, (await MoveAsync("--compare", "ledger")).Code);
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    [Fact]
    public async Task Without_a_receipt_nothing_goes()
    {
        _folder.Put("a", "one");
        _folder.Wiring = _folder.Wiring with { DressLedger = ledger => new Rewriting(ledger, () => throw new LedgerException("the disk is full")) };
        Assert.Equal(7, (await MoveAsync()).Code);
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    [Fact]
    public async Task A_single_file_and_a_kept_link_move_too()
    {
        _folder.Put("a", "one");
        Assert.Equal(0, (await _folder.RunAsync(["move", Path.Combine(_folder.Source, "a"), _folder.In("b")])).Code);
        Assert.Equal("one", File.ReadAllText(_folder.In("b")));
        File.CreateSymbolicLink(Path.Combine(_folder.Source, "link"), "target");
        Assert.Equal(0, (await MoveAsync("--links", "keep")).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Source));
        Assert.Equal("target", new FileInfo(Path.Combine(_folder.Destination, "link")).LinkTarget);
    }

    [Theory]
    [InlineData("2", "3 files would be deleted at SRC, more than the 2 of --max-delete")]
    [InlineData("74%", "3 of 4 files would be deleted at SRC, more than the 74% of --max-delete")]
    public async Task Beyond_its_limit_everything_arrives_and_nothing_goes(string limit, string says)
    {
        _folder.Put("a", "one");
        Assert.Equal(0, (await _folder.CopyAsync()).Code);
        _folder.Put("d/b", "two");
        _folder.Put("d/c", "three");
        _folder.Put("kept.txt", "four");
        string[] all = [.. CommandLineFolder.Tree(_folder.Source).Keys];
        Answer refused = await MoveAsync("--exclude", "*.txt", "--max-delete", limit);
        Assert.Equal(7, refused.Code);
        Assert.Contains($"Nothing was deleted: {says}; if that is meant, give a larger one.", refused.Error, StringComparison.Ordinal);
        Assert.Equal(all, CommandLineFolder.Tree(_folder.Source).Keys);
        Assert.Equal(["a", "d/b", "d/c"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(7, (await MoveAsync("--exclude", "*.txt", "--max-delete", limit, "--dry-run")).Code);
        Assert.Equal(0, (await MoveAsync("--exclude", "*.txt", "--max-delete", limit == "2" ? "3" : "75%")).Code);
        Assert.Equal(["kept.txt"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    [Theory]
    [InlineData("--exclude", "*.txt")]
    [InlineData("--exclude", "d/")]
    [InlineData("--exclude", "d/**")]
    [InlineData("--include", "/a")]
    [InlineData("--exclude-if-present", "mark.txt")]
    [InlineData("--files-from", "paths")]
    [InlineData("--files-from", "columns")]
    public async Task A_share_is_one_of_all_files_whichever_way_the_others_are_left_out(string option, string value)
    {
        _folder.Put("a", "one");
        _folder.Put("d/b.txt", "two");
        _folder.Put("d/c.txt", "three");
        _folder.Put("d/mark.txt", "four");
        File.WriteAllText(_folder.In("paths"), "a\n");
        File.WriteAllText(_folder.In("columns"), "a\tz\n");
        string[] left = [option, option == "--files-from" ? _folder.In(value) : value];
        foreach (string[] dry in (string[][])[["--dry-run"], []])
        {
            Answer refused = await MoveAsync([.. left, "--max-delete", "24%", .. dry]);
            Assert.Equal(7, refused.Code);
            Assert.Contains("Nothing was deleted: 1 of 4 files would be deleted at SRC, more than the 24% of --max-delete; if that is meant, give a larger one.", refused.Error, StringComparison.Ordinal);
        }

        Assert.Equal(4, CommandLineFolder.Tree(_folder.Source).Count);
        string[] plan = ["--plan", _folder.In("plan")];
        Assert.Equal(0, (await MoveAsync([.. left, .. plan, "--dry-run"])).Code);
        Assert.Equal(7, (await MoveAsync([.. plan, "--max-delete", "24%"])).Code);
        Assert.Equal(0, (await MoveAsync([.. left, "--max-delete", "25%"])).Code);
        Assert.Equal(["d/b.txt", "d/c.txt", "d/mark.txt"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    [Fact]
    public async Task A_kept_link_counts_for_the_limit_too()
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Source, "link"), "target");
        Assert.Equal(7, (await MoveAsync("--links", "keep", "--max-delete", "0")).Code);
        Assert.Equal("target", new FileInfo(Path.Combine(_folder.Source, "link")).LinkTarget);
        Assert.Equal(0, (await MoveAsync("--links", "keep", "--max-delete", "1")).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Source));
    }

    [Fact]
    public async Task A_saved_plan_brings_its_limit_and_may_be_given_one()
    {
        _folder.Put("a", "one");
        _folder.Put("b.txt", "two");
        string plan = _folder.In("plan");
        Assert.Equal(0, (await MoveAsync("--exclude", "*.txt", "--dry-run", "--plan", plan)).Code);
        Assert.Equal(7, (await MoveAsync("--plan", plan, "--max-delete", "49%")).Code);
        Assert.Equal(["a", "b.txt"], CommandLineFolder.Tree(_folder.Source).Keys);
        Assert.Equal(0, (await MoveAsync("--exclude", "*.txt", "--max-delete", "50%", "--dry-run", "--plan", plan)).Code);
        Assert.Equal(2, (await MoveAsync("--plan", plan, "--max-delete", "3")).Code);
        Assert.Equal(0, (await MoveAsync("--plan", plan)).Code);
        Assert.Equal(["b.txt"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    private Task<Answer> MoveAsync(params string[] options) => _folder.RunAsync(["move", _folder.Source, _folder.Destination, .. options]);

    private sealed class Rewriting(ILedger inner, Action afterwards) : ForwardingLedger(inner)
    {
        public override async ValueTask RecordDeliveredAsync(string transferId, IReadOnlyList<Receipt> receipts, CancellationToken ct)
        {
            await base.RecordDeliveredAsync(transferId, receipts, ct);
            afterwards();
        }
    }
}
