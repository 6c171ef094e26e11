using System.Security.Cryptography;
using System.Text;
using Godwit.Backends.Sftp.Ssh;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Sftp.Shell;

/// <summary>A shell of the account that computes checksums: one ssh process for many files. For one request at a time.</summary>
internal sealed class SftpShell : IDisposable
{
    private const int DigitsBytes = 32;

    // What a login takes, and a shell's start-up files. It comes after a login that worked.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly SshProcess _ssh;
    private readonly ShellRecords _records;
    private readonly TimeProvider _time;
    private byte _end;
    private int _number;
    private int _disposed;

    private SftpShell(SshProcess ssh, TimeProvider time) => (_ssh, _records, _time) = (ssh, new ShellRecords(ssh.Output), time);

    /// <summary>Opens one, and makes sure that it sees what SFTP sees.</summary>
    /// <param name="options">How the server is reached.</param>
    /// <param name="session">A connection to the same account.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="StoreException">There is none that would do, as the message says.</exception>
    public static async Task<SftpShell> OpenAsync(SftpOptions options, SftpSession session, TimeProvider time)
    {
        var shell = new SftpShell(SshProcess.Start(options, ShellScript.Command), time);
        try
        {
            Task<ShellGreeting> greeted = shell.WithinAsync(s_patience, shell.Greet);
            Task<(byte[]? Path, uint? Mode)> looked = HomeAsync(session);
            await Task.WhenAll(greeted, looked).ConfigureAwait(false);
            (ShellGreeting greeting, (byte[]? home, uint? mode)) = (await greeted.ConfigureAwait(false), await looked.ConfigureAwait(false));
            if (greeting.Refuses(home, mode) is { } reason)
            {
                throw Unfit(reason);
            }

            shell._ssh.LoggedIn();
            shell._end = greeting.Style == ShellScript.EndsWithZero ? (byte)0 : (byte)'\n';
            return shell;
        }
        catch (IOException e) when (e is not StoreException)
        {
            await shell._ssh.HearOutAsync(time).ConfigureAwait(false);
            string words = shell._ssh.Words.Line;
            shell.Dispose();
            throw Unfit($"the account has none that answers{(words.Length > 0 ? $"; ssh says: {words}" : "")}");
        }
        catch
        {
            shell.Dispose();
            throw;
        }
    }

    /// <summary>Whether the name of a file is told unmistakably: where lines end the answers, md5sum has to change some names.</summary>
    public bool CanTell(ReadOnlySpan<byte> place) => _end == 0 || !place.ContainsAny("\n\r\\"u8);

    /// <summary>The MD5 of files, by their whole paths; those that cannot be read are left out.</summary>
    /// <param name="places">Whole paths, each once, at most <see cref="ShellScript.MaxNames"/>.</param>
    /// <param name="patience">How long it may take.</param>
    /// <exception cref="IOException">The shell broke off, or took too long. It is of no more use.</exception>
    public Task<Dictionary<byte[], Checksum>> ComputeAsync(IReadOnlyCollection<byte[]> places, TimeSpan patience) =>
        WithinAsync(patience, () => Compute(places));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _ssh.Dispose();
        }
    }

    private static async Task<(byte[]? Path, uint? Mode)> HomeAsync(SftpSession session)
    {
        byte[]? home = await session.HomeAsync().ConfigureAwait(false);
        SftpAttributes? found = home is null ? null : await session.FollowAsync(home, StorePath.Root).ConfigureAwait(false);
        return (home, found?.Mode);
    }

    private async Task<T> WithinAsync<T>(TimeSpan patience, Func<T> work)
    {
        Task<T> working = Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await working.WaitAsync(patience, _time).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            // A read of a pipe ends when ssh does, unless a program around it left a child behind that has the pipe too.
            _records.Stop();
            _ssh.Kill();
            _ = working.ContinueWith(
                static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new EndOfStreamException($"The shell did not answer within {patience.TotalSeconds:0} s.", e);
        }
    }

    private ShellGreeting Greet()
    {
        string token = RandomNumberGenerator.GetHexString(16, lowercase: true);
        Write(Encoding.ASCII.GetBytes(token + "\n"));
        byte[] mark = Encoding.ASCII.GetBytes($"{ShellScript.Mark} {token} ");

        // Start-up files may have said anything before.
        byte[] found;
        do
        {
            found = _records.Next(0);
        }
        while (!found.AsSpan().StartsWith(mark));

        return new ShellGreeting(Encoding.ASCII.GetString(found.AsSpan(mark.Length)), _records.Next(0), _records.Next(0));
    }

    private Dictionary<byte[], Checksum> Compute(IReadOnlyCollection<byte[]> places)
    {
        int number = ++_number;
        using var request = new MemoryStream();
        request.Write(Encoding.ASCII.GetBytes(ShellScript.HeaderOf(number, places.Sum(place => place.Length + 1))));
        foreach (byte[] place in places)
        {
            request.Write(place);
            request.WriteByte(0);
        }

        Write(request.ToArray());
        byte[] end = Encoding.ASCII.GetBytes(ShellScript.EndOf(number));
        var asked = new HashSet<byte[]>(places, BytesEqual.Comparer);
        var told = new Dictionary<byte[], Checksum>(BytesEqual.Comparer);
        for (byte[] record = _records.Next(_end); !record.AsSpan().SequenceEqual(end); record = _records.Next(_end))
        {
            Take(record, asked, told);
        }

        return told;
    }

    /// <summary>One line of md5sum: digits, a space, a space or a star, the name. Whatever else was written there is not for us.</summary>
    private static void Take(byte[] record, HashSet<byte[]> asked, Dictionary<byte[], Checksum> told)
    {
        if (record.Length > DigitsBytes + 2 && record[DigitsBytes] == ' ' && asked.TryGetValue(record[(DigitsBytes + 2)..], out byte[]? place)
            && Checksum.TryParse(ChecksumKind.Md5, Encoding.ASCII.GetString(record, 0, DigitsBytes), out Checksum sum)
            && !told.TryAdd(place, sum) && told[place] != sum)
        {
            throw new EndOfStreamException("The shell told two checksums of one file.");
        }
    }

    private void Write(byte[] bytes)
    {
        _ssh.Input.Write(bytes);
        _ssh.Input.Flush();
    }

    private static StoreException Unfit(string reason) =>
        new(StoreErrorKind.Unsupported, $"The account's shell computes no checksums: {reason}.");
}
