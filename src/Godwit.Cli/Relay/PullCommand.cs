using System.CommandLine;
using Godwit.Backends.DropBox;
using Godwit.Cli.Addresses;
using Godwit.Cli.Options;
using Godwit.Storage;
using Godwit.Transfers;

namespace Godwit.Cli.Relay;

/// <summary><c>godwit relay pull BOX DST</c>: all that waits in a drop box to its destination. It is a move, whose deletion marks a file as
/// delivered.</summary>
internal static class PullCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandContext context)
    {
        Argument<string> box = RelayCommand.Box();
        var destination = new Argument<string>("DST") { Description = "The directory that files go to, in any store. It is made when it is not there." };
        Option<StorePath?> only = SettingOption.Of<StorePath?>("--path", "PATH", "Only this file of the box (exit 4 when it does not wait).", PathOf);
        Option<BoxLayout> layout = RelayLayout.Option();
        var command = new Command(
            "pull",
            "Takes what waits in the drop box to DST; each file is marked as delivered there, and its bytes are freed, once it is at DST for certain. An empty bucket or prefix is a box where nothing waits (exit 0), a directory that is not there is an error (exit 3). Several hosts may pull from one box.")
        {
            box, destination, layout, only,
        };
        var transfer = RelayTransfer.AddTo(command, RelayVerbs.Pull, context);
        command.SetAction((parsed, ct) =>
        {
            var from = Address.Parse("BOX", parsed.GetRequiredValue(box), context.Wiring);
            var to = Address.Parse("DST", parsed.GetRequiredValue(destination), context.Wiring);
            BoxLayout kept = parsed.GetValue(layout);
            return transfer.RunAsync(
                parsed, from, to, kept, policy => PolicyOf(policy, kept),
                _ => RelayEnds.OutOfAsync(from, to, parsed.GetValue(only), kept, context.Wiring, ct), ct);
        });
        return command;
    }

    /// <summary>It is a move. The layout of CTA Relay keeps no times: what has the same length at the destination is compared by content, which its MD5
    /// is there for.</summary>
    private static TransferPolicy PolicyOf(TransferPolicy policy, BoxLayout layout) => policy with
    {
        RemoveSource = true,
        SharesSource = true,
        Compare = layout == BoxLayout.CtaRelay && policy.Compare == CompareBy.Modified ? CompareBy.Checksum : policy.Compare,
    };

    private static StorePath? PathOf(string text)
    {
        try
        {
            var path = StorePath.FromBytes(ArgumentText.ToBytes(text));
            return path.IsRoot ? throw new FormatException("write the path of a file within the box") : path;
        }
        catch (StoreException e)
        {
            throw new FormatException(e.Message.TrimEnd('.'));
        }
    }
}
