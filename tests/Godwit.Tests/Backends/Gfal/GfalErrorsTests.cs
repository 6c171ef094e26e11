using Godwit.Backends.Gfal;
using Godwit.Storage;

namespace Godwit.Tests.Backends.Gfal;

/// <summary>Errors as libgfal2 2.21 told them of the Grid Community Toolkit's GridFTP server and of XRootD 5.5.</summary>
public sealed class GfalErrorsTests
{
    private const string Denied = "globus_ftp_client: the server responded with an error 530 530-globus_xio: Authentication Error  530-GSS failure:   530-GSS Major Status: Authentication Failed";
    private const string NoServer = "globus_xio: Unable to connect to localhost:1 globus_xio: System error in connect: Connection refused globus_xio: A system call failed: Connection refused ";
    private const string NoName = "globus_xio: Unable to connect to no.such.host:2811 globus_xio: globus_libc_getaddrinfo failed. globus_common: Name or service not known ";

    private const string CopyFailed = "Error on XrdCl::CopyProcess::Run(): [ERROR] Server responded with an error: ";

    private static readonly StorePath Path = StorePath.FromText("a/file");

    [Theory]
    [InlineData(2, "globus_ftp_client: the server responded with an error 550 550-GlobusError: v=1 c=PATH_NOT_FOUND  550-GridFTP-Errno: 2  550-GridFTP-Reason: System error in stat", StoreErrorKind.NotFound)]
    [InlineData(70, "globus_ftp_client: the server responded with an error 451 451-GlobusError: v=1 c=INTERNAL_ERROR  451-GridFTP-Errno: 39  451-GridFTP-Reason: System error in rmdir", StoreErrorKind.Unsupported)]
    [InlineData(70, "globus_ftp_client: the server responded with an error 451 451-GlobusError: v=1 c=INTERNAL_ERROR  451-GridFTP-Errno: 36  451-GridFTP-Reason: System error in stat", StoreErrorKind.InvalidRequest)]
    [InlineData(17, "globus_ftp_client: the server responded with an error 553 553-GlobusError: v=1 c=PATH_EXISTS  553-GridFTP-Errno: 17", StoreErrorKind.AlreadyExists)]
    [InlineData(13, "globus_ftp_client: the server responded with an error 550 550-GlobusError: v=1 c=PERMISSION_DENIED  550-GridFTP-Errno: 13", StoreErrorKind.Forbidden)]
    [InlineData(70, "globus_ftp_client: the server responded with an error 500 Command failed : Path not allowed.   ", StoreErrorKind.Forbidden)]
    [InlineData(13, Denied, StoreErrorKind.Unauthenticated)]
    [InlineData(70, "Could not load the user credentials: an unknown error occurred  (70)", StoreErrorKind.Unauthenticated)]
    [InlineData(2, "Could not open the user certificate", StoreErrorKind.Unauthenticated)]
    [InlineData(70, NoServer, StoreErrorKind.Unavailable)]
    [InlineData(70, NoName, StoreErrorKind.Unavailable)]
    [InlineData(70, "globus_ftp_client: an invalid value for url was used ", StoreErrorKind.InvalidRequest)]
    [InlineData(70, "globus_ftp_client: GLOBUS_FTP_CLIENT_IDLE not allowed here", StoreErrorKind.Unavailable)]
    [InlineData(70, "globus_ftp_client: the server responded with an error 500 Unknown checksum algorithm requested.   ", StoreErrorKind.Unsupported)]
    [InlineData(125, "globus_ftp_client: the operation was aborted ", StoreErrorKind.Interrupted)]
    [InlineData(70, "globus_ftp_client: the server responded with an error 500 System error in write: No space left on device", StoreErrorKind.QuotaExceeded)]
    [InlineData(2, "globus_xio: Unable to open file /data/quota-test/GridFTP-Errno: 13/x", StoreErrorKind.NotFound)]
    public void Gridftp_is_classified_by_its_errno_then_by_its_words(int code, string message, StoreErrorKind kind) =>
        Assert.Equal(kind, Translated("gsiftp", code, message).Kind);

