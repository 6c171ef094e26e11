using Amazon;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>What a profile of <c>~/.aws</c>, or the environment, says besides the credential.</summary>
internal static class S3Profile
{
    /// <summary>Its region; null where it names none.</summary>
    public static string? RegionOf(string? profile) => Find(profile)?.Region?.SystemName;

    /// <summary>The server that it names for S3, in a section of services or for all; null where it names none.</summary>
    public static Uri? EndpointOf(string? profile)
    {
        var config = new AmazonS3Config();
        if (Find(profile) is not null)
        {
            config.Profile = new Profile(profile ?? "default");
        }

        return config.ServiceURL is not { } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out Uri? server) && server is { Scheme: "http" or "https", AbsolutePath: "/", UserInfo: "", Query: "" } ? server
            : throw new StoreException(
                StoreErrorKind.InvalidRequest, "The profile's endpoint_url is not http://host:port or https://host, without a path and without a key.");
    }

    private static CredentialProfile? Find(string? profile)
    {
        try
        {
            return new CredentialProfileStoreChain().TryGetProfile(profile ?? "default", out CredentialProfile found) ? found : null;
        }
        catch (InvalidDataException e)
        {
            throw new StoreException(StoreErrorKind.InvalidRequest, $"The profiles of AWS tools cannot be read: {e.Message}", e);
        }
    }
}
