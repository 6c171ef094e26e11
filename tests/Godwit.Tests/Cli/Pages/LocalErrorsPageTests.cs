using System.Diagnostics;
using Godwit.Backends.Local;
using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Tests.Cli.Pages;

/// <summary>The rows of <c>docs/errors.md</c> that need no server, each made to happen.</summary>
public sealed class LocalErrorsPageTests : IDisposable
{
    private const string Copy = "godwit copy src dst --state state 2>&1";
    private const string Quota = "the disk quota is used up";
    private const string AsNobody = "chmod 755 . src; mkdir -m 777 state; setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent ";

    private readonly string _root = Directory.CreateTempSubdirectory("godwit-errors-").FullName;

    /// <summary>What makes each situation; the last command is the one that is looked at.</summary>
    private static readonly Dictionary<string, string> s_makes = new()
    {
        ["the disk is full"] = "mkdir dst; mount -t tmpfs -o size=4k none dst; " + Copy + "; rc=$?; umount dst; exit $rc",
        ["the file system is read-only"] = "mkdir dst; mount -t tmpfs -o size=1m none dst; mount -o remount,ro dst; " + Copy + "; rc=$?; umount dst; exit $rc",
        ["this user may not write there"] = "mkdir -m 555 dst; " + AsNobody + Copy,
        ["this user may not read a file"] = "mkdir -m 777 dst; chmod 000 src/a; " + AsNobody + Copy,
        ["another run writes there"] = "head -c 30M /dev/zero >src/big; godwit copy src dst --state state --bandwidth 3MiB --quiet & other=$!\n"
            + "until godwit history --state state 2>/dev/null | grep -q running; do :; done\n" + Copy + "; rc=$?; kill $other; wait $other; exit $rc",
        ["a signal stopped it"] = "rm src/*; head -c 60M /dev/zero >src/big; timeout --preserve-status --signal=INT 5 godwit copy src dst --state state --bandwidth 4MiB 2>&1",
        ["the source is not there"] = "godwit copy gone dst --state state 2>&1",
        ["the state cannot be kept"] = "godwit copy src dst --state src/a/below 2>&1",
    };

    public static TheoryData<string> Situations { get; } = [.. s_makes.Keys];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Every_row_without_a_bucket_is_made_to_happen() => Assert.Equal(
        ErrorTable.Rows.Values.Where(row => !row.Line.Contains("s3:", StringComparison.Ordinal)).Select(row => row.Situation)
            .Except(ErrorTable.OverSftp).Order(StringComparer.Ordinal),
        s_makes.Keys.Append(Quota).Order(StringComparer.Ordinal));

    /// <summary>A file system with quotas is nowhere to be had for certain: what its kernel would answer is planted below the layers.</summary>
    [Fact]
    public async Task A_disk_quota_is_told_as_the_page_says()
    {
        using var folder = new CommandLineFolder();
        folder.Put("a", "content");
        folder.Wiring = folder.Wiring with { DressStore = (store, side) => side == StoreSide.Destination ? new LayeredStore(store, new OverQuota()) : store };
        Answer answer = await folder.CopyAsync();
        ErrorTable.Rows[Quota].Require(answer.Code, answer.Error);
        Assert.Empty(CommandLineFolder.Tree(folder.Destination));
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task A_situation_is_told_as_the_page_says(string situation)
    {
        Directory.CreateDirectory(Path.Combine(_root, "src"));
        foreach (string name in (string[])["a", "b"])
        {
            await File.WriteAllTextAsync(Path.Combine(_root, "src", name), new string('x', 3000));
        }

        string program = Path.Combine(_root, "godwit");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec {PageRun.Program} \"$@\"\n");
        var start = new ProcessStartInfo("bash", ["--norc", "--noprofile", "-c", "chmod 755 godwit; " + s_makes[situation]])
        {
            WorkingDirectory = _root,
            RedirectStandardOutput = true,
        };
        start.Environment["PATH"] = $"{_root}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        ErrorTable.Rows[situation].Require(process.ExitCode, said);
        AssertNothingHalfDone();
    }

    /// <summary>Only what a stop keeps on purpose may be there under a partial name; what has its final name is whole.</summary>
    private void AssertNothingHalfDone()
    {
        string destination = Path.Combine(_root, "dst");
        if (Directory.Exists(destination))
        {
            Assert.All(
                Directory.EnumerateFiles(destination).Where(file => !file.EndsWith(".godwit-part", StringComparison.Ordinal)),
                file => Assert.Equal(new FileInfo(Path.Combine(_root, "src", Path.GetFileName(file))).Length, new FileInfo(file).Length));
        }
    }

    private sealed class OverQuota : IStoreLayer
    {
        public ValueTask<T> AroundAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> next, CancellationToken ct) =>
            call.Verb is StoreVerb.Write or StoreVerb.WritePart ? throw LocalErrors.Translate(-Errno.Quota, "written", call.Path) : next(ct);

        public Stream AroundBody(StoreCall call, Stream body) => body;

        public WriteSource AroundSource(StoreCall call, WriteSource source) => source;
    }
}
