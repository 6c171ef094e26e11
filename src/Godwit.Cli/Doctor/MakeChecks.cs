using Godwit.Storage;
using Godwit.Transfers.Record;

namespace Godwit.Cli.Doctor;

/// <summary>Makes checks one after the other, none of them for longer than it may take.</summary>
/// <param name="output">Gets what is found.</param>
/// <param name="limit">How long one check may take.</param>
internal sealed class MakeChecks(DoctorOutput output, TimeSpan limit)
{
    /// <summary>Makes them in their order.</summary>
    /// <returns>Whether none failed that others need: then all were made.</returns>
    public async Task<bool> RunAsync(IEnumerable<DiagnosisStep> steps, CancellationToken ct)
    {
        foreach (DiagnosisStep step in steps)
        {
            Finding? finding = await LookAsync(step, ct).ConfigureAwait(false);
            if (finding is null)
            {
                continue;
            }

            await output.TellAsync(step.Name, finding).ConfigureAwait(false);
            if (finding.Outcome == FindingOutcome.Failed && step.IsNeeded)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An error of a store as a finding.</summary>
    public static Finding Of(StoreException error) => new(FindingOutcome.Failed, error.Message.TrimEnd('.'), RemedyOf(error));

    // A call that hangs in the kernel, as on a dead file server, never looks at its token: it is left behind.
    private async Task<Finding?> LookAsync(DiagnosisStep step, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var looking = Task.Run(async () => await step.LookAsync(stop.Token).ConfigureAwait(false), CancellationToken.None);
        try
        {
            return await looking.WaitAsync(limit, ct).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            return new Finding(
                FindingOutcome.Failed, $"no answer within {limit.TotalSeconds} seconds", "See that what it waits for is up, and what stands on the way to it.");
        }
        catch (StoreException e)
        {
            return Of(e);
        }
        catch (Exception e) when (e is LedgerException or CommandException or IOException or UnauthorizedAccessException)
        {
            return new Finding(FindingOutcome.Failed, e.Message.TrimEnd('.'));
        }
    }

    private static string? RemedyOf(StoreException error) => error.Kind switch
    {
        StoreErrorKind.Unauthenticated when error.Next != NextStep.GiveUp => "Correct or renew the credential.",
        StoreErrorKind.Forbidden when error.Message.EndsWith("(EROFS).", StringComparison.Ordinal) => "Mount it writable, or name another place.",
        StoreErrorKind.Forbidden when error.Message.Contains("read-only", StringComparison.Ordinal) => "Have it made writable there, or name another place.",
        StoreErrorKind.Forbidden => "Allow this user, or this credential, to do it.",
        StoreErrorKind.NotFound => "Correct the name, or make what is missing.",
        StoreErrorKind.QuotaExceeded => "Make room there, or have the quota raised.",
        StoreErrorKind.Unavailable or StoreErrorKind.TimedOut or StoreErrorKind.Interrupted or StoreErrorKind.RateLimited
            when error.Next != NextStep.GiveUp => "See that it is up and within reach.",
        _ => null,
    };
}
