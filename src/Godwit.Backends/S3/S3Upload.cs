using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>An upload, with what it was begun with: the server does not tell it again.</summary>
internal sealed class S3Upload(StorePath path, string tag, string id, string key, long? length, Timestamp? modified, WriteOptions options)
    : PartedUpload(path, tag, id)
{
    public string Key { get; } = key;

    /// <summary>Bytes of the whole file; null when unknown.</summary>
    public long? FileLength { get; } = length;

    /// <summary>The time that the file will have; null for an upload of an earlier run that was given none.</summary>
    public Timestamp? Modified { get; } = modified;

    public WriteOptions Options { get; } = options;

    /// <summary>Whether a completion was sent whose outcome nobody knows: it may still be at work.</summary>
    public bool MayBePublishing { get; set; }

    /// <summary>Holds the ETag of the published object against the one that follows from its parts. Objects that a key service encrypts have
    /// others.</summary>
    public void Hold(IReadOnlyList<StoredPart> parts, string? etag, Amazon.S3.ServerSideEncryptionMethod? encryption) =>
        AssemblyIsInDoubt = etag is not null && encryption?.Value is null or "" or "AES256" && ETagOf(parts) is { } follows && follows != etag;

    /// <summary>The ETag that the published object will have; null where the parts' ETags are no MD5s.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "S3 computes MD5; it tells transmission errors, it guards nothing.")]
    public static string? ETagOf(IReadOnlyList<StoredPart> parts)
    {
        var sums = new byte[16 * parts.Count];
        for (int i = 0; i < parts.Count; i++)
        {
            if (S3Text.Md5Of(S3Text.ETag(parts[i].Token), null, null) is not { } md5)
            {
                return null;
            }

            md5.Value.CopyTo(sums.AsSpan(16 * i));
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(MD5.HashData(sums))}-{parts.Count}");
    }
}
