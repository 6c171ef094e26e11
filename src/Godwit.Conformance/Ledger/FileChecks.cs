using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers.Record;
using static Godwit.Conformance.Ledger.Samples;

namespace Godwit.Conformance.Ledger;

/// <summary>Files under way.</summary>
internal static class FileChecks
{
    public static IReadOnlyList<LedgerCheck> All { get; } =
    [
        new("What a run left over is found as it was begun, with its upload and its parts by number", LeftOverAsync),
        new("Files of a run that holds its claim are not left over", AtWorkAsync),
        new("Every file under way is listed, and whether a run that is not over is at work on it", UnderWayAsync),
        new("Left over files are found at or below a place, in order of their bytes, and nowhere else", BelowAsync),
        new("A file that is begun again takes the place of what was left over of it", ReplacedAsync),
        new("A part recorded again replaces the first", PartAgainAsync),
        new("A new upload of a file has no parts of the old one", NewUploadAsync),
        new("An upload that is being completed is told as that, and a new one of the file is not", CompletingAsync),
        new("An adopted file keeps its number, its upload and its parts", AdoptedAsync),
        new("A forgotten file is gone with its parts, and its attempts stay", ForgottenAsync),
        new("The number of a file is never given again", NumbersAsync),
        new("An upload or a part of a file that is not under way is refused", NotUnderWayAsync),
    ];

    private static async Task LeftOverAsync(OpenLedger open)
    {
        FileIntent intent = Intent(StorePath.FromBytes([0xff, 0xfe, (byte)'/', 0x80, (byte)'\n'])) with { Length = 1L << 50 };
        ILedger run = await BegunAsync(open).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            IReadOnlyList<long> numbers = await run.StartFilesAsync("t1", [Intent("plain"), intent], default).ConfigureAwait(false);
            await run.RecordUploadAsync(numbers[1], "upload", 8, default).ConfigureAwait(false);
            await run.RecordPartsAsync(numbers[1], [Part(10), Part(2)], default).ConfigureAwait(false);
            await run.RecordPartsAsync(numbers[1], [Part(1)], default).ConfigureAwait(false);
            await run.EndAsync("t1").ConfigureAwait(false);
        }

