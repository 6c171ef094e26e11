using System.Text;
using Godwit.Storage;

namespace Godwit.Backends.Sftp.Ssh;

/// <summary>What ssh writes to standard error: the last of it is kept.</summary>
internal sealed class SshWords
{
    private const int MaxKept = 8 * 1024;

    private readonly Lock _gate = new();
    private readonly StringBuilder _kept = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when nothing more will come.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The lines, without what is only for the eye, as one.</summary>
    public string Line
    {
        get
        {
            lock (_gate)
            {
                string[] lines = _kept.ToString().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                return string.Join("; ", lines.Where(IsSaid).Select(line => PathText.Escape(Encoding.UTF8.GetBytes(line))));
            }
        }
    }

    /// <summary>Reads to the end on a thread of its own, so that ssh is never held up.</summary>
    public void ReadFrom(StreamReader reader) => new Thread(() => ReadAll(reader)) { IsBackground = true, Name = "ssh's words" }.Start();

    private void ReadAll(StreamReader reader)
    {
        try
        {
            var block = new char[1024];
            for (int read; (read = reader.Read(block, 0, block.Length)) > 0;)
            {
                Keep(block.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Ended with the process.
        }

        _ended.TrySetResult();
    }

    private void Keep(ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            _kept.Append(text);
            if (_kept.Length > MaxKept)
            {
                _kept.Remove(0, _kept.Length - MaxKept);
            }
        }
    }

    private static bool IsSaid(string line) => line.Any(char.IsLetterOrDigit) && !line.StartsWith("** ", StringComparison.Ordinal);
}
