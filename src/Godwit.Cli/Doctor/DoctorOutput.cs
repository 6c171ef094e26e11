using Godwit.Storage;

namespace Godwit.Cli.Doctor;

/// <summary>Where findings go, each as soon as it is there.</summary>
internal abstract class DoctorOutput
{
    private readonly int[] _counts = new int[Enum.GetValues<FindingOutcome>().Length];

    /// <summary>How many had this outcome so far.</summary>
    public int Count(FindingOutcome outcome) => _counts[(int)outcome];

    /// <summary>What the following findings are about.</summary>
    /// <param name="place">A word that stays as it is: <c>configuration</c>, <c>state</c>, <c>source</c>, <c>destination</c>, <c>pair</c>.</param>
    /// <param name="address">The address; null where there is none.</param>
    public abstract Task BeginAsync(string place, string? address);

    /// <summary>Tells one.</summary>
    public Task TellAsync(string check, Finding finding)
    {
        _counts[(int)finding.Outcome]++;
        return WriteAsync(check, finding);
    }

    /// <summary>Tells how it all ended.</summary>
    public abstract Task EndAsync(ExitCode code);

    /// <summary>Writes one.</summary>
    protected abstract Task WriteAsync(string check, Finding finding);

    /// <summary>The word of an outcome.</summary>
    protected static string WordOf(FindingOutcome outcome) => outcome.ToString().ToLowerInvariant();
}
