using System.Diagnostics;
using System.Globalization;
using Godwit.Cli;
using Godwit.Conformance;
using Godwit.Storage;

namespace Godwit.Tests.Cli;

/// <summary>What happens to a run while nobody looks: mounts that come and go, a ledger that is removed, disks that fill, clocks that jump.</summary>
public sealed class UnattendedTests : IDisposable
{
    private readonly CommandLineFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_list_that_is_written_to_a_pipe_leaves_the_pipe_there()
    {
        _folder.Put("a", "one");
        Directory.CreateDirectory(_folder.Destination);
        string pipe = _folder.In("pipe");
        Process.Start("mkfifo", [pipe]).WaitForExit();
        using var reader = Process.Start(new ProcessStartInfo("timeout", ["20", "cat", pipe]) { RedirectStandardOutput = true })!;
        Task<string> read = reader.StandardOutput.ReadToEndAsync();
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        int code = await GodwitCommandLine.RunAsync(
            (IReadOnlyList<string>)["check", _folder.Source, _folder.Destination, "--missing", pipe], _folder.Wiring, output, output, default);
        Assert.Equal(1, code);
        Assert.Equal("a\n", await read);
    }

    [Theory]
    [InlineData("NOT_MOUNTED")]
    [InlineData("link")]
    public async Task A_source_with_nothing_that_a_sync_would_send_counts_as_empty(string only)
    {
        Directory.CreateDirectory(_folder.Destination);
        File.WriteAllText(Path.Combine(_folder.Destination, "a.fits"), "x");
        if (only == "link")
        {
            File.CreateSymbolicLink(Path.Combine(_folder.Source, only), "nowhere");
        }
        else
        {
            _folder.Put(only, "");
        }

        Answer answer = await _folder.RunAsync(["sync", _folder.Source, _folder.Destination, "--include", "*.fits"]);
        Assert.Equal(7, answer.Code);
        Assert.Contains("--allow-empty-source", answer.Output + answer.Error, StringComparison.Ordinal);
        Assert.Equal(["a.fits"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task The_share_that_a_sync_may_delete_is_of_the_files_that_it_is_about()
    {
        _folder.Put("a.fits", "x");
        foreach (string name in (string[])["b.fits", "c.fits", "1.txt", "2.txt", "3.txt", "4.txt", "5.txt", "6.txt"])
        {
            Directory.CreateDirectory(_folder.Destination);
            File.WriteAllText(Path.Combine(_folder.Destination, name), "x");
        }

        Answer answer = await _folder.RunAsync(["sync", _folder.Source, _folder.Destination, "--include", "*.fits", "--max-delete", "40%"]);
        Assert.Equal(7, answer.Code);
        Assert.Contains("2 of 2 files", answer.Output + answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("move")]
    [InlineData("copy")]
    public async Task A_destination_that_is_another_directory_by_now_gets_no_receipt_and_the_source_stays(string verb)
    {
        _folder.Put("a", "one");
        Directory.CreateDirectory(_folder.Destination);
        WhenWritten(() =>
        {
            Directory.Move(_folder.Destination, _folder.In("renamed"));
            Directory.CreateDirectory(_folder.Destination);
        });
        Answer answer = await _folder.RunAsync([verb, _folder.Source, _folder.Destination]);
        Assert.Equal(7, answer.Code);
        Assert.Contains("it was renamed, or something was mounted there", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Source).Keys);
        Assert.Equal(0, (await _folder.RunAsync([verb, _folder.Source, _folder.Destination])).Code);
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task A_move_whose_ledger_is_removed_deletes_nothing()
    {
        _folder.Put("a", "one");
        WhenWritten(() => Directory.Delete(_folder.In("state"), recursive: true));
        Answer answer = await _folder.RunAsync(["move", _folder.Source, _folder.Destination]);
        Assert.NotEqual(0, answer.Code);
        Assert.Contains("was removed while it was in use", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["a"], CommandLineFolder.Tree(_folder.Source).Keys);
    }

    [Fact]
    public async Task Events_that_a_full_disk_did_not_take_are_told_of()
    {
        _folder.Put("a", "one");
        await using var full = new StreamWriter(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0));
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        int code = await GodwitCommandLine.RunAsync(
            (IReadOnlyList<string>)["copy", _folder.Source, _folder.Destination, "--json", "--state", _folder.In("state")], _folder.Wiring, full, error, default);
        Assert.NotEqual(0, code);
        Assert.Contains("No space left", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_larger_than_the_whole_limit_goes_alone()
    {
        _folder.Put("a-big", new string('x', 3000));
        _folder.Put("b", "one");
        Assert.Equal(8, (await _folder.CopyAsync("--max-transfer", "2000")).Code);
        Assert.Equal(["a-big"], CommandLineFolder.Tree(_folder.Destination).Keys);
        Assert.Equal(0, (await _folder.CopyAsync("--max-transfer", "2000")).Code);
        Assert.Equal(["a-big", "b"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    [Fact]
    public async Task Partial_files_of_others_are_not_deleted()
    {
        _folder.Put("a", "one");
        Directory.CreateDirectory(_folder.Destination);
        File.WriteAllText(Path.Combine(_folder.Destination, ".c.fits.0123abcd.godwit-part"), "half");
        Answer answer = await _folder.RunAsync(["sync", _folder.Source, _folder.Destination]);
        Assert.Equal(0, answer.Code);
        Assert.Equal([".c.fits.0123abcd.godwit-part", "a"], CommandLineFolder.Tree(_folder.Destination).Keys);
    }

    /// <summary>Does something once, as soon as a file's last byte is at the destination.</summary>
    private void WhenWritten(Action happens)
    {
        int times = 0;
        _folder.Wiring = _folder.Wiring with
        {
            DressStore = (store, side) => side != StoreSide.Destination ? store : new LayeredStore(store, new AtEachCall((call, moment, _) =>
            {
                if (moment == CallMoment.After && IsOfFile(call) && Interlocked.Increment(ref times) == 1)
                {
                    happens();
                }

                return ValueTask.CompletedTask;
            })),
        };

        static bool IsOfFile(StoreCall call) =>
            call.Verb is StoreVerb.CompleteParts or StoreVerb.Write or StoreVerb.ServerCopy && call.Path == StorePath.FromText("a");
    }
}
