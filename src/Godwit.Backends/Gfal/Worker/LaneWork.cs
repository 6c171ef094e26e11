using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;

namespace Godwit.Backends.Gfal.Worker;

/// <summary>What a lane can do, by verb. It holds one file or one directory at most.</summary>
/// <param name="memory">What this process has in common with whoever asks; null for nothing.</param>
internal sealed class LaneWork(SharedMemory? memory) : IDisposable
{
    /// <summary>No file is open.</summary>
    private const int NoFile = -1;

    private readonly GfalContext _context = new();
    private readonly ManualResetEvent _pause = new(false);
    private byte[] _content = [];
    private int _file = NoFile;
    private nint _directory;
    private Func<(byte[] Name, Native.Facts Facts)?>? _nextEntry;
    private volatile Action? _cancelCopy;
    private volatile bool _isGivenUp;

    /// <summary>Does it.</summary>
    /// <param name="request">What.</param>
    /// <param name="passing">Hears of bytes meanwhile, from a thread of the library.</param>
    /// <exception cref="GfalFaultException">The library said no.</exception>
    public (Frame Answer, ReadOnlyMemory<byte> Content) Do(Request request, Action<long> passing)
    {
        Fields fields = request.Fields;
        var done = new Frame(Answer.Done);
        switch (request.Verb)
        {
            case Verb.Look:
                return (Add(done, _context.Look(fields.Address())), default);
            case Verb.Read:
                return (done, Read(fields.Int32()));
            case Verb.ReadShared:
                return (done.Int32(_context.Read(RequireFile(), Shared(ref fields))), default);
            case Verb.ReadDirectory:
                return (ReadDirectory(fields.Int32()), default);
            case Verb.Checksum:
                return (done.Text(_context.Checksum(fields.Address(), fields.Address())), default);
            case Verb.Attribute:
                return (done.Text(_context.Attribute(fields.Address(), fields.Address())), default);
            case Verb.Copy:
                Copy(fields.Address(), fields.Address(), passing);
                return (done, default);
            default:
                Change(request.Verb, fields);
                return (done, default);
        }
    }

    /// <summary>Gives up what is under way.</summary>
    public void Cancel()
    {
        _isGivenUp = true;
        (_cancelCopy ?? _context.Cancel)();
    }

    public void Dispose()
    {
        try
        {
            Close();
        }
        catch (GfalFaultException)
        {
            // Nobody asks any more.
        }

        _context.Dispose();
        _pause.Dispose();
    }

    private void Change(Verb verb, Fields fields)
    {
        switch (verb)
        {
            case Verb.Open:
                Close();
                _file = _context.Open(fields.Address(), fields.Int32());
                break;
            case Verb.OpenDirectory:
                Close();
                OpenDirectory(fields.Address());
                break;
            case Verb.Seek:
                _context.Seek(RequireFile(), fields.Int64());
                break;
            case Verb.Write:
                _context.Write(RequireFile(), fields.Rest);
                break;
            case Verb.WriteShared:
                _context.Write(RequireFile(), Shared(ref fields));
                break;
            case Verb.Close:
                Close();
                break;
            case Verb.Unlink:
                _context.Unlink(fields.Address());
                break;
            case Verb.RemoveDirectory:
                _context.RemoveDirectory(fields.Address());
                break;
            case Verb.MakeDirectories:
                _context.MakeDirectories(fields.Address());
                break;
            case Verb.Rename:
                _context.Rename(fields.Address(), fields.Address());
                break;
            default:
                throw new GfalFaultException(new GfalFault("worker", 0, $"the request {verb} is not known"));
        }
    }

    /// <summary>With a context of its own: after one copy, every other call of a GridFTP context would log in anew.</summary>
    private void Copy(byte[] from, byte[] to, Action<long> passing)
    {
        using var context = new GfalContext();
        context.Prepare();
        _cancelCopy = context.Cancel;
        try
        {
            if (_isGivenUp)
            {
                throw new GfalFaultException(new GfalFault("worker", GfalFault.GivenUp, "it was given up before it began"));
            }

            context.Copy(from, to, passing);
        }
        finally
        {
            _cancelCopy = null;
        }
    }

    private void OpenDirectory(byte[] url)
    {
        long asked = TimeProvider.System.GetTimestamp();
        _directory = _context.OpenDirectory(url);
        Func<(byte[] Name, Native.Facts Facts)?> next = () => _context.ReadDirectory(_directory);
        _nextEntry = url.AsSpan().StartsWith("root"u8)
            ? new PatientListing<(byte[] Name, Native.Facts Facts)>(next, TimeProvider.System.GetElapsedTime(asked), TimeProvider.System, Pause).Next
            : next;
    }

    private void Pause(TimeSpan time) => _pause.WaitOne(time);

    private ReadOnlyMemory<byte> Read(int count)
    {
        int file = RequireFile();
        if (_content.Length < count)
        {
            _content = new byte[count];
        }

        return _content.AsMemory(0, _context.Read(file, _content.AsSpan(0, count)));
    }

    private Span<byte> Shared(ref Fields fields) => memory!.GetSpan().Slice(fields.Int32(), fields.Int32());

    /// <summary>Some entries, and whether there may be more.</summary>
    private Frame ReadDirectory(int most)
    {
        if (_directory == 0)
        {
            // Never an empty listing instead: files would be deleted because of it.
            throw new GfalFaultException(new GfalFault("worker", GfalFault.NothingOpen, "no directory is open"));
        }

        var answer = new Frame(Answer.Done, room: 64 * Math.Min(most, 256));
        var entries = new List<(byte[] Name, Native.Facts Facts)>();
        bool more = true;
        while (entries.Count < most && more)
        {
            (byte[] Name, Native.Facts Facts)? next = _nextEntry!();
            more = next is not null;
            if (next is { } entry && entry.Name is not ([(byte)'.'] or [(byte)'.', (byte)'.']))
            {
                entries.Add(entry);
            }
        }

        answer.Int32(more ? 1 : 0).Int32(entries.Count);
        entries.ForEach(entry => Add(answer.Bytes(entry.Name), entry.Facts));
        return answer;
    }

    private static Frame Add(Frame frame, Native.Facts facts) => frame.Int32((int)facts.Mode).Int64(facts.Length).Int64(facts.Modified);

    /// <summary>A file whose opening failed has no bytes: what was asked for behind it fails, too.</summary>
    private int RequireFile() => _file != NoFile
        ? _file
        : throw new GfalFaultException(new GfalFault("worker", GfalFault.NothingOpen, "no file is open"));

    private void Close()
    {
        (int file, nint directory) = (_file, _directory);
        (_file, _directory) = (NoFile, 0);
        if (file != NoFile)
        {
            _context.Close(file);
        }

        if (directory != 0)
        {
            _context.CloseDirectory(directory);
        }
    }
}
