using System.Text;
using Godwit.Backends.Local;
using Godwit.Conformance;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Transfers;

/// <summary>A place that one run fills while another takes from it: what is not finished there is nobody's file yet.</summary>
public sealed class PartialSourcesTests : IDisposable
{
    private static readonly TransferPolicy s_move = TransferPolicy.Default with { RemoveSource = true };

    private readonly string _folder = Directory.CreateTempSubdirectory("godwit-partial-").FullName;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task What_another_run_is_uploading_is_left_to_it(bool sameLedger, bool moves)
    {
        await using FlowTrial filling = await FlowTrial.BeginAsync();
        await using FlowTrial another = await FlowTrial.BeginAsync();
        TransferResult? taking = null;
        Put("here/night/a.fits", new string('x', 300_000));
        await using LocalStore here = Open("here"), landing = Open("landing"), same = Open("landing"), away = Open("away");
        await using var watched = new LayeredStore(landing, new AtEachCall(async (call, moment, _) =>
        {
            if (moment == CallMoment.Before && call.Verb == StoreVerb.CompleteParts)
            {
                taking = await (sameLedger ? filling : another).RunAsync(same, away, moves ? s_move : null);
            }
        }));

        TransferResult filled = await filling.RunAsync(here, watched);
        Assert.Equal((TransferOutcome.Success, 1L), (filled.Outcome, filled.Totals.Delivered));
        Assert.Equal((0L, 0L, 1L), (taking!.Totals.Planned, taking.Totals.Deleted, taking.Totals.Unsettled));
        Assert.Equal(["night/a.fits"], Files("landing"));
        Assert.Empty(Files("away"));
    }

    [Fact]
    public async Task What_only_has_such_a_name_is_copied_and_not_moved()
    {
        const string Name = ".a.fits.abcdefghijkmn.godwit-part";
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        Put("here/" + Name, "half");
        Put("here/.b.fits.oldabcdefghijkmn.godwit-part", "the old one");
        Put("here/.c.godwit-part", "a name of somebody's own");
        await using LocalStore here = Open("here"), there = Open("there");
        TransferResult moved = await trial.RunAsync(here, there, s_move);
        Assert.Equal((TransferOutcome.Success, 2L, 1L), (moved.Outcome, moved.Totals.Unsettled, moved.Totals.Deleted));
        Assert.Equal([".c.godwit-part"], Files("there"));
        TransferResult copied = await trial.RunAsync(here, there);
        Assert.Equal((TransferOutcome.Success, 0L, 2L), (copied.Outcome, copied.Totals.Unsettled, copied.Totals.Delivered));
        TransferResult named = await trial.RunAsync(FlowTrial.Request(here, there, s_move) with
        {
            Single = new SingleFile(StorePath.FromText(Name), StorePath.FromText("named")),
        });
        Assert.Equal((TransferOutcome.Success, 1L), (named.Outcome, named.Totals.Deleted));
    }

    [Fact]
    public async Task An_upload_that_is_finished_between_the_listing_and_the_question_is_no_failure()
    {
        const string Name = ".a.fits.abcdefghijkmn.godwit-part";
        await using FlowTrial trial = await FlowTrial.BeginAsync();
        Put("here/" + Name, "half");
        await using LocalStore here = Open("here"), there = Open("there");
        await using var watched = new LayeredStore(here, new AtEachCall((call, moment, _) =>
        {
            if (moment == CallMoment.After && call.Verb == StoreVerb.List)
            {
                File.Delete(Path.Combine(_folder, "here", Name));
            }

            return ValueTask.CompletedTask;
        }));
        TransferResult result = await trial.RunAsync(watched, there);
        Assert.Equal((TransferOutcome.Success, 1L), (result.Outcome, result.Totals.Unsettled));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private LocalStore Open(string name) => LocalStore.In(Directory.CreateDirectory(Path.Combine(_folder, name)).FullName);

    private void Put(string name, string content)
    {
        string file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, Encoding.UTF8.GetBytes(content));
    }

    private IEnumerable<string> Files(string name)
    {
        string root = Path.Combine(_folder, name);
        return Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file));
    }
}
