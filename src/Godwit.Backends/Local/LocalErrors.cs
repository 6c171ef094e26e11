using System.Collections.Frozen;
using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Turns error numbers into the store's error. The one place that classifies them.</summary>
internal static class LocalErrors
{
    /// <summary>Each known number: its name, its kind, its next step where it is not the kind's own, and what it says.</summary>
    internal static readonly FrozenDictionary<int, Meaning> Table = new Dictionary<int, Meaning>
    {
        [Errno.NoEntry] = new("ENOENT", StoreErrorKind.NotFound, "nothing is there"),
        [Errno.Exists] = new("EEXIST", StoreErrorKind.AlreadyExists, "something is there already"),
        [Errno.Access] = new("EACCES", StoreErrorKind.Forbidden, "the permissions of the file or its directory refuse it"),
        [Errno.Perm] = new("EPERM", StoreErrorKind.Forbidden, "this user may not do it, or the file is immutable"),
        [Errno.ReadOnly] = new("EROFS", StoreErrorKind.Forbidden, "the file system is read-only"),
        [Errno.NoSpace] = new("ENOSPC", StoreErrorKind.QuotaExceeded, "no space or no inodes are left on the file system"),
        [Errno.Quota] = new("EDQUOT", StoreErrorKind.QuotaExceeded, "the disk quota is used up"),
        [Errno.TooManyLinks] = new("EMLINK", StoreErrorKind.QuotaExceeded, "the directory can hold no further subdirectory"),
        [Errno.NotDirectory] = new("ENOTDIR", StoreErrorKind.Unsupported, "something that is not a directory is in the way"),
        [Errno.IsDirectory] = new("EISDIR", StoreErrorKind.Unsupported, "it is a directory"),
        [Errno.NotEmpty] = new("ENOTEMPTY", StoreErrorKind.Unsupported, "the directory is not empty"),
        [Errno.Loop] = new("ELOOP", StoreErrorKind.Unsupported, "a symbolic link is in the way and is not followed"),
        [Errno.CrossDevice] = new("EXDEV", StoreErrorKind.Unsupported, "it leads out of the root or to another file system"),
        [Errno.NotSupported] = new("EOPNOTSUPP", StoreErrorKind.Unsupported, "the file system cannot do this"),
        [Errno.NoSystemCall] = new("ENOSYS", StoreErrorKind.Unsupported, "the kernel cannot do this"),
        [Errno.NotTerminal] = new("ENOTTY", StoreErrorKind.Unsupported, "the file system does not know this request"),
        [Errno.NoSuchDeviceOrAddress] = new("ENXIO", StoreErrorKind.Unsupported, "it is a socket, a pipe or a device without driver"),
        [Errno.NameTooLong] = new("ENAMETOOLONG", StoreErrorKind.InvalidRequest, "the name is longer than the file system allows"),
        [Errno.Invalid] = new("EINVAL", StoreErrorKind.InvalidRequest, "the file system refuses the name or the request"),
        [Errno.IllegalSequence] = new("EILSEQ", StoreErrorKind.InvalidRequest, "the file system holds only names in UTF-8"),
        [Errno.FileTooBig] = new("EFBIG", StoreErrorKind.InvalidRequest, "the file is longer than the file system or the limit of the process allows"),
        [Errno.NoMemory] = new("ENOMEM", StoreErrorKind.Unavailable, "the kernel has no memory left", NextStep.RepeatCallLater),
        [Errno.TooManyFiles] = new("EMFILE", StoreErrorKind.Unavailable, "too many files are open; raise the limit (ulimit -n)", NextStep.RepeatCallLater),
        [Errno.TooManyFilesInSystem] = new("ENFILE", StoreErrorKind.Unavailable, "too many files are open on this machine", NextStep.RepeatCallLater),
        [Errno.Busy] = new("EBUSY", StoreErrorKind.Unavailable, "it is in use, as a mount point for example", NextStep.RepeatCallLater),
        [Errno.Again] = new("EAGAIN", StoreErrorKind.Unavailable, "it is locked or being renamed", NextStep.RepeatCallLater),
        [Errno.TextBusy] = new("ETXTBSY", StoreErrorKind.Unavailable, "it is being executed", NextStep.RepeatCallLater),
        [Errno.InputOutput] = new("EIO", StoreErrorKind.Unavailable, "the medium or the file server reports an input/output error"),
        [Errno.RemoteInputOutput] = new("EREMOTEIO", StoreErrorKind.Unavailable, "the file server reports an input/output error"),
        [Errno.Stale] = new("ESTALE", StoreErrorKind.Unavailable, "the file server no longer knows the open file"),
        [Errno.NotConnected] = new("ENOTCONN", StoreErrorKind.Unavailable, "the mounted file system has lost its server"),
        [Errno.Shutdown] = new("ESHUTDOWN", StoreErrorKind.Unavailable, "the mounted file system was shut down"),
        [Errno.ConnectionReset] = new("ECONNRESET", StoreErrorKind.Unavailable, "the file server closed the connection"),
        [Errno.ConnectionRefused] = new("ECONNREFUSED", StoreErrorKind.Unavailable, "the file server refuses connections"),
        [Errno.HostDown] = new("EHOSTDOWN", StoreErrorKind.Unavailable, "the file server is down"),
        [Errno.HostUnreachable] = new("EHOSTUNREACH", StoreErrorKind.Unavailable, "the file server cannot be reached"),
        [Errno.NoDevice] = new("ENODEV", StoreErrorKind.Unavailable, "the device is gone"),
        [Errno.NoMedium] = new("ENOMEDIUM", StoreErrorKind.Unavailable, "no medium is in the drive", NextStep.WaitForOperator),
        [Errno.NoLink] = new("ENOLINK", StoreErrorKind.Unavailable, "the link to the file server is cut"),
        [Errno.NeedsCleaning] = new("EUCLEAN", StoreErrorKind.Unavailable, "the file system is damaged and needs repair (fsck)", NextStep.WaitForOperator),
        [Errno.BadMessage] = new("EBADMSG", StoreErrorKind.Unavailable, "the file system found a wrong checksum in its own data", NextStep.WaitForOperator),
        [Errno.TimedOut] = new("ETIMEDOUT", StoreErrorKind.TimedOut, "the file server did not answer in time"),
        [Errno.NoKey] = new("ENOKEY", StoreErrorKind.Unauthenticated, "no key or ticket for this file system"),
        [Errno.KeyExpired] = new("EKEYEXPIRED", StoreErrorKind.Unauthenticated, "the key or ticket for this file system has expired"),
        [Errno.KeyRevoked] = new("EKEYREVOKED", StoreErrorKind.Unauthenticated, "the key for this file system was revoked"),
        [Errno.KeyRejected] = new("EKEYREJECTED", StoreErrorKind.Unauthenticated, "the file server rejected the key"),
    }.ToFrozenDictionary();

