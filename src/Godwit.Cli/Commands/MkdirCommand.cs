using System.CommandLine;
using System.Runtime.CompilerServices;
using Godwit.Cli.Addresses;
using Godwit.Cli.Results;
using Godwit.Storage;

namespace Godwit.Cli.Commands;

/// <summary><c>godwit mkdir URL</c>: a directory, and those missing above it.</summary>
internal static class MkdirCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        var url = new Argument<string>("URL") { Description = "The directory to make. One that is there already is success." };
        var command = new Command("mkdir", "Makes a directory, and those missing above it.") { url };
        command.SetAction((parsed, ct) => RunAsync(Address.Parse("URL", parsed.GetRequiredValue(url), context.Wiring), context, ct));
        return command;
    }

    private static async Task<int> RunAsync(Address address, CommandContext context, CancellationToken ct)
    {
        var place = AddressedEntry.FromTop(address, context.Wiring);
        await using ConfiguredAsyncDisposable closing = place.ConfigureAwait(false);
        if (place.Store.Directories is not { } directories)
        {
            await context.Error.WriteLineAsync(
                $"godwit: nothing to do for \"{address}\": a bucket needs no directories, writing a file there is enough.").ConfigureAwait(false);
            return (int)ExitCode.Success;
        }

        try
        {
            if (!place.Path.IsRoot)
            {
                await directories.CreateAsync(place.Path, ct).ConfigureAwait(false);
            }

            return (int)ExitCode.Success;
        }
        catch (StoreException e)
        {
            return (int)(await new ExitFacts().ReportAsync(Meant(e, place.Path), place.Path, context.Error, place.Store.Identity).ConfigureAwait(false)).Choose();
        }
    }

    /// <summary>All that was missing above was to be made: where nothing is found all the same, as below <c>/proc</c>, nobody can make anything.</summary>
    private static StoreException Meant(StoreException error, StorePath path) => error.Kind != StoreErrorKind.NotFound ? error
        : new StoreException(StoreErrorKind.Unsupported, $"\"{path}\" could not be made: the file system there takes no directories. Name another place.", error) { Path = path };
}
