using System.Text;
using Godwit.Backends.Sftp.Ssh;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp;

/// <summary>One connection: an ssh process, and SFTP over its pipes.</summary>
internal sealed class SftpSession : IDisposable
{
    /// <summary>What every server takes and gives in one message.</summary>
    private const int UsualBytes = 32 * 1024;

    /// <summary>Some servers say that they take more than they do.</summary>
    private const int MostBytes = 255 * 1024;

    private const int UsualHandles = 100;

    /// <summary>How long a login may take: a person may have to touch a key.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly SftpServer _server;
    private readonly SshProcess _ssh;
    private readonly SftpChannel _channel;
    private readonly TimeProvider _time;
    private Task<byte[]?>? _home;
    private int _handles;
    private int _streams;
    private int _disposed;

    private SftpSession(SftpServer server, SshProcess ssh, TimeProvider time)
    {
        (_server, _ssh, _time) = (server, ssh, time);
        _channel = new SftpChannel(ssh.Input, ssh.Output, _ => SshErrors.Lost(server, ssh.Words.Line), ssh.Kill);
    }

    /// <summary>The extensions that the server announced.</summary>
    public IReadOnlySet<string> Extensions { get; private set; } = new HashSet<string>();

    /// <summary>Bytes of one read at most.</summary>
    public int ReadBytes { get; private set; } = UsualBytes;

    /// <summary>Bytes of one write at most.</summary>
    public int WriteBytes { get; private set; } = UsualBytes;

    /// <summary>Files that may be kept open here between calls; the server needs some for itself and for short calls.</summary>
    public int KeptHandles { get; private set; } = UsualHandles / 2;

    /// <summary>Whether requests are carried out in the order in which they come. OpenSSH's own server of 2021 and later does; nobody else
    /// announces this extension.</summary>
    public bool AnswersInTurn => Extensions.Contains(Extension.Limits);

    /// <summary>Whether the server takes what a link points to for the link itself. ProFTPD's mod_sftp does, when it looks and when it
    /// renames; nobody else was seen to announce the versions that it speaks.</summary>
    public bool MistakesLinks => Extensions.Contains(Extension.Versions);

    /// <summary>Whether the server brings files to its medium when asked. Without that, its answer to a close is all it says of it.</summary>
    public bool Syncs => Extensions.Contains(Extension.Sync);

    /// <summary>Whether it has broken off.</summary>
    public bool IsLost => _channel.IsLost;

    /// <summary>Requests that are not answered yet.</summary>
    public int UnderWay => _channel.UnderWay;

