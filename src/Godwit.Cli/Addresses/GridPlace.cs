using System.Text;
using Godwit.Backends.Gfal;
using Godwit.Backends.Local;
using Godwit.Cli.Configuration;
using Godwit.Storage;

namespace Godwit.Cli.Addresses;

/// <summary>A GridFTP or XRootD server. Its paths begin at its root and have no links in them; nothing is asked to resolve one.</summary>
/// <param name="Server">Which one.</param>
internal sealed record GridPlace(GfalServer Server) : IServer
{
    public string Kind => Server.Scheme;

    public string Host => Server.Host;

    /// <remarks>With the two slashes that other tools need before an absolute path of XRootD.</remarks>
    public byte[] Text(ReadOnlySpan<byte> path) => [.. Encoding.UTF8.GetBytes($"{Server}{(Server.IsXrootd ? "/" : "")}"), .. path];

    public byte[] Below(ReadOnlySpan<byte> root, ReadOnlySpan<byte> path) => GridAddress.Whole("The path", Server, [.. root, (byte)'/', .. path]);

    public IStore Open(ReadOnlySpan<byte> directory, LocalOptions local, Endpoint? endpoint, Wiring wiring)
    {
        var root = StorePath.FromBytes(directory.Trim((byte)'/'));

        // The server's own root is there, also for an account that may not look at it.
        return wiring.Grid.Open(Server, root, local.CreateRoot || root.IsRoot, endpoint, wiring);
    }

    public void Begin(Endpoint? endpoint, Wiring wiring) => wiring.Grid.Begin(Server, endpoint, wiring);

    public IReadOnlyList<DiagnosisStep> WayTo(Endpoint? endpoint, Wiring wiring) => wiring.Grid.WayTo(Server, endpoint, wiring);
}
