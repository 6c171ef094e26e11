using System.Buffers;
using System.Runtime.InteropServices;
using Godwit.Backends.Gfal.Native;
using Godwit.Backends.Gfal.Wire;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Backends.Gfal.Worker;

/// <summary>
/// The worker process: libgfal2 with one credential and one server. It reads requests from its input and answers on its output; each lane is a
/// thread with a context of its own and does one thing at a time. It ends with its input, whatever native code is doing.
/// </summary>
public static class GfalWorker
{
    /// <summary>The first argument that makes the program a worker. Not for people.</summary>
    public const string Argument = "gfal2-worker";

    /// <summary>Works until the input ends.</summary>
    /// <returns>The exit code; it is not reached where native code hangs.</returns>
    public static int Run()
    {
        WorkerProcess.LeaveTerminal();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);
        int output = WorkerProcess.TakeOutput();
        WorkerProcess.Widen(output);
        WorkerProcess.Widen(WorkerProcess.Input);
        using var answers = new AnswerPipe(new SafeFileHandle(output, ownsHandle: true));
        if (Missing() is { } missing)
        {
            answers.Send(0, new Frame(Answer.Failed).Text("loader").Int32(0).Text(missing));
            return 1;
        }

        var memory = SharedMemory.Open(Environment.GetEnvironmentVariable(GfalRooms.Variable));
        answers.Send(0, new Frame(Answer.Done).Text(GfalContext.Version).Int32(memory is null ? 0 : 1));
        using var input = new FileStream(new SafeFileHandle(WorkerProcess.Input, ownsHandle: false), FileAccess.Read, 0);
        Serve(input, answers, memory);
        WorkerProcess.End(0);
        return 0;
    }

    /// <summary>Why the library cannot be used here; null when it can.</summary>
    private static string? Missing()
    {
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(Gfal2.Library));
            return null;
        }
        catch (DllNotFoundException e)
        {
            return e.Message;
        }
    }

    private static void Serve(Stream input, AnswerPipe answers, SharedMemory? memory)
    {
        var lanes = new Dictionary<int, Lane>();
        var head = new byte[Frame.HeadBytes];
        while (input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            var told = FrameHead.Of(head);
            byte[] fields = ArrayPool<byte>.Shared.Rent(told.Length);
            input.ReadExactly(fields, 0, told.Length);
            if (!lanes.TryGetValue(told.Lane, out Lane? lane))
            {
                lane = new Lane(told.Lane, answers, memory);
                lanes.Add(told.Lane, lane);
            }

            if ((Verb)told.Kind == Verb.End)
            {
                lanes.Remove(told.Lane);
            }

            lane.Take(new Request((Verb)told.Kind, fields, told.Length));
        }
    }
}

/// <summary>One request.</summary>
/// <param name="Verb">What is to be done.</param>
/// <param name="Bytes">Its fields; rented.</param>
/// <param name="Length">How many of the bytes are fields.</param>
internal readonly record struct Request(Verb Verb, byte[] Bytes, int Length)
{
    /// <summary>Its fields, from the first.</summary>
    public Fields Fields => new(Bytes.AsSpan(0, Length));
}
