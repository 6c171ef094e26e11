using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>Turns the status of an answer into the store's error. The one place that classifies them.</summary>
internal static class SftpErrors
{
    /// <summary>Each known status: its kind and what it says.</summary>
    internal static readonly IReadOnlyDictionary<StatusCode, (StoreErrorKind Kind, string Says)> Table = new Dictionary<StatusCode, (StoreErrorKind, string)>
    {
        [StatusCode.EndOfFile] = (StoreErrorKind.Interrupted, "the file ended early"),
        [StatusCode.NoSuchFile] = (StoreErrorKind.NotFound, "nothing is there"),
        [StatusCode.NoSuchPath] = (StoreErrorKind.NotFound, "a directory on the way is missing"),
        [StatusCode.PermissionDenied] = (StoreErrorKind.Forbidden, "the server's permissions refuse it"),
        [StatusCode.WriteProtected] = (StoreErrorKind.Forbidden, "the file system is read-only"),
        [StatusCode.AlreadyExists] = (StoreErrorKind.AlreadyExists, "something is there already"),
        [StatusCode.NoSpace] = (StoreErrorKind.QuotaExceeded, "no space is left on the server"),
        [StatusCode.QuotaExceeded] = (StoreErrorKind.QuotaExceeded, "the quota is used up"),
        [StatusCode.DirectoryNotEmpty] = (StoreErrorKind.Unsupported, "the directory is not empty"),
        [StatusCode.NotADirectory] = (StoreErrorKind.Unsupported, "something that is not a directory is in the way"),
        [StatusCode.LinkLoop] = (StoreErrorKind.Unsupported, "a symbolic link is in the way"),
        [StatusCode.Unsupported] = (StoreErrorKind.Unsupported, "the server cannot do this"),
        [StatusCode.BadMessage] = (StoreErrorKind.InvalidRequest, "the server refuses the name or the request"),
        [StatusCode.InvalidName] = (StoreErrorKind.InvalidRequest, "the server cannot hold this name"),
        [StatusCode.UnknownPrincipal] = (StoreErrorKind.InvalidRequest, "the server does not know the owner"),
        [StatusCode.LockConflict] = (StoreErrorKind.Unavailable, "it is locked"),
        [StatusCode.NoMedium] = (StoreErrorKind.Unavailable, "no medium is in the drive"),
        [StatusCode.NoConnection] = (StoreErrorKind.Interrupted, "the server has lost its own connection"),
        [StatusCode.ConnectionLost] = (StoreErrorKind.Interrupted, "the server has lost its own connection"),
        [StatusCode.InvalidHandle] = (StoreErrorKind.Interrupted, "the server no longer knows the open file"),

        // OpenSSH says no more than this of a full disk, a quota, a directory in the way and much else.
        [StatusCode.Failure] = (StoreErrorKind.Unavailable, "the server gives no reason; a full disk, a quota or a file system that cannot do it are the usual ones"),
    };

    /// <summary>Words that some servers add to a failure, and what they mean.</summary>
    private static readonly (string Words, StatusCode Code)[] s_words =
    [
        ("no space left", StatusCode.NoSpace),
        ("quota", StatusCode.QuotaExceeded),
        ("file exists", StatusCode.AlreadyExists),
        ("not empty", StatusCode.DirectoryNotEmpty),
        ("not a directory", StatusCode.NotADirectory),
        ("is a directory", StatusCode.NotADirectory),
        ("read-only file system", StatusCode.WriteProtected),
        ("operation not permitted", StatusCode.PermissionDenied),
        ("too many levels of symbolic", StatusCode.LinkLoop),
        ("name too long", StatusCode.InvalidName),
    ];

    /// <summary>The error of a request.</summary>
    /// <param name="reply">The answer, which is a status.</param>
    /// <param name="action">What could not be done, to complete "could not be ...".</param>
    /// <param name="path">Where.</param>
    public static StoreException Translate(Reply reply, string action, StorePath path)
    {
        StatusCode code = Meant(reply);
        (StoreErrorKind kind, string says) = Table.TryGetValue(code, out (StoreErrorKind, string) known)
            ? known
            : (StoreErrorKind.Unexpected, $"status {(int)code}, which is not known here");
        string words = reply.Words.Trim();
        string quoted = words.Length == 0 ? "" : $"; the server says: {PathText.Escape(System.Text.Encoding.UTF8.GetBytes(words))}";
        return Of(kind, path, $"could not be {action}: {says}{quoted}");
    }

    /// <summary>The status, or what the server's words make of a mere failure.</summary>
    public static StatusCode Meant(Reply reply)
    {
        StatusCode code = reply.Status ?? StatusCode.BadMessage;
        if (code == StatusCode.Failure)
        {
            string words = reply.Words;
            foreach ((string known, StatusCode meant) in s_words)
            {
                if (words.Contains(known, StringComparison.OrdinalIgnoreCase))
                {
                    return meant;
                }
            }
        }

        return code;
    }

    /// <summary>An error that no answer reported but that was found out here.</summary>
    public static StoreException Of(StoreErrorKind kind, StorePath path, string says) =>
        new(kind, $"{(path.IsRoot ? "The root" : $"\"{path}\"")} {says}.") { Path = path };
}
