using System.ComponentModel;
using System.Diagnostics;
using Godwit.Storage;

namespace Godwit.Backends.Sftp.Ssh;

/// <summary>
/// One ssh process and its pipes. It ends when the pipes close, whatever becomes of this process: nothing is left behind by a kill.
/// </summary>
internal sealed class SshProcess : IDisposable
{
    private const string OwnSession = "/usr/bin/setsid";

    private readonly Process _process;
    private readonly Askpass? _askpass;

    private SshProcess(Process process, Askpass? askpass)
    {
        _process = process;
        _askpass = askpass;
        Words.ReadFrom(process.StandardError);
    }

    /// <summary>Its standard input.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>Its standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Its standard error.</summary>
    public SshWords Words { get; } = new();

    /// <summary>Starts ssh.</summary>
    /// <param name="options">How the server is reached.</param>
    /// <param name="command">As for <see cref="SshArguments.For"/>.</param>
    /// <exception cref="StoreException">There is no such program.</exception>
    public static SshProcess Start(SftpOptions options, string? command = null)
    {
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // In a session of its own, a stop from the keyboard reaches Godwit alone, which still needs the connection to clean up; and there
        // is no terminal that ssh could ask on.
        bool apart = Path.Exists(OwnSession);
        start.FileName = apart ? OwnSession : options.Command[0];
        foreach (string argument in (apart ? [options.Command[0]] : Array.Empty<string>()).Concat(SshArguments.For(options, command)))
        {
            start.ArgumentList.Add(argument);
        }

        var askpass = Askpass.For(options);
        askpass?.AddTo(start);
        try
        {
            return new SshProcess(Process.Start(start)!, askpass);
        }
        catch (Win32Exception e)
        {
            askpass?.Dispose();
            throw SshQuestion.NoProgram(options, e);
        }
    }

    /// <summary>The questions are over: nothing that answers them is needed any longer.</summary>
    public void LoggedIn() => _askpass?.Dispose();

    /// <summary>Waits until ssh has said all, but not for ever.</summary>
    public Task HearOutAsync(TimeProvider time) => Task.WhenAny(Words.Ended, Task.Delay(TimeSpan.FromSeconds(2), time));

    /// <summary>Ends it at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }
    }

    /// <summary>Lets it end: its input closes. What does not end soon is ended.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // What was not yet written has nobody to read it.
        }

        if (!_process.WaitForExit(TimeSpan.FromSeconds(1)))
        {
            Kill();
            _process.WaitForExit(TimeSpan.FromSeconds(1));
        }

        _askpass?.Dispose();
        _process.Dispose();
    }
}
