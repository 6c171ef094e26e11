using System.Globalization;
using Godwit.Transfers.Record;

namespace Godwit.Cli.State;

/// <summary>
/// Names this process so that no other that ever ran has its name, and tells of other names whether their process lives.
/// A name is: host, machine, boot, process namespace, process, start of the process.
/// </summary>
/// <remarks>It says "gone" and "alive" only where it can see: in a container, a number means another process than outside, and hosts
/// that are both called <c>localhost</c> are not one. Everything else is left to patience.</remarks>
internal sealed class LinuxRunHolder
{
    private const string OutermostNamespace = "pid:[4026531836]";
    private const string Unknown = "?";
    private const int Fields = 6;

    // A run renews several times a minute. Hosts that share a state directory may disagree about the time by less than this.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _proc;
    private readonly string _self;
    private readonly string[] _own;

    /// <summary>For a host, its machine's id and its process directory.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="machine">What distinguishes it from hosts of the same name; null where unknown.</param>
    /// <param name="proc">Where the processes are listed: <c>/proc</c>.</param>
    /// <param name="process">The number of this process.</param>
    public LinuxRunHolder(string host, string? machine, string proc, int process)
    {
        _proc = proc;
        string number = process.ToString(CultureInfo.InvariantCulture);
        string boot = ReadLine(Path.Combine(proc, "sys/kernel/random/boot_id")) ?? Unknown;
        string space = new FileInfo(Path.Combine(proc, "self/ns/pid")).LinkTarget ?? Unknown;
        _own = [host, machine ?? Unknown, boot, space, number, StartOf(number) ?? Unknown];
        _self = string.Join(' ', _own);
    }

    private delegate bool Judgement(string[] other);

    /// <summary>This process.</summary>
    public static RunHolder Current() => new LinuxRunHolder(
        Environment.MachineName, ReadLine("/etc/machine-id"), "/proc", Environment.ProcessId).ToHolder();

    /// <summary>This process as the ledger wants it.</summary>
    public RunHolder ToHolder() => new(_self, IsGone, Patience) { IsAlive = IsAlive };

    /// <summary>Whether the process of a name is certainly dead.</summary>
    public bool IsGone(string name) => Judge(name, other => SameKernel(other)
        ? SameNamespace(other) && SeesAllProcesses && StartOf(other[4]) != other[5]
        : SameHostRestarted(other));

    /// <summary>Whether the process of a name certainly lives, and is not this one: this one's forgotten claims may run out.</summary>
    public bool IsAlive(string name) => name != _self
        && Judge(name, other => SameKernel(other) && SameNamespace(other) && StartOf(other[4]) == other[5]);

    // With hidepid, processes of other users cannot be seen; then the first one cannot either.
    private bool SeesAllProcesses => Directory.Exists(Path.Combine(_proc, "1"));

    private static bool Judge(string name, Judgement judgement)
    {
        string[] other = name.Split(' ');
        return other.Length == Fields && Array.TrueForAll(other[2..], field => field != Unknown) && judgement(other);
    }

    private bool SameKernel(string[] other) => other[2] == _own[2];

    private bool SameNamespace(string[] other) => other[3] == _own[3];

    private bool SameHostRestarted(string[] other) => other[0] == _own[0] && other[1] == _own[1] && other[1] != Unknown
        && _own[2] != Unknown && other[3] == OutermostNamespace && _own[3] == OutermostNamespace;

    /// <summary>When a process started, in ticks since the boot; null where there is none, or only what nobody has buried yet: in a
    /// container the first process may never do that.</summary>
    private string? StartOf(string process)
    {
        string? line = int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? ReadLine(Path.Combine(_proc, process, "stat"))
            : null;

        // The second field is the program's name in brackets and may hold blanks and brackets; the start is the 20th field after it.
        string[]? fields = line?[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Threads of it that still end may still write.
        bool unburied = fields is ["Z" or "X", ..] && fields.Length > 19 && fields[17] is ("0" or "1");
        return fields is { Length: > 19 } && !unburied ? fields[19] : null;
    }

    private static string? ReadLine(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault()?.Trim() is { Length: > 0 } line ? line : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
