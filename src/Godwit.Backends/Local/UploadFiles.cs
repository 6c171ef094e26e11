using Godwit.Backends.Local.Native;
using Godwit.Storage;

namespace Godwit.Backends.Local;

/// <summary>Makes, finds and opens partial files, and keeps some of them open.</summary>
internal sealed class UploadFiles(LocalTree tree, LocalOptions options)
{
    private const uint OrdinaryMode = 0x1b6;
    private const uint PrivateMode = 0x180;

    private int _kept;

    /// <summary>Makes the partial file, or takes up the one of the same tag.</summary>
    public LocalUpload Make(StorePath path, string tag, long? length, WriteOptions write)
    {
        Require(path, write);
        byte[] partialName = PartialName.For(path.Name, tag);
        using Place final = tree.FindForWriting(path, "written");
        Place partial = final.Beside(partialName);

        // Without a mode of its own, the file gets what umask and the directory's default ACL make of 0666. With one, nobody may do more
        // with it than that mode allows, and its owner has to write it.
        uint mode = write.Metadata.Mode is { } wanted ? ((uint)wanted & 0x1ff) | PrivateMode : OrdinaryMode;
        int number = partial.Open(Open.ReadWrite | Open.Create | Open.Exclusive, mode);
        bool made = number >= 0;
        number = number == -Errno.Exists ? partial.Open(Open.ReadWrite | Open.NonBlocking) : number;
        var file = new Descriptor(LocalErrors.Check(number, "written", path));
        try
        {
            if (!made)
            {
                RequireFile(file, path);
            }

            SetAside(file, length, path);
        }
        catch
        {
            file.Dispose();
            _ = made ? partial.Unlink() : 0;
            throw;
        }

        return Taken(new LocalUpload(path, tag, partialName, write), file);
    }

    /// <summary>The upload of an earlier run; null when its partial file is gone.</summary>
    public LocalUpload? Find(StorePath path, string tag, string? id, WriteOptions write)
    {
        Require(path, write);
        byte[] partialName = PartialName.For(path.Name, tag);
        var upload = new LocalUpload(path, tag, partialName, write);
        if (id is not null && id != upload.Id)
        {
            return null;
        }

        int number = OpenPartial(upload);
        if (number is -Errno.NoEntry or -Errno.NotDirectory)
        {
            return null;
        }

        var file = new Descriptor(LocalErrors.Check(number, "taken up", path));
        try
        {
            RequireFile(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return Taken(upload, file);
    }

    /// <summary>The open file of an upload.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.NotFound"/>: the upload is gone.</exception>
    public OpenUpload Use(LocalUpload upload)
    {
        if (upload.Kept is { } kept)
        {
            return new OpenUpload(kept, owned: false);
        }

        int number = OpenPartial(upload);
        return number is -Errno.NoEntry or -Errno.NotDirectory
            ? throw Gone(upload)
            : new OpenUpload(new Descriptor(LocalErrors.Check(number, "written", upload.Path)), owned: true);
    }

    /// <summary>Closes what is kept open of an upload that has come to its end.</summary>
    public void Release(LocalUpload upload)
    {
        if (upload.Release())
        {
            Interlocked.Decrement(ref _kept);
        }
    }

    public static StoreException Gone(LocalUpload upload) =>
        LocalErrors.Of(StoreErrorKind.NotFound, upload.Path, $"has no upload {upload.Tag} any more: its partial file {upload.Id} is gone");

    private LocalUpload Taken(LocalUpload upload, Descriptor file)
    {
        if (Interlocked.Increment(ref _kept) <= options.OpenUploads)
        {
            upload.Keep(file);
            return upload;
        }

        Interlocked.Decrement(ref _kept);
        file.Dispose();
        return upload;
    }

    private int OpenPartial(LocalUpload upload)
    {
        int error = tree.TryFindUnfollowed(upload.Path, out Place final);
        if (error < 0)
        {
            return error;
        }

        using (final)
        {
            return upload.PartialBeside(final).Open(Open.ReadWrite | Open.NonBlocking);
        }
    }

    private void SetAside(Descriptor file, long? length, StorePath path)
    {
        if (length is not { } bytes || bytes < options.PreallocateFrom || bytes == 0)
        {
            return;
        }

        int error = Posix.Allocate(file, Allocate.KeepSize, 0, bytes);
        if (error is -Errno.NoSpace or -Errno.Quota or -Errno.FileTooBig)
        {
            throw LocalErrors.Translate(error, $"given its {bytes} bytes", path);
        }
    }

    private static void RequireFile(Descriptor file, StorePath path)
    {
        LocalErrors.Check(Posix.Stat(file, out Statx facts), "written", path);
        if (!facts.IsFile)
        {
            throw LocalErrors.Of(StoreErrorKind.Unsupported, path, "has something that is not a file under its partial name");
        }
    }

    private static void Require(StorePath path, WriteOptions write)
    {
        if (path.IsRoot)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, "The root of a store cannot be written as a file.");
        }

        // The partial name is cut to fit, so a name that is too long would be found out only at the end.
        if (path.Name.Length > PartialName.MaxBytes)
        {
            throw LocalErrors.Translate(Errno.NameTooLong, "written", path);
        }

        if (write.Expected is not null)
        {
            throw LocalErrors.Of(StoreErrorKind.InvalidRequest, path, "cannot be written against a checksum: this store computes none");
        }
    }
}

/// <summary>The open file of an upload for one call.</summary>
internal readonly struct OpenUpload(Descriptor file, bool owned) : IDisposable
{
    public Descriptor File { get; } = file;

    public void Dispose()
    {
        if (owned)
        {
            File.Dispose();
        }
    }
}
