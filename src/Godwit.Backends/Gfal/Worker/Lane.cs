using System.Buffers;
using System.Collections.Concurrent;
using Godwit.Backends.Gfal.Wire;

namespace Godwit.Backends.Gfal.Worker;

/// <summary>A thread of the worker: does what it is asked, one request after the other, with a context of its own.</summary>
internal sealed class Lane : IDisposable
{
    private readonly BlockingCollection<Request> _requests = [];
    private readonly AnswerPipe _answers;
    private readonly int _number;
    private readonly LaneWork _work = new();

    public Lane(int number, AnswerPipe answers)
    {
        (_number, _answers) = (number, answers);
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

        _requests.Add(request);
    }

    /// <summary>Lets go of the context; the thread does so itself when it ends.</summary>
    public void Dispose()
    {
        _work.Dispose();
        _requests.Dispose();
    }

    private void Run()
    {
        foreach (Request request in _requests.GetConsumingEnumerable())
        {
            if (request.Verb == Verb.End)
            {
                break;
            }

            Answer(request);
            ArrayPool<byte>.Shared.Return(request.Bytes);
        }

        Dispose();
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
