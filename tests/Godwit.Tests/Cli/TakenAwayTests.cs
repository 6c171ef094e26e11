using System.Text.Json;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary>What is taken away while a move deletes, and lists that a stopped run must not forget.</summary>
public sealed class TakenAwayTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_move_does_not_take_its_own_ledger_away()
    {
        _folder.Put("a", "one");
        Answer answer = await _folder.RunBareAsync(["move", _folder.Source, _folder.Destination, "--state", Path.Combine(_folder.Source, ".godwit")]);
        Assert.Equal(2, answer.Code);
        Assert.Contains("lies inside SRC", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    [Fact]
    public async Task What_was_deleted_was_something_to_do()
    {
        _folder.Put("a", "one");
        Assert.Equal(0, (await _folder.RunAsync(["copy", _folder.Source, _folder.Destination])).Code);
        Assert.Equal(0, (await _folder.RunAsync(["move", _folder.Source, _folder.Destination, "--error-on-no-transfer"])).Code);
        Assert.Equal(9, (await _folder.RunAsync(["move", _folder.Source, _folder.Destination, "--error-on-no-transfer"])).Code);
    }

    [Fact]
    public async Task A_move_whose_destination_is_renamed_deletes_no_further_source()
    {
        Put(8);
        string away = _folder.Destination + "-away";
        OnFirstDeletion(() => Directory.Move(_folder.Destination, away));
        Answer answer = await RunAsync("move", "--transfers", "1");
        Assert.NotEqual(0, answer.Code);
        Assert.Equal(7, CommandLineFolder.Tree(_folder.Source).Count);
        Assert.Contains("not deleted at the source", answer.Error, StringComparison.Ordinal);
        Directory.Delete(away, recursive: true);
    }

    [Fact]
    public async Task A_move_deletes_no_source_whose_copy_was_taken_away()
    {
        Put(8);
        OnFirstDeletion(() =>
        {
            Array.ForEach(Directory.GetFiles(_folder.Destination), File.Delete);
            File.WriteAllText(Path.Combine(_folder.Destination, "f7"), "another length");
        });
        Assert.NotEqual(0, (await RunAsync("move", "--transfers", "1")).Code);
        Assert.Equal(7, CommandLineFolder.Tree(_folder.Source).Count);
    }

    [Fact]
    public async Task A_list_that_was_fed_back_is_kept_by_a_run_that_did_not_come_to_its_end()
    {
        Put(3);
        string list = _folder.In("list");
        await File.WriteAllTextAsync(list, "f0\nf1\nf2\n");
        Answer stopped = await RunAsync("copy", "--files-from", list, "--failed", list, "--max-transfer", "3", "--transfers", "1");
        Assert.Equal(8, stopped.Code);
        Assert.Contains("is as it was", stopped.Error, StringComparison.Ordinal);
        Assert.Equal("f0\nf1\nf2\n", await File.ReadAllTextAsync(list));
        Assert.Equal(0, (await RunAsync("copy", "--files-from", list, "--failed", list)).Code);
        Assert.Equal(3, CommandLineFolder.Tree(_folder.Destination).Count);
        Assert.Equal("", await File.ReadAllTextAsync(list));
    }

    [Fact]
    public async Task A_run_that_is_refused_leaves_the_list_of_failed_files_alone()
    {
        Put(1);
        string list = _folder.In("list");
        await File.WriteAllTextAsync(list, "f0\n");
        Directory.Delete(_folder.Source, recursive: true);
        Assert.NotEqual(0, (await RunAsync("copy", "--failed", list)).Code);
        Assert.Equal("f0\n", await File.ReadAllTextAsync(list));
    }

    [Fact]
    public async Task What_is_written_to_standard_output_goes_behind_what_is_there()
    {
        Put(1);
        string log = _folder.In("nightly.log");
        await File.WriteAllTextAsync(log, "yesterday\n");
        string program = Path.Combine(AppContext.BaseDirectory, "godwit.dll");
        string[] words = ["dotnet", program, "copy", _folder.Source, _folder.Destination, "--state", _folder.In("state2"), "--report", "/dev/stdout"];
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", "log=$1; shift; exec \"$@\" >>\"$log\"", "-", log, .. words]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
        string all = await File.ReadAllTextAsync(log);
        Assert.StartsWith("yesterday\n{", all, StringComparison.Ordinal);
        Assert.Contains("SUCCESS", all, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(all[all.IndexOf('{', StringComparison.Ordinal)..(all.LastIndexOf('}') + 1)]);
        Assert.Equal("copy", report.RootElement.GetProperty("verb").GetString());
    }

    private void Put(int files)
    {
        for (int i = 0; i < files; i++)
        {
            _folder.Put($"f{i}", $"{i}!!");
        }
    }

    private void OnFirstDeletion(Action act)
    {
        int deletions = 0;
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Source ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            {
                if (moment == CallMoment.After && call.Verb == StoreVerb.Delete && call.Path.ToString().StartsWith('f') && Interlocked.Increment(ref deletions) == 1)
                {
                    act();
                }

                return ValueTask.CompletedTask;
            })),
        };
    }

    private Task<Answer> RunAsync(string verb, params string[] options) => _folder.RunAsync([verb, _folder.Source, _folder.Destination, .. options]);
}
