using System.Globalization;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>The quota of a bucket and its owner, as Ceph's gateway tells it in headers.</summary>
internal static class S3Quota
{
    // Below this part that is left, somebody should know before a large copy.
    private const double ScarcePart = 0.05;

    /// <summary>What the headers say; a server that tells none leaves it open.</summary>
    public static Finding Of(IDictionary<string, string> headers)
    {
        if (Number(headers, "X-RGW-Bytes-Used") is not { } used)
        {
            return new Finding(FindingOutcome.Unknown, "the server does not tell the space and the quota of a bucket");
        }

        long objects = Number(headers, "X-RGW-Object-Count") ?? 0;
        string holds = string.Create(CultureInfo.InvariantCulture, $"the bucket holds {used} bytes in {objects} {(objects == 1 ? "object" : "objects")}");
        (string What, long Used, long Most)[] limits =
        [
            .. new (string What, long Used, string Header)[]
            {
                ("bytes in the bucket", used, "X-RGW-Quota-Bucket-Size"),
                ("objects in the bucket", objects, "X-RGW-Quota-Bucket-Objects"),
                ("bytes of the owner", used, "X-RGW-Quota-User-Size"),
                ("objects of the owner", objects, "X-RGW-Quota-User-Objects"),
            }.Select(limit => (limit.What, limit.Used, Number(headers, limit.Header) ?? -1)).Where(limit => limit.Item3 >= 0),
        ];
        string seen = limits.Length == 0
            ? $"{holds}; no quota is set"
            : $"{holds}; at most {string.Join(", ", limits.Select(limit => string.Create(CultureInfo.InvariantCulture, $"{limit.Most} {limit.What}")))}";
        return limits.Any(limit => limit.Used >= limit.Most) ? new Finding(FindingOutcome.Failed, seen, "Make room there, or have the quota raised.")
            : limits.Any(limit => limit.Most - limit.Used < ScarcePart * limit.Most) ? new Finding(FindingOutcome.Warning, seen, "Make room there, or have the quota raised.")
            : new Finding(FindingOutcome.Ok, seen);
    }

    private static long? Number(IDictionary<string, string> headers, string name) =>
        headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value is { } text
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;
}
