using Amazon.Runtime;
using Amazon.Runtime.Identity;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Amazon.Runtime.Internal.Util;

namespace Godwit.Backends.S3;

/// <summary>
/// Signs by the server's clock, and takes the payload's digest from whoever computed it already: the library would read a body twice,
/// once to digest and once to send it.
/// </summary>
internal sealed class S3Signer(S3Clock clock) : AWS4Signer
{
    private const string PayloadHeader = "x-amz-content-sha256";

    public override void Sign(IRequest request, IClientConfig clientConfig, RequestMetrics metrics, BaseIdentity identity)
    {
        ImmutableCredentials keys = ((AWSCredentials)identity).GetCredentials();
        AWS4SigningResult result = BodyOf(request) is { } body
            ? Sign(request, clientConfig, body.PayloadDigest, keys)
            : SignRequest(request, clientConfig, metrics, keys.AccessKey, keys.SecretKey, clock.Now.UtcDateTime);
        request.AWS4SignerResult = result;
        request.Headers["Authorization"] = result.ForAuthorizationHeader;
    }

    private AWS4SigningResult Sign(IRequest request, IClientConfig clientConfig, string payload, ImmutableCredentials keys)
    {
        DateTime signedAt = InitializeHeaders(request.Headers, request.Endpoint, clock.Now.UtcDateTime);
        request.Headers[PayloadHeader] = payload;
        request.UseDoubleEncoding = false;
        request.SignatureVersion = SignatureVersion.SigV4;
        request.DeterminedSigningRegion =
            DetermineSigningRegion(clientConfig, clientConfig.RegionEndpointServiceName, request.AlternateEndpoint, request);
        IDictionary<string, string> headers = SortAndPruneHeaders(request.Headers);
        string canonical = CanonicalizeRequest(
            request.Endpoint,
            request.ResourcePath,
            request.HttpMethod,
            headers,
            CanonicalizeQueryParameters(GetParametersToCanonicalize(request)),
            payload,
            request.PathResources,
            request.UseDoubleEncoding);
        return ComputeSignature(
            keys.AccessKey, keys.SecretKey, request.DeterminedSigningRegion, signedAt, "s3", CanonicalizeHeaderNames(headers), canonical);
    }

    // The library wraps what it was given, once or more.
    private static S3UploadBody? BodyOf(IRequest request) => request.ContentStream is not { } stream
        ? null
        : WrapperStream.SearchWrappedStream(stream, one => one is S3UploadBody) as S3UploadBody;
}
