using Amazon.S3.Model;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>What describes an object besides its bytes, and stays with it when it is copied within the server.</summary>
internal static class S3Kept
{
    private const string Prefix = "x-amz-meta-";

    /// <summary>The metadata that the copy is given, and of its source's what says nothing of the source alone.</summary>
    public static WriteMetadata Metadata(GetObjectMetadataResponse source, WriteMetadata given)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string header in source.Metadata.Keys)
        {
            string name = header.StartsWith(Prefix, StringComparison.Ordinal) ? header[Prefix.Length..] : header;
            if (name is not (S3Text.TimeKey or S3Text.PartSizeKey or S3Text.Md5Key))
            {
                pairs[name] = source.Metadata[header];
            }
        }

        foreach ((string name, string value) in given.Pairs)
        {
            pairs[name] = value;
        }

        return given with { Noted = given.Noted ?? S3Text.ReadMd5(source.Metadata[S3Text.Md5Key]), Pairs = pairs };
    }

    /// <summary>How the content is to be taken.</summary>
    public static void Headers(GetObjectMetadataResponse source, HeadersCollection copy)
    {
        HeadersCollection from = source.Headers;
        copy.ContentType = from.ContentType;
        copy.ContentEncoding = from.ContentEncoding;
        copy.ContentDisposition = from.ContentDisposition;
        copy.CacheControl = from.CacheControl;
        if (from["Content-Language"] is { Length: > 0 } language)
        {
            copy["Content-Language"] = language;
        }
    }
}
