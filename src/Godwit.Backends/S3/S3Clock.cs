namespace Godwit.Backends.S3;

/// <summary>The server's clock, as far as it is known: a signature is good only for some minutes around it.</summary>
internal sealed class S3Clock(TimeProvider time)
{
    private static readonly TimeSpan s_noticed = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private long _aheadTicks;
    private int _generation;

    /// <summary>The moment at the server.</summary>
    public DateTimeOffset Now => time.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));

    /// <summary>How often it was set.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Learns from an answer that complained about a call.</summary>
    /// <param name="server">The moment that the answer tells.</param>
    /// <param name="signedWith">The <see cref="Generation"/> that the call was signed with.</param>
    /// <returns>False: the clocks agree already, so that repeating the call does not help.</returns>
    public bool Learn(DateTimeOffset server, int signedWith)
    {
        lock (_gate)
        {
            if (signedWith != _generation)
            {
                // It was set while this call was on its way.
                return true;
            }

            if ((server - Now).Duration() < s_noticed)
            {
                return false;
            }

            Interlocked.Exchange(ref _aheadTicks, (server - time.GetUtcNow()).Ticks);
            _generation++;
            return true;
        }
    }
}
