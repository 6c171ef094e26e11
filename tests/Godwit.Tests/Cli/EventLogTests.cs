using System.Text;
using Godwit.Cli.Options;
using Godwit.Cli.Results;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli;

/// <summary>A log file that is rotated, or shared, while it is written.</summary>
public sealed class EventLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("godwit-log-").FullName;

    private string LogFile => Path.Combine(_folder, "log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void After_a_file_was_renamed_lines_go_to_the_one_that_has_its_name()
    {
        using var log = new EventLog(LogFile, LogLevel.Debug, TimeProvider.System);
        log.Write(LogLevel.Info, "one");
        File.Move(LogFile, LogFile + ".1");
        log.Write(LogLevel.Info, "two");
        File.Delete(LogFile);
        log.Write(LogLevel.Info, "three");
        File.Move(LogFile, LogFile + ".2");
        File.WriteAllText(LogFile, "made by the rotation\n");
        log.Write(LogLevel.Info, "four");
        Assert.Equal(["one"], Words(LogFile + ".1"));
        Assert.Equal(["three"], Words(LogFile + ".2"));
        Assert.Equal(["rotation", "four"], Words(LogFile));
    }

    [Fact]
    public void The_last_line_says_how_many_files_and_bytes_in_which_time()
    {
        using var log = new EventLog(LogFile, LogLevel.Info, TimeProvider.System);
        var totals = new TransferTotals { Planned = 4, Delivered = 2, DeliveredBytes = 1234567, Failed = 1, NotAttempted = 1, Unchanged = 5 };
        log.On(new TransferEnded("id", TransferOutcome.Partial, totals, TimeSpan.FromSeconds(2.5)));
        Assert.EndsWith(
            " INFO transfer.ended id partial: 2 delivered, 1 failed, 1 not attempted, 5 unchanged, 1234567 bytes in 2.5 s\n", File.ReadAllText(LogFile), StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_file_was_cut_to_nothing_it_goes_on_from_its_beginning()
    {
        using var log = new EventLog(LogFile, LogLevel.Debug, TimeProvider.System);
        log.Write(LogLevel.Info, "one");
        File.Copy(LogFile, LogFile + ".1");
        using (var cut = new FileStream(LogFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            cut.SetLength(0);
        }

        log.Write(LogLevel.Info, "two");
        Assert.Equal(["one"], Words(LogFile + ".1"));
        Assert.Equal(["two"], Words(LogFile));
        Assert.DoesNotContain((byte)0, File.ReadAllBytes(LogFile));
    }

    [Fact]
    public async Task Lines_of_several_runs_stand_beside_each_other_whole()
    {
        string filler = new('x', 5_000);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(run => Task.Run(() =>
        {
            using var log = new EventLog(LogFile, LogLevel.Debug, TimeProvider.System);
            for (int line = 0; line < 200; line++)
            {
                log.Write(LogLevel.Info, $"{filler} {run}:{line}");
            }
        })));
        Assert.Equal(
            Enumerable.Range(0, 4).SelectMany(run => Enumerable.Range(0, 200).Select(line => $"{run}:{line}")).Order(StringComparer.Ordinal),
            Words(LogFile).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Where_the_name_cannot_be_opened_again_the_renamed_file_takes_the_lines()
    {
        using var log = new EventLog(LogFile, LogLevel.Debug, TimeProvider.System);
        File.Move(LogFile, LogFile + ".1");
        Directory.CreateDirectory(LogFile);
        log.Write(LogLevel.Info, "one");
        Assert.Null(log.Fault);
        Assert.Equal(["one"], Words(LogFile + ".1"));
        Assert.Throws<IOException>(() => new EventLog(LogFile, LogLevel.Debug, TimeProvider.System));
    }

    private static IEnumerable<string> Words(string file) => File.ReadAllLines(file, Encoding.UTF8).Select(line => line.Split(' ')[^1]);
}
