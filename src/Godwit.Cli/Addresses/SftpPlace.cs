using System.Text;
using Godwit.Backends.Local;
using Godwit.Backends.Sftp;
using Godwit.Cli.Configuration;
using Godwit.Storage;

namespace Godwit.Cli.Addresses;

/// <summary>An SFTP server. Its paths are relative to the account's own directory unless they begin with <c>/</c>; it is asked where one leads.
/// </summary>
/// <param name="Server">Which one.</param>
internal sealed record SftpPlace(SftpServer Server) : IServer
{
    public string Kind => "sftp";

    public string Host => Server.Host;

    public byte[] Text(ReadOnlySpan<byte> path) => [.. Encoding.UTF8.GetBytes($"{Server}{(path is [(byte)'/', ..] ? "" : "/~/")}"), .. path];

    public byte[] Below(ReadOnlySpan<byte> root, ReadOnlySpan<byte> path) =>
        root.Length == 0 ? path.ToArray() : [.. root.TrimEnd((byte)'/'), (byte)'/', .. path];

    public IStore Open(ReadOnlySpan<byte> directory, LocalOptions local, Endpoint? endpoint, Wiring wiring) =>
        wiring.Sftp.Open(Server, directory, local.CreateRoot, local.Links == LinkPolicy.Follow, endpoint, wiring);

    public IReadOnlyList<DiagnosisStep> WayTo(Endpoint? endpoint, Wiring wiring) => wiring.Sftp.WayTo(Server, endpoint, wiring);
}
