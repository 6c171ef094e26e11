using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>Turns a fault of libgfal2 into the store's error. The one place that classifies them: by code, and by words only where codes tell nothing.</summary>
internal static partial class GfalErrors
{
    /// <summary>What XRootD's server says of all that is of the wrong kind.</summary>
    private const int InTheWay = 19;
    private const int NoPlugin = 93;

    /// <summary>What XRootD's servers say of a copy among themselves, which libgfal2 has one code for: the protocol's own numbers, by the last of
    /// them in the text.</summary>
    internal static readonly IReadOnlyDictionary<int, int> XrootdNumbers = new Dictionary<int, int>
    {
        [3009] = 28,
        [3010] = 13,
        [3011] = 2,
        [3013] = 95,
        [3016] = 21,
        [3018] = 17,
        [3021] = 122,
    };

    /// <summary>What a code means on every server (Linux's errno, which libgfal2 uses).</summary>
    internal static readonly IReadOnlyDictionary<int, (StoreErrorKind Kind, string Says)> Codes = new Dictionary<int, (StoreErrorKind, string)>
    {
        [1] = (StoreErrorKind.Forbidden, "the server's permissions refuse it"),
        [2] = (StoreErrorKind.NotFound, "nothing is there"),
        [5] = (StoreErrorKind.Unavailable, "the server has an input or output error"),
        [11] = (StoreErrorKind.Unavailable, "the server asks to be asked again"),
        [13] = (StoreErrorKind.Forbidden, "the server's permissions refuse it"),
        [16] = (StoreErrorKind.Unavailable, "the server is busy with it"),
        [17] = (StoreErrorKind.AlreadyExists, "something is there already"),
        [InTheWay] = (StoreErrorKind.Unsupported, "a directory that is not empty, or a file where a directory should be, is in the way"),
        [20] = (StoreErrorKind.Unsupported, "something that is not a directory is in the way"),
        [21] = (StoreErrorKind.Unsupported, "a directory is in the way"),
        [22] = (StoreErrorKind.InvalidRequest, "the server cannot hold this name"),
        [26] = (StoreErrorKind.Unavailable, "it is being written"),
        [28] = (StoreErrorKind.QuotaExceeded, "no space is left on the server"),
        [30] = (StoreErrorKind.Forbidden, "the file system is read-only"),
        [35] = (StoreErrorKind.Unavailable, "somebody else is writing it"),
        [36] = (StoreErrorKind.InvalidRequest, "the name is too long for the server"),
        [39] = (StoreErrorKind.Unsupported, "the directory is not empty"),
        [52] = (StoreErrorKind.Unauthenticated, "the server does not accept the credential, or this machine does not trust the server's"),
        [84] = (StoreErrorKind.Unavailable, "the server gave an answer that cannot be read"),
        [NoPlugin] = (StoreErrorKind.Unsupported, "libgfal2 has no plugin for this kind of address here (Debian: gfal2-plugin-gridftp, gfal2-plugin-xrootd, gfal2-plugin-srm)"),
        [95] = (StoreErrorKind.Unsupported, "the server cannot do this"),
        [101] = (StoreErrorKind.Unavailable, "the network cannot be reached"),
        [104] = (StoreErrorKind.Interrupted, "the connection broke off"),
        [110] = (StoreErrorKind.Unavailable, "nobody answered in time"),
        [111] = (StoreErrorKind.Unavailable, "nobody answers there"),
        [112] = (StoreErrorKind.Unavailable, "nobody answers there"),
        [113] = (StoreErrorKind.Unavailable, "nobody answers there"),
        [122] = (StoreErrorKind.QuotaExceeded, "the quota is used up"),
        [125] = (StoreErrorKind.Interrupted, "it was given up"),
    };