    /// <summary>Bodies that are being read or written.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Connects, unless that is cancelled meanwhile.</summary>
    /// <exception cref="StoreException">It did not come about; the message has ssh's words and a remedy.</exception>
    public static async Task<SftpSession> ConnectAsync(SftpOptions options, TimeProvider time, CancellationToken ct)
    {
        var ssh = SshProcess.Start(options);
        var session = new SftpSession(options.Server, ssh, time);
        try
        {
            Task<byte[]> greeting = Task.Factory.StartNew(
                session._channel.Greet, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            session.Learn(await greeting.WaitAsync(s_patience, time, ct).ConfigureAwait(false));
            ssh.LoggedIn();
            session._channel.Start(options.Server.ToString());
            await session.LearnLimitsAsync().WaitAsync(s_patience, time, ct).ConfigureAwait(false);
            return session;
        }
        catch (TimeoutException)
        {
            session.Abandon();
            session.Dispose();
            throw new StoreException(StoreErrorKind.TimedOut, $"{options.Server} did not begin to speak SFTP within {s_patience.TotalSeconds:0} s.") { NobodyAnswered = true };
        }
        catch (Exception e) when (e is not StoreException and (IOException or InvalidDataException))
        {
            await ssh.HearOutAsync(time).ConfigureAwait(false);
            string words = ssh.Words.Line;
            session.Dispose();
            throw SshErrors.NotConnected(options.Server, words, e is InvalidDataException ? e.Message : null);
        }
        catch
        {
            session.Abandon();
            session.Dispose();
            throw;
        }
    }

    /// <summary>Sends a request; see <see cref="SftpChannel.SendAsync"/>.</summary>
    public Task<Reply> SendAsync(PacketBuilder request, ReadOnlyMemory<byte> content = default, Memory<byte> destination = default) =>
        _channel.SendAsync(request, content, destination);

    /// <summary>The account's own directory, without links; null where the server does not tell.</summary>
    public Task<byte[]?> HomeAsync()
    {
        lock (_ssh)
        {
            return _home is { IsFaulted: false } known ? known : _home = this.RealPathAsync([(byte)'.']);
        }
    }

    /// <summary>Counts a body from its beginning to its end.</summary>
    public void CountStream(int change) => Interlocked.Add(ref _streams, change);

    /// <summary>Whether one more file may be kept open between calls.</summary>
    public bool TryKeepHandle()
    {
        if (Interlocked.Increment(ref _handles) <= KeptHandles)
        {
            return true;
        }

        Interlocked.Decrement(ref _handles);
        return false;
    }

    /// <summary>Closes a handle; nobody waits for the answer.</summary>
    /// <param name="handle">The handle.</param>
    /// <param name="kept">Whether it was one that is kept between calls.</param>
    public void Close(byte[] handle, bool kept = false)
    {
        if (kept)
        {
            Interlocked.Decrement(ref _handles);
        }

        _ = CloseAsync(handle).ContinueWith(
            static closed => _ = closed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>Closes a handle that wrote. Of a write-back, of a quota and of an upload that begins with the close some servers tell only
    /// here.</summary>
    /// <param name="handle">The handle.</param>
    /// <param name="path">What was written.</param>
    /// <param name="kept">Whether it was one that is kept between calls.</param>
    /// <exception cref="StoreException">The server did not take all that was written: the file has to be written anew.</exception>
    public async Task CloseWrittenAsync(byte[] handle, StorePath path, bool kept = false)
    {
        if (kept)
        {
            Interlocked.Decrement(ref _handles);
        }

        Reply closed = await CloseAsync(handle).ConfigureAwait(false);
        closed.RequireKept("closed, and what was written may be lost", path);
    }

    /// <summary>Closes a handle.</summary>
    private Task<Reply> CloseAsync(byte[] handle) => SendAsync(new PacketBuilder(PacketType.Close).String(handle));

    /// <summary>Waits until requests are answered, but not for ever: a connection that does not answer is given up. What a server has
    /// not yet done could otherwise still happen after something else was begun.</summary>
    public async Task SettleAsync(IEnumerable<Task> answers)
    {
        var all = Task.WhenAll(answers);
        if (await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(5), _time)).ConfigureAwait(false) != all)
        {
            Abandon();
        }

        await ((Task)all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Breaks the connection off.</summary>
    public void Abandon()
    {
        _ssh.Kill();
        _channel.Lose(null);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _channel.Lose(null);
            _ssh.Dispose();
        }
    }

    private void Learn(byte[] greeting)
    {
        var reader = new PacketReader(greeting);
        uint version = reader.UInt32();
        if (version < 3)
        {
            throw new StoreException(StoreErrorKind.Unsupported, $"{_server} speaks SFTP version {version}; Godwit needs version 3.");
        }

        var extensions = new HashSet<string>(StringComparer.Ordinal);
        while (!reader.IsAtEnd)
        {
            extensions.Add(Encoding.ASCII.GetString(reader.String()));
            _ = reader.String();
        }

        Extensions = extensions;
    }

    private async Task LearnLimitsAsync()
    {
        if (!Extensions.Contains(Extension.Limits))
        {
            return;
        }

        Reply reply = await SendAsync(PacketBuilder.Extended(Extension.Limits)).ConfigureAwait(false);
        if (reply.Type == PacketType.ExtendedReply)
        {
            Take(reply.Body.Span);
        }
    }

    private void Take(ReadOnlySpan<byte> limits)
    {
        var reader = new PacketReader(limits);
        _ = reader.UInt64();
        ReadBytes = Usable(reader.UInt64());
        WriteBytes = Usable(reader.UInt64());
        ulong handles = reader.UInt64();
        KeptHandles = handles == 0 ? KeptHandles : (int)Math.Clamp(handles / 2, 1, 512);
    }

    private static int Usable(ulong told) => told == 0 ? UsualBytes : (int)Math.Clamp(told, 1024, MostBytes);
}
