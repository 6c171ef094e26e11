using System.Globalization;

namespace Godwit.Benchmarks.Line;

/// <summary>What a line is like, each way.</summary>
/// <param name="DelaySeconds">How long a packet is under way.</param>
/// <param name="BitsPerSecond">What it carries.</param>
/// <param name="Loss">The part of all packets that is lost.</param>
/// <param name="QueueSeconds">What may wait in front of it, by how long that takes to go.</param>
internal sealed record LineKind(double DelaySeconds, double BitsPerSecond, double Loss, double QueueSeconds = 0.05);

/// <summary>
/// A long line on this machine: two network namespaces and a program between them, because many kernels have nothing that delays and loses.
/// TCP is Reno in both: others hide loss. In each, <c>localhost</c> is the other end. Needs root and <c>/dev/net/tun</c>.
/// </summary>
internal sealed class LongLine : IDisposable
{
    /// <summary>The address of the far end.</summary>
    public const string Far = "10.98.7.2";

    private const string Near = "10.98.7.1";

    private readonly string _near = $"gwnear{Environment.ProcessId}";
    private readonly string _far = $"gwfar{Environment.ProcessId}";
    private readonly TunDevice _nearDevice;
    private readonly TunDevice _farDevice;

    /// <summary>Lays it.</summary>
    public LongLine(LineKind kind)
    {
        (string near, string far) = ($"gwn{Environment.ProcessId % 100_000}", $"gwf{Environment.ProcessId % 100_000}");
        _nearDevice = new TunDevice(near);
        _farDevice = new TunDevice(far);
        Attach(_near, near, Near, Far);
        Attach(_far, far, Far, Near);
        new OneWay(_nearDevice, _farDevice, kind, seed: 1).Start();
        new OneWay(_farDevice, _nearDevice, kind, seed: 2).Start();
    }

    /// <summary>A line of 50 ms there and back, and 200 Mbit/s.</summary>
    /// <param name="loss">The part of all packets that is lost.</param>
    public static LongLine Usual(double loss) => new(new LineKind(0.025, 200e6, loss));

    /// <summary>A line of 10 ms there and back, and 1 Gbit/s, on which nothing is lost: two sites of one country.</summary>
    public static LongLine National() => new(new LineKind(0.005, 1e9, 0));

    /// <summary>A command that runs at the near end.</summary>
    public string[] AtNear(params string[] words) => ["ip", "netns", "exec", _near, .. words];

    /// <summary>A command that runs at the far end.</summary>
    public string[] AtFar(params string[] words) => ["ip", "netns", "exec", _far, .. words];

    public void Dispose()
    {
        foreach (string space in (string[])[_near, _far])
        {
            Measure.Wait("ip", "netns", "del", space);
            Directory.Delete(NamesOf(space), recursive: true);
        }

        _nearDevice.Dispose();
        _farDevice.Dispose();
    }

    // "ip netns exec" shows what is in there instead of what is in /etc.
    private static string NamesOf(string space) => $"/etc/netns/{space}";

    private static void Attach(string space, string device, string own, string other)
    {
        // Certificates of servers here are made out to localhost; and servers ask for their own name.
        Directory.CreateDirectory(NamesOf(space));
        File.WriteAllText(Path.Combine(NamesOf(space), "hosts"), $"{other} localhost\n{own} {Environment.MachineName}\n");
        Measure.Wait("ip", "netns", "add", space);
        Measure.Wait("ip", "link", "set", device, "netns", space);
        Measure.Wait("ip", "-n", space, "link", "set", "lo", "up");
        Measure.Wait("ip", "-n", space, "link", "set", device, "mtu", "1500", "txqueuelen", 5000.ToString(CultureInfo.InvariantCulture), "up");
        Measure.Wait("ip", "-n", space, "addr", "add", own, "peer", other, "dev", device);
        Measure.Wait("ip", "netns", "exec", space, "sh", "-c", "echo reno >/proc/sys/net/ipv4/tcp_congestion_control");
    }
}
