using System.Buffers;
using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;

namespace Godwit.Backends.Gfal.Worker;

/// <summary>A thread of the worker: does what it is asked, one request after the other, with a context of its own.</summary>
internal sealed class Lane : IDisposable
{
    // Not a BlockingCollection: who waits for it spins first, and eight lanes that wait would take a processor.
    private readonly Queue<Request> _requests = new();
    private readonly AnswerPipe _answers;
    private readonly int _number;
    private readonly LaneWork _work;

    public Lane(int number, AnswerPipe answers, SharedMemory? memory)
    {
        (_number, _answers, _work) = (number, answers, new LaneWork(memory));
        new Thread(Run, maxStackSize: 1 << 20) { IsBackground = true, Name = $"lane {number}" }.Start();
    }

    /// <summary>Takes a request. To be given up is not waited for behind the others.</summary>
    public void Take(Request request)
    {
        if (request.Verb == Verb.Cancel)
        {
            // It blocks until what is under way has noticed.
            new Thread(_work.Cancel) { IsBackground = true }.Start();
            return;
        }

        lock (_requests)
        {
            _requests.Enqueue(request);
            Monitor.Pulse(_requests);
        }
    }

    /// <summary>Lets go of the context; the thread does so itself when it ends.</summary>
    public void Dispose() => _work.Dispose();

    private void Run()
    {
        for (Request request = Next(); request.Verb != Verb.End; request = Next())
        {
            Answer(request);
            ArrayPool<byte>.Shared.Return(request.Bytes);
        }

        Dispose();
    }

    private Request Next()
    {
        lock (_requests)
        {
            while (_requests.Count == 0)
            {
                Monitor.Wait(_requests);
            }

            return _requests.Dequeue();
        }
    }

    private void Refuse(GfalFault fault) =>
        _answers.Send(_number, new Frame(Wire.Answer.Failed).Text(fault.Domain).Int32(fault.Code).Text(fault.Message));

    private void Answer(Request request)
    {
        try
        {
            (Frame answer, ReadOnlyMemory<byte> content) = _work.Do(request, bytes => _answers.Send(_number, new Frame(Wire.Answer.Passing).Int64(bytes)));
            _answers.Send(_number, answer, content.Span);
        }
        catch (GfalFaultException e)
        {
            Refuse(e.Fault);
        }
        catch (Exception e)
        {
            Refuse(new GfalFault("worker", 0, $"{e.GetType().Name}: {e.Message}"));
        }
    }
}
