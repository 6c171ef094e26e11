namespace Godwit.Backends.S3;

/// <summary>The server's clock, as far as it is known: a signature is good only for some minutes around it.</summary>
internal sealed class S3Clock(TimeProvider time)
{
    private static readonly TimeSpan s_noticed = TimeSpan.FromSeconds(30);

    private long _aheadTicks;

    /// <summary>The moment at the server.</summary>
    public DateTimeOffset Now => time.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));

    /// <summary>Learns from an answer that complained. False: the clocks agree already, so that repeating does not help.</summary>
    public bool Learn(DateTimeOffset server)
    {
        if ((server - Now).Duration() < s_noticed)
        {
            return false;
        }

        Interlocked.Exchange(ref _aheadTicks, (server - time.GetUtcNow()).Ticks);
        return true;
    }
}
