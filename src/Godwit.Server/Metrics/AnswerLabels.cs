using System.Collections.Concurrent;

namespace Godwit.Server.Metrics;

/// <summary>What answers of stores are called in labels: as a transfer may name any server, and a server may answer anything, there is an end to it.</summary>
internal sealed class AnswerLabels
{
    /// <summary>How many hosts have labels of their own.</summary>
    public const int Most = 100;

    /// <summary>What everything else is called.</summary>
    public const string Other = "other";

    private const int LastStatus = 599;

    private readonly ConcurrentDictionary<string, string> _hosts = new(StringComparer.Ordinal);

    /// <summary>The host as labels have it.</summary>
    public string Of(string host) => _hosts.TryGetValue(host, out string? known) ? known
        : _hosts.Count < Most ? _hosts.GetOrAdd(host, host)
        : Other;

    /// <summary>The method as labels have it.</summary>
    public static string MethodOf(string method) => method is "GET" or "HEAD" or "PUT" or "POST" or "DELETE" ? method : Other;

    /// <summary>The status as labels have it.</summary>
    public static string CodeOf(int status) => status is >= 0 and <= LastStatus ? status.ToString() : Other;
}