    /// <summary>The error for a call that failed.</summary>
    /// <param name="error">The error number, negated or not.</param>
    /// <param name="action">What could not be done, to complete "could not be ...".</param>
    /// <param name="path">Where.</param>
    public static StoreException Translate(int error, string action, StorePath path)
    {
        int number = Math.Abs(error);
        Meaning meaning = Table.GetValueOrDefault(number)
            ?? new Meaning($"errno {number}", StoreErrorKind.Unexpected, "an error that is not known here");
        string message = $"{Shown(path)} could not be {action}: {meaning.Says} ({meaning.Name}).";
        return new StoreException(meaning.Kind, message) { Path = path, Next = meaning.Next ?? StoreException.DefaultNextStep(meaning.Kind) };
    }

    /// <summary>An error that no call reported but that was found out here.</summary>
    public static StoreException Of(StoreErrorKind kind, StorePath path, string says) => new(kind, $"{Shown(path)} {says}.") { Path = path };

    /// <summary>Throws when a call failed, else gives its result.</summary>
    public static int Check(int result, string action, StorePath path) => result >= 0 ? result : throw Translate(result, action, path);

    private static string Shown(StorePath path) => path.IsRoot ? "The root" : $"\"{path}\"";

    /// <summary>What an error number means for a store.</summary>
    internal sealed record Meaning(string Name, StoreErrorKind Kind, string Says, NextStep? Next = null);
}
