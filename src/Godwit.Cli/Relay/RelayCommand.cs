using System.CommandLine;
using Godwit.Storage;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay ...</c>: two hosts whose only common ground is a drop box. Putting in is a copy and taking out is a move, by the same
/// engine.</summary>
internal static class RelayCommand
{
    /// <summary>The command with those below it.</summary>
    public static Command Build(CommandContext context) =>
        new("relay", "Moves files between two hosts that reach only one place in common, such as a bucket: the drop box.")
        {
            PushCommand.Build(context), PullCommand.Build(context), RelayStatusCommand.Build(context), RelayLsCommand.Build(context),
            RelayShowCommand.Build(context), RelayResendCommand.Build(context), RelayPruneCommand.Build(context),
            RelayRepairCommand.Build(context), RelayCheckCommand.Build(context), RelayAdoptCommand.Build(context),
        };

    /// <summary>A path within a box; the root for none.</summary>
    /// <exception cref="CommandException">No file of a box can have it.</exception>
    public static StorePath PathOf(string text)
    {
        try
        {
            return StorePath.FromBytes(ArgumentText.ToBytes(text).AsSpan().Trim((byte)'/'));
        }
        catch (StoreException e)
        {
            throw new CommandException(ExitCode.Usage, $"PATH is \"{text}\": {e.Message}");
        }
    }

    /// <summary>The moment so long ago; the first of all where that would be before it.</summary>
    public static Timestamp Before(Wiring wiring, TimeSpan age)
    {
        DateTimeOffset now = wiring.Time.GetUtcNow();
        return Timestamp.From(now - DateTimeOffset.MinValue > age ? now - age : DateTimeOffset.MinValue);
    }

    /// <summary>The box as an argument.</summary>
    public static Argument<string> Box() => new("BOX")
    {
        Description = "The drop box: a directory, or a bucket with or without a prefix, or any other store. It is a place of its own: neither in the other one nor around it.",
    };
}
