using System.Runtime.CompilerServices;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record.Submissions;
using static Godwit.Conformance.Ledger.Samples;
using static Godwit.Conformance.Ledger.SubmissionSamples;

namespace Godwit.Conformance.Ledger;

/// <summary>How a transfer gets into the ledger of a service.</summary>
internal static class ReceivingChecks
{
    public static IReadOnlyList<SubmissionCheck> All { get; } =
    [
        new("A transfer comes back as it was handed over once it is accepted, and is nowhere before", ComesBackAsync),
        new("Of requests with one key of one owner, at once or later, one is received, and the others are told of it", OneKeyAsync),
        new("The same key of another owner is another request, and requests without a key are all different", OtherOwnerAsync),
        new("What is dropped while it is received leaves nothing, and its key is free again; what was accepted stays", DropAsync),
        new("Files come back in the order of their sources, page by page, with what they have to be", FilesAsync),
        new("A destination that two files have is told, and nothing of that call is written", ClashAsync),
        new("A file that is named again is named once", NamedAgainAsync),
        new("Nothing is added to a transfer that was accepted or dropped, or accepted again", OnlyWhileReceivingAsync),
    ];

    private static async Task ComesBackAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        Submission handed = Submission("t1", "key") with { Priority = 5 };
        Require(await all.ReceiveAsync(handed, default).ConfigureAwait(false) is null, "it was not received");
        await all.AddFilesAsync("t1", [File("a"), File("b", "x/b")], default).ConfigureAwait(false);
        bool isSeen = await all.FindAsync("t1", default).ConfigureAwait(false) is not null
            || (await all.ListAsync(new SubmissionFilter(), null, 9, default).ConfigureAwait(false)).Count > 0
            || (await all.ListOpenAsync(null, 9, default).ConfigureAwait(false)).Count > 0;
        Require(!isSeen, "it is there before it was accepted");
        Submission expected = handed with { State = TransferState.Submitted, RequestHash = "abc", Files = 2 };
        Submission accepted = await all.SubmitAsync("t1", "abc", At(3), default).ConfigureAwait(false);
        Require(accepted == expected, $"accepted: {accepted}");
        Submission? found = await all.FindAsync("t1", default).ConfigureAwait(false);
        Require(found == expected, $"found: {found}");
    }

    private static async Task OneKeyAsync(OpenSubmissions open)
    {
        OpenedSubmissions first = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable firstClosing = first.ConfigureAwait(false);
        OpenedSubmissions second = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable secondClosing = second.ConfigureAwait(false);
        for (int round = 0; round < 10; round++)
        {
            string key = $"key{round}";
            Submission?[] answers = await Task.WhenAll(
                Task.Run(() => first.Submissions.ReceiveAsync(Submission($"a{round}", key), default).AsTask()),
                Task.Run(() => second.Submissions.ReceiveAsync(Submission($"b{round}", key), default).AsTask())).ConfigureAwait(false);
            Require(answers.Count(answer => answer is null) == 1, "not exactly one was received");
            string won = answers[0] is null ? $"a{round}" : $"b{round}";
            Require(answers.Single(answer => answer is not null) is { State: null } told && told.Id == won, "the other was told of something else");
            await first.Submissions.SubmitAsync(won, "h", At(1), default).ConfigureAwait(false);
            Submission? later = await second.Submissions.ReceiveAsync(Submission($"c{round}", key), default).ConfigureAwait(false);
            Require(later is { State: TransferState.Submitted, RequestHash: "h" } && later.Id == won, $"later: {later}");
        }
    }

    private static async Task OtherOwnerAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        Submission[] different = [Submission("t1", "key"), Submission("t2", "key") with { Owner = "bob" }, Submission("t3", "key2"), Submission("t4"), Submission("t5")];
        foreach (Submission one in different)
        {
            Require(await opened.Submissions.ReceiveAsync(one, default).ConfigureAwait(false) is null, $"{one.Id} is taken for another");
        }

        await RequireRefusedAsync(
            async () => await opened.Submissions.ReceiveAsync(Submission("t1", "key3"), default).ConfigureAwait(false), "an id was taken twice").ConfigureAwait(false);
    }

    private static async Task DropAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync(Submission("kept", "k1"), File("a")).ConfigureAwait(false);
        foreach (string id in (string[])["one", "two", "three"])
        {
            await all.ReceiveAsync(Submission(id, id), default).ConfigureAwait(false);
            await all.AddFilesAsync(id, [File("a")], default).ConfigureAwait(false);
        }

        int[] dropped =
        [
            await all.DropReceivingAsync("one", default).ConfigureAwait(false),
            await all.DropReceivingAsync("kept", default).ConfigureAwait(false),
            await all.DropReceivingAsync(null, default).ConfigureAwait(false),
        ];
        Require(dropped is [1, 0, 2], $"dropped: {string.Join(", ", dropped)}");
        Require((await all.FilesAsync("one").ConfigureAwait(false)).Count == 0, "its files are there");
        Require((await all.FilesAsync("kept").ConfigureAwait(false)).Count == 1, "files of what was accepted are gone");
        Require(await all.ReceiveAsync(Submission("again", "one"), default).ConfigureAwait(false) is null, "its key is not free");
        Require(await all.FindAsync("kept", default).ConfigureAwait(false) is not null, "what was accepted is gone");
    }

    private static async Task FilesAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        var sum = new Checksum(ChecksumKind.Md5, new byte[16]);
        var raw = StorePath.FromBytes([(byte)'a', 0xff, (byte)'z']);
        await opened.Submissions.ReceiveAsync(Submission("t1"), default).ConfigureAwait(false);
        await opened.Submissions.AddFilesAsync("t1", [File("b/z", "1"), File("a", "3", sum)], default).ConfigureAwait(false);
        await opened.Submissions.AddFilesAsync("t1", [File("b", "4"), File("b", "2"), new(raw, raw)], default).ConfigureAwait(false);
        await opened.Submissions.AcceptedAsync(Submission("t2"), File("other")).ConfigureAwait(false);
        RequireSame(
            [$"a 3 {sum}", $"{raw} {raw} ", "b 2 ", "b 4 ", "b/z 1 "],
            (await opened.Submissions.FilesAsync("t1").ConfigureAwait(false)).Select(file => $"{file.Source} {file.Destination} {file.Expected}"), "the files");
    }

    private static async Task ClashAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        await opened.Submissions.ReceiveAsync(Submission("t1"), default).ConfigureAwait(false);
        await opened.Submissions.AddFilesAsync("t1", [File("a", "x")], default).ConfigureAwait(false);
        var clash = await opened.Submissions.AddFilesAsync("t1", [File("b"), File("c", "x")], default).ConfigureAwait(false);
        Require(clash == File("c", "x"), $"told: {clash}");
        var sum = new Checksum(ChecksumKind.Md5, new byte[16]);
        Require(await opened.Submissions.AddFilesAsync("t1", [File("a", "x", sum)], default).ConfigureAwait(false) is not null, "one file has two checksums");
        RequireSame(["a"], (await opened.Submissions.FilesAsync("t1").ConfigureAwait(false)).Select(file => $"{file.Source}"), "the files");
        Require((await opened.Submissions.SubmitAsync("t1", "h", At(1), default).ConfigureAwait(false)).Files == 1, "they are counted");
    }

    private static async Task NamedAgainAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        Submission accepted = await opened.Submissions.AcceptedAsync(Submission("t1"), File("a"), File("b"), File("a")).ConfigureAwait(false);
        Require(accepted.Files == 2, $"{accepted.Files} files are counted");
    }

    private static async Task OnlyWhileReceivingAsync(OpenSubmissions open)
    {
        OpenedSubmissions opened = await open().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = opened.ConfigureAwait(false);
        ISubmissions all = opened.Submissions;
        await all.AcceptedAsync("t1").ConfigureAwait(false);
        foreach (string id in (string[])["t1", "nothing"])
        {
            await RequireRefusedAsync(async () => await all.AddFilesAsync(id, [File("a")], default).ConfigureAwait(false), $"{id} got a file").ConfigureAwait(false);
            await RequireRefusedAsync(async () => await all.SubmitAsync(id, "h", At(1), default).ConfigureAwait(false), $"{id} was accepted").ConfigureAwait(false);
        }
    }
}