    [Theory]
    [InlineData(2, "Failed to stat file (No such file or directory)", StoreErrorKind.NotFound)]
    [InlineData(13, "Failed to open file (Permission denied)", StoreErrorKind.Forbidden)]
    [InlineData(17, "Failed to open file (File exists)", StoreErrorKind.AlreadyExists)]
    [InlineData(19, "Failed to delete directory (No such device)", StoreErrorKind.Unsupported)]
    [InlineData(21, "Failed to open file (Is a directory)", StoreErrorKind.Unsupported)]
    [InlineData(35, "Failed to open file (Resource deadlock avoided)", StoreErrorKind.Unavailable)]
    [InlineData(36, "Failed to open file (File name too long)", StoreErrorKind.InvalidRequest)]
    [InlineData(52, "Failed to stat file (Invalid exchange)", StoreErrorKind.Unauthenticated)]
    [InlineData(84, "Failed reading directory: [ERROR] Invalid response (Unknown error 303)", StoreErrorKind.Unavailable)]
    [InlineData(93, "Protocol not supported or path/url invalid: srm://localhost:1/x", StoreErrorKind.Unsupported)]
    [InlineData(111, "Failed to stat file (Connection refused)", StoreErrorKind.Unavailable)]
    [InlineData(113, "Failed to stat file (No route to host)", StoreErrorKind.Unavailable)]
    [InlineData(3017, "cancelled", StoreErrorKind.Interrupted)]
    [InlineData(19, CopyFailed + "[3005] [ERROR] Server responded with an error: [3011] Unable to open /alice/nope; no such file or directory\\x00\n", StoreErrorKind.NotFound)]
    [InlineData(19, CopyFailed + "[3005] [ERROR] Server responded with an error: [3010] Unable to open /bob/x; permission denied\\x00\n", StoreErrorKind.Forbidden)]
    [InlineData(17, CopyFailed + "[3018] Unable to pcreate /alice/dst40; file exists\\x00 (destination)\n", StoreErrorKind.AlreadyExists)]
    [InlineData(125, CopyFailed + "[3017] destination file prematurely closed\\x00\n", StoreErrorKind.Interrupted)]
    [InlineData(9999, "what nobody has seen", StoreErrorKind.Unexpected)]
    public void Xrootd_is_classified_by_code(int code, string message, StoreErrorKind kind) =>
        Assert.Equal(kind, Translated("root", code, message).Kind);

    [Theory]
    [InlineData("root", 111, "Failed to stat file (Connection refused)", true)]
    [InlineData("gsiftp", 70, NoServer, true)]
    [InlineData("gsiftp", 70, NoName, true)]
    [InlineData("gsiftp", 13, Denied, false)]
    public void Nobody_at_the_address_is_known(string scheme, int code, string message, bool nobody) =>
        Assert.Equal(nobody, Translated(scheme, code, message).NobodyAnswered);

    [Fact]
    public void An_error_tells_where_what_and_the_librarys_words_in_one_line()
    {
        StoreException error = Translated("gsiftp", 13, Denied);
        Assert.StartsWith("\"a/file\" could not be read on gsiftp://host:1: the server does not accept the credential", error.Message, StringComparison.Ordinal);
        Assert.Contains("libgfal2 says (13): ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("  ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChecksumKind.Adler32, "3100cb", "003100cb")]
    [InlineData(ChecksumKind.Adler32, "013100cb\0", "013100cb")]
    [InlineData(ChecksumKind.Md5, "08a4415e9d594ff960030b921d42b91e", "08a4415e9d594ff960030b921d42b91e")]
    [InlineData(ChecksumKind.Md5, "", null)]
    public void Checksums_are_read_as_numbers(ChecksumKind kind, string told, string? hex) => Assert.Equal(hex, GfalChecksums.Of(kind, told)?.Hex);

    [Theory]
    [InlineData(ChecksumKind.Md5, "8a4415e9d594ff960030b921d42b91e")]
    [InlineData(ChecksumKind.Adler32, "no checksum")]
    public void What_is_no_checksum_is_an_error(ChecksumKind kind, string told) =>
        Assert.Equal(StoreErrorKind.Unavailable, Assert.Throws<StoreException>(() => GfalChecksums.Of(kind, told)).Kind);

    [Theory]
    [InlineData("oss.cgroup=public&oss.space=1000&oss.free=500&oss.maxf=500&oss.used=100&oss.quota=-1", 500)]
    [InlineData("oss.cgroup=public&oss.space=1000&oss.free=500&oss.used=100&oss.quota=300", 200)]
    [InlineData("oss.cgroup=public&oss.space=1000&oss.free=500&oss.used=400&oss.quota=300", 0)]
    public void Free_space_is_what_the_disk_and_the_quota_leave(string told, long free) =>
        Assert.Equal(new FreeSpace(free, 1000, null), GfalSpace.Of(told, default));

    private static StoreException Translated(string scheme, int code, string message) =>
        GfalErrors.Translate(new GfalServer(scheme, "host", 1), new GfalFault("domain", code, message), "read", Path);
}
