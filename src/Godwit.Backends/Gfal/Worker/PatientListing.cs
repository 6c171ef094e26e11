namespace Godwit.Backends.Gfal.Worker;

/// <summary>Reads an open directory of an XRootD server to its true end.</summary>
/// <remarks>
/// libgfal2's plugin (2.21 to 2.23, <c>DirListHandler::Get</c>) waits for the server's listing for a minute, and where it has not come says the same as
/// behind the last entry: a slow server's directory would look empty. And where the listing comes between its looking and its waiting, it sleeps
/// that minute although all is there (seen once in a thousand listings): so it is asked only when the answer is likely to have come.
/// </remarks>
/// <param name="next">Asks the library for the next entry; null behind the last one, and where the listing has not come.</param>
/// <param name="opened">What the server took to open the directory.</param>
/// <param name="time">The clock.</param>
/// <param name="pause">Waits.</param>
internal sealed class PatientListing<TEntry>(Func<TEntry?> next, TimeSpan opened, TimeProvider time, Action<TimeSpan> pause)
    where TEntry : struct
{
    private const int MostWaits = 10;
    private const int TimedOut = 110;

    // A little less than the minute: its clock is not this one.
    private static readonly TimeSpan s_pluginsPatience = TimeSpan.FromSeconds(55);
    private static readonly TimeSpan s_leastHeadStart = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_mostHeadStart = TimeSpan.FromMilliseconds(250);

    private bool _hasCome;

    /// <summary>The next entry; null behind the last.</summary>
    /// <exception cref="GfalFaultException">The server has not listed the directory for ten minutes.</exception>
    public TEntry? Next()
    {
        if (_hasCome)
        {
            return next();
        }

        TimeSpan usual = opened * 1.5;
        pause(usual < s_leastHeadStart ? s_leastHeadStart : usual > s_mostHeadStart ? s_mostHeadStart : usual);
        int nothings = 0;
        for (int wait = 0; wait < MostWaits; wait++)
        {
            long asked = time.GetTimestamp();
            TEntry? first = next();
            nothings = time.GetElapsedTime(asked) < s_pluginsPatience ? nothings + 1 : 0;

            // Nothing twice, at once: its waiting may end before its time.
            if (first is not null || nothings > 1)
            {
                _hasCome = true;
                return first;
            }
        }

        throw new GfalFaultException(new GfalFault("worker", TimedOut, "the server has not listed the directory for ten minutes"));
    }
}
