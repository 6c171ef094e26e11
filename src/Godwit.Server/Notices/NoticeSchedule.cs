namespace Godwit.Server.Notices;

/// <summary>When a notice that did not arrive is tried again.</summary>
public sealed class NoticeSchedule
{
    private readonly Random _random;
    private readonly Lock _lock = new();

    /// <param name="random">Spreads the tries.</param>
    public NoticeSchedule(Random random) => _random = random;

    /// <value>The waits before the second try and those after it, about a day together: a receiver that is mended the next morning gets everything.</value>
    public IReadOnlyList<TimeSpan> Waits { get; init; } =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1),
        TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(13),
    ];

    /// <value>Tries of what is refused: one refusal may be a mistake in the receiver's new release.</value>
    public int TriesOfRefused { get; init; } = 3;

    /// <value>The longest wait that a receiver may ask for.</value>
    public TimeSpan Longest { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long to wait after a try that failed; null to give it up.</summary>
    /// <param name="tries">How many there were, with this one.</param>
    /// <param name="answer">What came of it.</param>
    public TimeSpan? WaitAfter(int tries, NoticeReply answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.IsGone || tries > Waits.Count || (answer.IsRefused && tries >= TriesOfRefused))
        {
            return null;
        }

        double spread;
        lock (_lock)
        {
            spread = 1 + (_random.NextDouble() / 5);
        }

        TimeSpan wait = Waits[tries - 1] * spread;
        return answer.RetryAfter is { } asked && asked > wait ? (asked < Longest ? asked : Longest) : wait;
    }
}
