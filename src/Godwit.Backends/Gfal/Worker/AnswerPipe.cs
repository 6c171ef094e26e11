using Godwit.Backends.Gfal.Wire;
using Microsoft.Win32.SafeHandles;

namespace Godwit.Backends.Gfal.Worker;

/// <summary>The output of a worker: whole answers, one at a time.</summary>
/// <param name="output">Where they go.</param>
internal sealed class AnswerPipe(SafeFileHandle output) : IDisposable
{
    private readonly FileStream _pipe = new(output, FileAccess.Write, 0);
    private readonly Lock _turn = new();

    /// <summary>Sends an answer. One that nobody reads any more is dropped: the input ends then, too.</summary>
    /// <param name="lane">Whose it is.</param>
    /// <param name="answer">Its head and fields.</param>
    /// <param name="content">Bytes that follow.</param>
    public void Send(int lane, Frame answer, ReadOnlySpan<byte> content = default)
    {
        lock (_turn)
        {
            try
            {
                _pipe.Write(answer.Finish(lane, content.Length).Span);
                _pipe.Write(content);
            }
            catch (IOException)
            {
            }
        }
    }

    public void Dispose() => _pipe.Dispose();
}
