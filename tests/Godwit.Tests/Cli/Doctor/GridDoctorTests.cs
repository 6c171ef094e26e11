using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.RegularExpressions;
using Godwit.Tests.Cli.Configuration;

namespace Godwit.Tests.Cli.Doctor;

/// <summary>What the doctor says of the way to a GridFTP or XRootD server that is not there, is another one, or cannot be asked from here.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class GridDoctorTests : IDisposable
{
    private static readonly byte[] s_handshake = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0x07, 0xdc];

    private readonly ConfigurationFolder _folder = new() { Wire = wiring => wiring with { GfalWorker = ["false"], User = () => uint.MaxValue } };
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public GridDoctorTests() => _server.Start();

    private int Port => ((IPEndPoint)_server.LocalEndpoint).Port;

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("gsiftp://127.0.0.1:1/a")]
    [InlineData("root://127.0.0.1:1//a")]
    public async Task Where_nobody_listens_the_port_is_told_and_nothing_after_it_is_tried(string text)
    {
        Answer answer = await _folder.RunAsync("doctor", text);
        Assert.Equal(7, answer.Code);
        Assert.Equal(["ok name", "FAIL port"], Told(answer));
        Assert.Contains("1 cannot be reached: Connection refused", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_told_first()
    {
        Answer answer = await _folder.RunAsync("doctor", "root://no-such-host.invalid//a");
        Assert.Equal(7, answer.Code);
        Assert.Equal(["FAIL name"], Told(answer));
    }

    [Fact]
    public async Task A_worker_that_does_not_start_is_told_after_the_port()
    {
        Task serving = ServeAsync(asked: 0, Encoding.ASCII.GetBytes("220 a GridFTP Server ready.\r\n"));
        Answer answer = await _folder.RunAsync("doctor", $"gsiftp://127.0.0.1:{Port}/a");
        await serving;
        Assert.Equal(7, answer.Code);
        Assert.Equal(["ok name", "ok port", "FAIL libgfal2"], Told(answer));
        Assert.Contains($"{Port} answers: 220 a GridFTP Server ready.", answer.Output, StringComparison.Ordinal);
        Assert.Contains("The worker process with libgfal2 was lost: it ended with 1", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_XRootD_server_is_known_by_its_answer_to_the_handshake()
    {
        Task<byte[]> serving = ServeAsync(s_handshake.Length, [0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 5, 0x11, 0, 0, 0, 1]);
        Answer answer = await _folder.RunAsync("doctor", $"root://127.0.0.1:{Port}//a");
        Assert.Equal(s_handshake, await serving);
        Assert.Equal(["ok name", "ok port", "FAIL libgfal2"], Told(answer));
        Assert.Contains($"{Port} answers: XRootD, protocol 5.1.1; it has data", answer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gsiftp", "SSH-2.0-other\r\n", "GridFTP")]
    [InlineData("gsiftp", "", "GridFTP")]
    [InlineData("root", "220 a GridFTP Server ready.\r\n", "XRootD")]
    [InlineData("roots", "", "XRootD")]
    public async Task A_server_of_another_kind_is_no_server_of_this_one(string scheme, string greeting, string kind)
    {
        Task serving = ServeAsync(asked: 0, Encoding.ASCII.GetBytes(greeting));
        Answer answer = await _folder.RunAsync("doctor", $"{scheme}://127.0.0.1:{Port}/a");
        await serving;
        Assert.Equal(7, answer.Code);
        Assert.Equal(["ok name", "FAIL port"], Told(answer));
        Assert.Contains($"what listens at {Port} does not speak {kind}", answer.Output, StringComparison.Ordinal);
    }

    /// <summary>Answers one connection.</summary>
    private async Task<byte[]> ServeAsync(int asked, byte[] answer)
    {
        using Socket client = await _server.AcceptSocketAsync();
        using var stream = new NetworkStream(client);
        var request = new byte[asked];
        await stream.ReadExactlyAsync(request);
        await stream.WriteAsync(answer);
        client.Shutdown(SocketShutdown.Send);
        try
        {
            // Closed with something unread it would be reset, and the answer lost.
            await stream.CopyToAsync(Stream.Null);
        }
        catch (IOException)
        {
            // The other side left without reading it all.
        }

        return request;
    }

    /// <summary>What was found at the address, in the order in which it was looked for.</summary>
    private static string[] Told(Answer answer) =>
    [
        .. FindingLine().Matches(answer.Output[answer.Output.IndexOf("\naddress ", StringComparison.Ordinal)..])
            .Select(found => $"{found.Groups[1].Value} {found.Groups[2].Value}"),
    ];

    [GeneratedRegex(@"^(ok|FAIL|warn|\?) +(\w+) ", RegexOptions.Multiline)]
    private static partial Regex FindingLine();
}