    /// <summary>What GridFTP's servers say in words, beside codes that mean nothing (70) or something else. The first that is found counts.</summary>
    internal static readonly IReadOnlyList<(string Words, int Code)> GridFtpWords =
    [
        ("an error 530", 52),
        ("Could not load the user credentials", 52),
        ("Could not open the user certificate", 52),
        ("GSS Major Status", 52),
        ("an invalid value for url", 22),
        ("Path not allowed", 13),
        ("Read-only file system", 30),
        ("No space left", 28),
        ("quota exceeded", 122),
        ("Directory not empty", 39),
        ("Name or service not known", 113),
        ("Unable to connect", 111),
        ("Connection refused", 111),
        ("Connection reset", 104),
        ("an end-of-file was reached", 104),
        ("Operation timed out", 110),
        ("Unknown checksum algorithm", 95),
        ("command not recognized", 95),
    ];

    /// <summary>The error of a call.</summary>
    /// <param name="server">Who was asked.</param>
    /// <param name="fault">What libgfal2 told.</param>
    /// <param name="action">What could not be done, to complete "could not be ...".</param>
    /// <param name="path">Where.</param>
    public static StoreException Translate(GfalServer server, GfalFault fault, string action, StorePath path)
    {
        int code = Meant(server, fault);
        (StoreErrorKind kind, string says) = Codes.TryGetValue(code, out (StoreErrorKind, string) known)
            ? known
            : (code == Unknown ? StoreErrorKind.Unavailable : StoreErrorKind.Unexpected, code == Unknown
                ? "the server gives no reason that is known here" : string.Create(CultureInfo.InvariantCulture, $"code {code}, which is not known here"));
        return new StoreException(kind, $"{Of(path)} could not be {action} on {server}: {says}; {Quoted(fault)}.")
        {
            Path = path,
            NobodyAnswered = code is 111 or 112 or 113,
        };
    }

    /// <summary>An error that no answer reported but that was found out here.</summary>
    public static StoreException Of(StoreErrorKind kind, StorePath path, string says) => new(kind, $"{Of(path)} {says}.") { Path = path };

    /// <summary>The error of a machine without the library.</summary>
    public static StoreException Missing(GfalFault fault) => new(
        StoreErrorKind.Unsupported,
        "GridFTP and XRootD need libgfal2, which this machine does not have. Debian: apt install libgfal2-2 gfal2-plugin-gridftp "
        + $"gfal2-plugin-xrootd; Red Hat and Alma: dnf install gfal2 gfal2-plugin-gridftp gfal2-plugin-xrootd. ({fault.Message.Split('\n')[0].Trim()})");

    /// <summary>The errno that is meant.</summary>
    public static int Meant(GfalServer server, GfalFault fault)
    {
        if (server.IsXrootd)
        {
            if (CopyNumbers().Match(fault.Message) is { Success: true } numbers
                && XrootdNumbers.TryGetValue(int.Parse(numbers.Groups[1].Value, CultureInfo.InvariantCulture), out int meant))
            {
                return meant;
            }

            // As its client numbers a call that was given up.
            return fault.Code switch { 3017 => 125, 14 => 95, _ => fault.Code };
        }

        if (ServerErrno().Match(fault.Message) is { Success: true } told)
        {
            return int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture);
        }

        foreach ((string words, int code) in GridFtpWords)
        {
            if (fault.Message.Contains(words, StringComparison.OrdinalIgnoreCase))
            {
                return code;
            }
        }

        return fault.Code;
    }

    /// <summary>ECOMM: libgfal2's GridFTP plugin gives it to whatever it does not know.</summary>
    private const int Unknown = 70;

    private static string Of(StorePath path) => path.IsRoot ? "The root" : $"\"{path}\"";

    private static string Quoted(GfalFault fault)
    {
        string words = Spaces().Replace(fault.Message.Trim('\0', ' ', '\n'), " ").TrimEnd('.');
        return $"libgfal2 says ({fault.Code}): {PathText.Escape(Encoding.UTF8.GetBytes(words))}";
    }

    [GeneratedRegex(@"\b[45][0-9]{2}-GridFTP-Errno: ([0-9]{1,3})\b")]
    private static partial Regex ServerErrno();

    [GeneratedRegex(@"^Error on XrdCl::CopyProcess.*\[(30[0-9]{2})\]", RegexOptions.Singleline)]
    private static partial Regex CopyNumbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
