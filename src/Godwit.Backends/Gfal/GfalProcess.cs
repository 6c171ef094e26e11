using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>A worker process, seen from here: requests go in, answers come out in each lane's order. Once it is lost, whatever waits for it learns
/// so, and it is never used again.</summary>
internal sealed class GfalProcess : IAsyncDisposable
{
    private const int WordsKept = 2000;
    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, GfalWaiting> _lanes = new();
    [SuppressMessage("Usage", "CA2213", Justification = "It holds nothing, and whoever still waits for his turn would wait for ever.")]
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly StringBuilder _words = new();
    private readonly TaskCompletionSource<GfalReply> _greeting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stream _input;
    private int _lastLane;
    private string? _killedFor;
    private int? _code;

    private GfalProcess(Process process, GfalRooms? rooms)
    {
        (_process, Rooms) = (process, rooms);
        _input = process.StandardInput.BaseStream;
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
        new Thread(Receive) { IsBackground = true, Name = "gfal2 answers" }.Start();
    }

    /// <summary>Whether it is of no use any more.</summary>
    public bool IsLost => _ended.Task.IsCompleted;

    /// <summary>Its number, for tests and for people.</summary>
    public int Id => _process.Id;

    /// <summary>The version of the library.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The memory that it shares; null where it has none.</summary>
    public GfalRooms? Rooms { get; private set; }

