using System.Globalization;
using Godwit.Backends.Gfal.Wire;
using Godwit.Storage;

namespace Godwit.Backends.Gfal;

/// <summary>The space that an XRootD server tells (<c>xroot.space</c>). GridFTP's servers tell none.</summary>
internal sealed class GfalSpace(GfalTree tree) : IFreeSpace
{
    public async ValueTask<FreeSpace> GetAsync(StorePath directory, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        for (StorePath there = tree.Root.Join(directory); ; there = there.Parent)
        {
            GfalReply reply = await tree.AskAsync(new Frame(Verb.Attribute).Bytes(tree.UrlOf(there)).Text("xroot.space"), ct).ConfigureAwait(false);
            if (reply.Fault is not { } fault)
            {
                return Of(reply.Fields.Text(), directory);
            }

            if (there.IsRoot || !tree.IsNothing(fault))
            {
                throw tree.Error(fault, "asked for its free space", directory);
            }
        }
    }

    /// <summary>Reads such as <c>oss.cgroup=public&amp;oss.space=1000&amp;oss.free=500&amp;oss.quota=-1</c>.</summary>
    internal static FreeSpace Of(string told, StorePath directory)
    {
        long? free = Number("oss.free=");
        long? used = Number("oss.used=");
        long? quota = Number("oss.quota=") is > 0 and var limit ? limit : null;
        if (free is null)
        {
            throw GfalErrors.Of(StoreErrorKind.Unavailable, directory, $"has free space that cannot be read: \"{told}\"");
        }

        long left = quota is { } most && used is { } taken ? Math.Min(free.Value, Math.Max(0, most - taken)) : free.Value;
        return new FreeSpace(left, Number("oss.space="), null);

        long? Number(string name) => told.Split('&').FirstOrDefault(pair => pair.StartsWith(name, StringComparison.Ordinal)) is { } pair
            && long.TryParse(pair.AsSpan(name.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
    }
}