        ILedger ledger = await open(TimeProvider.System).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        IReadOnlyList<UnfinishedFile> found = await ledger.UnfinishedAsync().ConfigureAwait(false);
        Require(found.Count == 2, $"{found.Count} files were left over instead of 2");
        Require(found[0].Intent == Intent("plain") && found[0].UploadId is null && found[0].PartSize == 0 && found[0].Parts.Count == 0,
            $"the first is {found[0]}");
        Require(found[1].Intent == intent && found[1].UploadId == "upload" && found[1].PartSize == 8, $"the second is {found[1]}");
        Require(found[1].Parts.SequenceEqual([Part(1), Part(2), Part(10)]), "the parts are others");
    }

    private static async Task AtWorkAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        await ledger.StartFilesAsync("t1", [Intent("a")], default).ConfigureAwait(false);
        Require((await ledger.UnfinishedAsync().ConfigureAwait(false)).Count == 0, "a file that is being written counts as left over");
        await ledger.EndAsync("t1").ConfigureAwait(false);
        Require((await ledger.UnfinishedAsync().ConfigureAwait(false)).Count == 1, "a file that was left over is not found");
    }

    private static async Task UnderWayAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        IReadOnlyList<long> numbers = await ledger.StartFilesAsync("t1", [Intent("a"), Intent("b/c")], default).ConfigureAwait(false);
        await ledger.RecordPartsAsync(numbers[1], [Part(1)], default).ConfigureAwait(false);
        await RequireHeldAsync(Holder(), true).ConfigureAwait(false);
        await RequireHeldAsync(Holder() with { IsGone = _ => true }, false).ConfigureAwait(false);
        Require((await ledger.UnfinishedAsync().ConfigureAwait(false)).Count == 0, "asking took the claim over");
        await ledger.EndAsync("t1").ConfigureAwait(false);
        await RequireHeldAsync(Holder(), false).ConfigureAwait(false);

        async Task RequireHeldAsync(RunHolder asking, bool held)
        {
            IReadOnlyList<FileUnderWay> found = await ledger.ListUnderWayAsync(To, Path(""), asking, default).ConfigureAwait(false);
            RequireSame(["a", "b/c"], found.Select(file => file.File.Intent.Destination.ToString()), "the files under way");
            Require(found.All(file => file.IsHeld == held), held ? "a run at work is not told" : "a run that is over counts as at work");
            Require(found.All(file => file.Began == Transfer("t1", "").Started), "the beginning of the transfer is another");
            Require(found[1].File.Parts.SequenceEqual([Part(1)]), "the parts are others");
        }
    }

    private static async Task BelowAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        string[] names = ["b", "a0", "a/z", "a/b/c", "a-b", "a", "ab", "aé"];
        FileIntent elsewhere = Intent("a/x") with { DestinationSpace = "s3://other" };
        await ledger.StartFilesAsync("t1", [.. names.Select(Intent), elsewhere], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        (string Below, string[] Names)[] rows =
        [
            ("a", ["a", "a/b/c", "a/z"]), ("", ["a", "a-b", "a/b/c", "a/z", "a0", "ab", "aé", "b"]), ("a/b/c", ["a/b/c"]), ("c", []),
        ];
        foreach ((string below, string[] expected) in rows)
        {
            IReadOnlyList<UnfinishedFile> found = await ledger.UnfinishedAsync(below).ConfigureAwait(false);
            RequireSame(expected, found.Select(file => file.Intent.Destination.ToString()), $"below \"{below}\"");
        }
    }

    private static async Task ReplacedAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        long first = (await ledger.StartFilesAsync("t1", [Intent("a")], default).ConfigureAwait(false))[0];
        await ledger.RecordPartsAsync(first, [Part(1)], default).ConfigureAwait(false);
        FileIntent changed = Intent("a") with { SourceVersion = "v2" };
        long second = (await ledger.StartFilesAsync("t1", [changed], default).ConfigureAwait(false))[0];
        await ledger.EndAsync("t1").ConfigureAwait(false);
        IReadOnlyList<UnfinishedFile> found = await ledger.UnfinishedAsync().ConfigureAwait(false);
        Require(found.Count == 1 && found[0].File == second && found[0].Intent == changed, $"{found.Count} files, not the newer one alone");
        Require(found[0].Parts.Count == 0, "it has the parts of the old one");
    }

    private static async Task PartAgainAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        long file = (await ledger.StartFilesAsync("t1", [Intent("a")], default).ConfigureAwait(false))[0];
        await ledger.RecordPartsAsync(file, [Part(1)], default).ConfigureAwait(false);
        await ledger.RecordPartsAsync(file, [Part(1) with { Token = "second" }], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        UnfinishedFile found = (await ledger.UnfinishedAsync().ConfigureAwait(false))[0];
        Require(found.Parts.SequenceEqual([Part(1) with { Token = "second" }]), "the parts are others");
    }

    private static async Task NewUploadAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        IReadOnlyList<long> files = await ledger.StartFilesAsync("t1", [Intent("a"), Intent("b")], default).ConfigureAwait(false);
        await ledger.RecordUploadAsync(files[0], "first", 8, default).ConfigureAwait(false);
        await ledger.RecordPartsAsync(files[0], [Part(1), Part(2)], default).ConfigureAwait(false);
        await ledger.RecordPartsAsync(files[1], [Part(1)], default).ConfigureAwait(false);
        await ledger.RecordUploadAsync(files[0], "second", 16, default).ConfigureAwait(false);
        await ledger.RecordPartsAsync(files[0], [Part(2)], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        IReadOnlyList<UnfinishedFile> found = await ledger.UnfinishedAsync().ConfigureAwait(false);
        Require(found[0].UploadId == "second" && found[0].PartSize == 16, $"the upload is {found[0].UploadId}");
        Require(found[0].Parts.SequenceEqual([Part(2)]), "it has parts of the first upload");
        Require(found[1].Parts.SequenceEqual([Part(1)]), "another file lost its parts");
    }

    private static async Task CompletingAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        IReadOnlyList<long> files = await ledger.StartFilesAsync("t1", [Intent("a"), Intent("b"), Intent("c")], default).ConfigureAwait(false);
        foreach (long file in files)
        {
            await ledger.RecordUploadAsync(file, "first", 8, default).ConfigureAwait(false);
        }

        await ledger.RecordCompletingAsync(files[0], new Timestamp(1_700_000_000_123_456_789), default).ConfigureAwait(false);
        await ledger.RecordCompletingAsync(files[1], new Timestamp(5), default).ConfigureAwait(false);
        await ledger.RecordUploadAsync(files[1], "second", 8, default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        IReadOnlyList<UnfinishedFile> found = await ledger.UnfinishedAsync().ConfigureAwait(false);
        Require(found[0].Completing == new Timestamp(1_700_000_000_123_456_789), $"the first is {found[0].Completing}");
        Require(found[1].Completing is null, "a new upload counts as being completed");
        Require(found[2].Completing is null, "another file's upload counts as being completed");
    }

    private static async Task AdoptedAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        long file = (await ledger.StartFilesAsync("t1", [Intent("a")], default).ConfigureAwait(false))[0];
        await ledger.RecordUploadAsync(file, "upload", 8, default).ConfigureAwait(false);
        await ledger.RecordPartsAsync(file, [Part(1)], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);

        await ledger.BeginTransferAsync(Transfer("t2", ""), Holder(), default).ConfigureAwait(false);
        await ledger.AdoptFilesAsync("t2", [file], default).ConfigureAwait(false);
        Require((await ledger.UnfinishedAsync().ConfigureAwait(false)).Count == 0, "an adopted file still counts as left over");
        await ledger.RecordPartsAsync(file, [Part(2)], default).ConfigureAwait(false);
        await ledger.EndAsync("t2").ConfigureAwait(false);
        UnfinishedFile found = (await ledger.UnfinishedAsync().ConfigureAwait(false))[0];
        Require(found.File == file && found.UploadId == "upload" && found.Parts.SequenceEqual([Part(1), Part(2)]), $"it is {found}");
    }

    private static async Task ForgottenAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        IReadOnlyList<long> files = await ledger.StartFilesAsync("t1", [Intent("a"), Intent("b")], default).ConfigureAwait(false);
        await ledger.RecordPartsAsync(files[0], [Part(1)], default).ConfigureAwait(false);
        await ledger.RecordAttemptsAsync("t1", [Attempt("a", 1, true, files[0])], default).ConfigureAwait(false);
        await ledger.ForgetFilesAsync([files[0]], default).ConfigureAwait(false);
        await ledger.ForgetFilesAsync([files[0]], default).ConfigureAwait(false);
        await ledger.EndAsync("t1").ConfigureAwait(false);
        IReadOnlyList<UnfinishedFile> found = await ledger.UnfinishedAsync().ConfigureAwait(false);
        RequireSame(["b"], found.Select(file => file.Intent.Destination.ToString()), "left over");
        Require((await ledger.ListFailedAsync("t1", null, 9, default).ConfigureAwait(false)).Count == 1, "its attempt is gone");
    }

    private static async Task NumbersAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        var seen = new HashSet<long>();
        for (int round = 0; round < 3; round++)
        {
            IReadOnlyList<long> files = await ledger.StartFilesAsync("t1", [Intent("a"), Intent("b")], default).ConfigureAwait(false);
            Require(files.Count == 2 && files.All(file => file > 0 && seen.Add(file)), "a number came twice, or is none");
            await ledger.ForgetFilesAsync(files, default).ConfigureAwait(false);
        }
    }

    private static async Task NotUnderWayAsync(OpenLedger open)
    {
        ILedger ledger = await BegunAsync(open).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable ledgerClosing = ledger.ConfigureAwait(false);
        long file = (await ledger.StartFilesAsync("t1", [Intent("a")], default).ConfigureAwait(false))[0];
        await ledger.ForgetFilesAsync([file], default).ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.RecordPartsAsync(file, [Part(1)], default), "a part").ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.RecordUploadAsync(file, "upload", 8, default), "an upload").ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.RecordCompletingAsync(file, default, default), "a completion").ConfigureAwait(false);
        await RequireRefusedAsync(() => ledger.AdoptFilesAsync("t1", [file], default), "an adoption").ConfigureAwait(false);
    }
}
