using Godwit.Cli.Doctor;
using Godwit.Cli.Results;
using Godwit.Storage;
using Godwit.Transfers;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli;

/// <summary>What a message tells people to do is what helps.</summary>
public sealed class RemediesTests
{
    [Theory]
    [InlineData(StoreSide.Source, "\"a\" could not be opened: no (EACCES).", "read it")]
    [InlineData(StoreSide.Source, "\"a\" could not be listed: no (EACCES).", "read it")]
    [InlineData(StoreSide.Source, "It arrived, and was not deleted at the source: \"a\" could not be deleted: no (EACCES).", "delete there")]
    [InlineData(StoreSide.Source, "\"a\" could not be deleted: no (EACCES).", "delete there")]
    [InlineData(StoreSide.Destination, "The root could not be listed at \"/x\": no (EACCES).", "list it")]
    [InlineData(StoreSide.Destination, "\"a\" could not be written: no (EACCES).", "write there")]
    [InlineData(StoreSide.Destination, "\"a\" could not be deleted: no (EACCES).", "delete there")]
    public void What_was_refused_is_what_is_to_be_allowed(StoreSide side, string message, string what) => Assert.Equal(
        $"allow this user to {what}, then run the same command again",
        new FailedFile(StorePath.FromText("a"), "forbidden", side, message, 1, false).NextStep);

    [Fact]
    public void A_file_system_that_is_mounted_read_only_is_to_be_mounted_otherwise() => Assert.Equal(
        "Mount it writable, or name another place.",
        MakeChecks.Of(new StoreException(StoreErrorKind.Forbidden, "\"a\" could not be written: the file system is read-only (EROFS).")).Remedy);

    [Fact]
    public void A_server_that_takes_no_writes_is_not_mounted() => Assert.Equal(
        "Have it made writable there, or name another place.",
        MakeChecks.Of(new StoreException(StoreErrorKind.Forbidden, "\"a\" could not be written: the server says: read-only file system.")).Remedy);

    [Theory]
    [InlineData("sftp://me@host:22/data/x", "\"sftp://me@host:22/data/x\" could not be listed: no.")]
    [InlineData("file:///data/x", "\"/data/x\" could not be listed: no.")]
    [InlineData(null, "The root could not be listed: no.")]
    public void A_root_is_named(string? store, string told) =>
        Assert.Equal(told, new StoreException(StoreErrorKind.Forbidden, "The root could not be listed: no.") { Store = store }.Message);

    [Theory]
    [InlineData("data/a", "data/a/b/c", "b/c")]
    [InlineData("data/one", "data/one", "one")]
    [InlineData("data/a", "elsewhere", "elsewhere")]
    public void What_failed_at_the_source_is_named_below_the_root_that_the_ledger_has(string root, string source, string named)
    {
        var run = new TransferRecord("id", "copy", "as people read it", "there", "space", StorePath.FromText("d"), default) { SourcePath = StorePath.FromText(root) };
        var attempt = new FileAttempt
        {
            File = 0,
            Source = StorePath.FromText(source),
            Destination = StorePath.FromText("d/x"),
            Number = 1,
            Kind = "forbidden",
            Side = StoreSide.Source,
            Message = "no",
            Final = true,
            MayPass = false,
            Ended = default,
        };
        Assert.Equal(named, FailedFile.From(attempt, run).Listed.Source.ToString());
    }

    [Theory]
    [InlineData(0, "file", "0 files")]
    [InlineData(1, "file", "1 file")]
    [InlineData(2, "retry", "2 retries")]
    [InlineData(1, "retry", "1 retry")]
    public void One_is_one_and_not_several(long count, string noun, string text) => Assert.Equal(text, Amount.Of(count, noun));
}