    /// <summary>Starts a worker and waits until it has the library.</summary>
    /// <exception cref="StoreException">It does not start, or libgfal2 is not there.</exception>
    public static async Task<GfalProcess> StartAsync(GfalOptions options, TimeProvider time, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(options.Worker[0], options.Worker.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        GfalEnvironment.Fill(start.Environment, options);
        GfalRooms? rooms = options.SharesMemory ? GfalRooms.Make() : null;
        if (rooms is not null)
        {
            start.Environment[GfalRooms.Variable] = rooms.Name;
        }

        var worker = new GfalProcess(Begin(start), rooms);
        try
        {
            GfalReply greeting = await worker._greeting.Task.WaitAsync(StartTime, time, ct).ConfigureAwait(false);
            worker.Greet(greeting);
            return worker;
        }
        catch (TimeoutException)
        {
            worker.Kill("it did not start in time");
            await worker.DisposeAsync().ConfigureAwait(false);
            throw worker.Lost();
        }
        catch
        {
            await worker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Greet(GfalReply greeting)
    {
        if (greeting.Fault is { } fault)
        {
            throw GfalErrors.Missing(fault);
        }

        Fields fields = greeting.Fields;
        Version = fields.Text();
        Rooms = fields.Int32() > 0 ? Rooms : null;
    }

    private static Process Begin(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("no process was started");
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new StoreException(
                StoreErrorKind.Unsupported, $"The worker process for libgfal2 could not be started as \"{start.FileName}\": {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>The number of a new lane.</summary>
    public int OpenLane()
    {
        int lane = Interlocked.Increment(ref _lastLane);
        _lanes[lane] = new GfalWaiting();
        return lane;
    }

    /// <summary>Ends a lane that waits for nothing.</summary>
    public async Task EndLaneAsync(int lane)
    {
        if (_lanes.TryRemove(lane, out _) && !IsLost)
        {
            await WriteAsync(new Frame(Verb.End, 0).Finish(lane), default).ConfigureAwait(false);
        }
    }

    /// <summary>Has a lane give up what it does.</summary>
    public Task CancelAsync(int lane) => WriteAsync(new Frame(Verb.Cancel, 0).Finish(lane), default);

    /// <summary>Sends a request.</summary>
    /// <param name="lane">Which lane does it, behind what was asked of it before.</param>
    /// <param name="request">What.</param>
    /// <param name="content">Bytes that go with it; they may be used again once the answer is there.</param>
    /// <param name="room">Where the content of the answer goes; not to be used for anything else until then.</param>
    /// <param name="progress">Hears of bytes meanwhile.</param>
    /// <returns>The answer. A process that is lost answers with an error of its own.</returns>
    public async Task<GfalReply> SendAsync(
        int lane, Frame request, ReadOnlyMemory<byte> content = default, Memory<byte> room = default, IProgress<long>? progress = null)
    {
        var answer = new TaskCompletionSource<GfalReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_lanes.TryGetValue(lane, out GfalWaiting? waiting))
        {
            throw Lost();
        }

        waiting.Enqueue(new GfalAwaited(answer, room, progress));
        if (IsLost)
        {
            throw Lost();
        }

        await WriteAsync(request.Finish(lane, content.Length), content).ConfigureAwait(false);
        return await answer.Task.ConfigureAwait(false);
    }

    /// <summary>Kills it.</summary>
    /// <param name="why">Why, to complete "the worker was killed: ...".</param>
    public void Kill(string why)
    {
        _killedFor ??= why;
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!IsLost)
        {
            _input.Close();
            Task ended = _ended.Task;
            if (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System)).ConfigureAwait(false) != ended)
            {
                Kill("it did not end by itself");
            }
        }

        await _ended.Task.ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> content)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await _input.WriteAsync(head).ConfigureAwait(false);
            if (content.Length > 0)
            {
                await _input.WriteAsync(content).ConfigureAwait(false);
            }

            await _input.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            await _ended.Task.ConfigureAwait(false);
            throw Lost();
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Receive()
    {
        try
        {
            using var answers = new BufferedStream(_process.StandardOutput.BaseStream, 64 << 10);
            var head = new byte[Frame.HeadBytes];
            while (answers.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
            {
                Receive(answers, FrameHead.Of(head));
            }
        }
        catch (Exception e)
        {
            // Nothing that it sends may end this process.
            Kill($"its answers could not be read: {e.Message}");
        }

        _process.WaitForExit();
        _code = _process.ExitCode;
        _ended.TrySetResult();
        _greeting.TrySetException(Lost());
        foreach (GfalWaiting waiting in _lanes.Values)
        {
            waiting.Fail(Lost);
        }
    }

    private void Receive(Stream answers, FrameHead head)
    {
        var awaited = new GfalAwaited(_greeting, default, null);
        GfalWaiting? waiting = null;
        var kind = (Answer)head.Kind;
        if (kind == Answer.Passing)
        {
            var passing = new byte[head.Length];
            answers.ReadExactly(passing);

            // One that comes late is nobody's.
            IProgress<long>? progress = _lanes.TryGetValue(head.Lane, out waiting) && waiting.TryPeek(out GfalAwaited copy) ? copy.Progress : null;
            progress?.Report(new Fields(passing).Int64());
            return;
        }

        if (head.Lane != 0)
        {
            // It goes on waiting until all of the answer is there: the process may be lost in the middle of it.
            awaited = _lanes.TryGetValue(head.Lane, out waiting) && waiting.TryPeek(out GfalAwaited first)
                ? first
                : throw new InvalidDataException("an answer came that nobody waits for");
        }

        if (kind == Answer.Done && !awaited.Room.IsEmpty)
        {
            if (head.Length > awaited.Room.Length)
            {
                throw new InvalidDataException("an answer is larger than what was asked for");
            }

            answers.ReadExactly(awaited.Room.Span[..head.Length]);
            waiting!.Dequeue();
            awaited.Answer.TrySetResult(new GfalReply(null, [], head.Length));
            return;
        }

        var bytes = new byte[head.Length];
        answers.ReadExactly(bytes);
        waiting?.Dequeue();
        bool failed = kind == Answer.Failed;
        awaited.Answer.TrySetResult(new GfalReply(failed ? new Fields(bytes).Fault() : null, failed ? [] : bytes, 0));
    }

    private StoreException Lost()
    {
        string words;
        lock (_words)
        {
            words = PathText.Escape(Encoding.UTF8.GetBytes(_words.ToString().Trim()));
        }

        string how = _killedFor ?? (_code is { } code ? $"it ended with {code}" : "its input is closed");
        return new StoreException(
            StoreErrorKind.Interrupted, $"The worker process with libgfal2 was lost: {how}.{(words.Length > 0 ? $" Its last words: {words}" : "")}");
    }

    private void Keep(string? line)
    {
        lock (_words)
        {
            _words.Append(line).Append(' ');
            if (_words.Length > WordsKept)
            {
                _words.Remove(0, _words.Length - WordsKept);
            }
        }
    }
}
