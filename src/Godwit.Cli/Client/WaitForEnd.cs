namespace Godwit.Cli.Client;

/// <summary>Waits until a transfer of a service has ended.</summary>
internal static class WaitForEnd
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_toldAgain = TimeSpan.FromSeconds(10);

    private const string Gone = "the service does not answer; waiting for it";

    // As long as a machine takes to start again.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    /// <summary>Waits, and says where it stands when that changes, and from time to time.</summary>
    /// <returns>The exit code that tells how it ended.</returns>
    public static async Task<ExitCode> RunAsync(ServiceClient service, string id, TextWriter error, CancellationToken ct)
    {
        string told = "";
        long when = service.Time.GetTimestamp();
        long answered = when;
        bool hasAnswered = false;
        while (true)
        {
            TransferView transfer;
            try
            {
                transfer = new TransferView(await service.GetAsync(ServiceClient.PathOf(id), ct).ConfigureAwait(false));
                (hasAnswered, answered) = (true, service.Time.GetTimestamp());
            }
            catch (CommandException e) when (e.Code == ExitCode.Fatal && hasAnswered && service.Time.GetElapsedTime(answered) < s_patience)
            {
                // It is being started again: what it has goes on.
                told = told == Gone ? told : await SayAsync(Gone, error).ConfigureAwait(false);
                await Task.Delay(s_between, service.Time, ct).ConfigureAwait(false);
                continue;
            }

            if (transfer.HasEnded)
            {
                foreach (string line in transfer.Lines())
                {
                    await error.WriteLineAsync(ArgumentText.Show(line)).ConfigureAwait(false);
                }

                return transfer.Code;
            }

            if (transfer.Word != told || service.Time.GetElapsedTime(when) >= s_toldAgain)
            {
                (told, when) = (transfer.Word, service.Time.GetTimestamp());
                await error.WriteLineAsync(ArgumentText.Show($"{transfer.Word}{(transfer.Progress.Length > 0 ? ": " : "")}{transfer.Progress}")).ConfigureAwait(false);
            }

            await Task.Delay(s_between, service.Time, ct).ConfigureAwait(false);
        }
    }

    private static async Task<string> SayAsync(string what, TextWriter error)
    {
        await error.WriteLineAsync(what).ConfigureAwait(false);
        return what;
    }
}
