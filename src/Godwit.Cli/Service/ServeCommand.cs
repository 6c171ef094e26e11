using System.CommandLine;
using System.Runtime.CompilerServices;

namespace Godwit.Cli.Service;

/// <summary><c>godwit serve</c>: the service that carries out what others hand to it.</summary>
internal static class ServeCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var settings = new ServerSettings();
        var command = new Command(
            "serve", "Runs the service: takes transfers by its API (godwit submit), queues them, carries them out and goes on with them after a crash. Ends on SIGTERM.");
        settings.AddTo(command);
        command.SetAction((parsed, ct) => RunAsync(settings.Read(parsed, context.Wiring), context, ct));
        return command;
    }

    // The server's library is loaded only here: it costs more than a small copy.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<int> RunAsync(ServeSettings settings, CommandContext context, CancellationToken ct) =>
        (int)await new ServeUntilStopped(settings, context).RunAsync(ct).ConfigureAwait(false);
}
