using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Amazon.Runtime;
using Amazon.S3;
using Godwit.Backends.S3;
using Godwit.Storage;

namespace Godwit.Tests.Backends.S3;

public sealed class S3ErrorsTests
{
    private static readonly StorePath s_path = StorePath.FromText("file");

    private static readonly S3Errors s_errors = Errors();

    public static TheoryData<string> Codes => [.. S3Errors.Codes.Keys];

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_code_without_a_message_still_makes_a_sentence(string code)
    {
        StoreException error = s_errors.Of(Answer(code, 400, ""), s_path);
        Assert.Equal(S3Errors.Codes[code].Kind, error.Kind);
        string where = S3Errors.Codes[code].IsOfBucket ? "s3://server/bucket" : "\"file\" in s3://server/bucket";
        Assert.Equal($"{where}: {S3Errors.Codes[code].Says}. ({code}, HTTP 400)", error.Message);
    }

    [Theory]
    [InlineData(301, StoreErrorKind.InvalidRequest)]
    [InlineData(400, StoreErrorKind.InvalidRequest)]
    [InlineData(401, StoreErrorKind.Unauthenticated)]
    [InlineData(403, StoreErrorKind.Forbidden)]
    [InlineData(404, StoreErrorKind.NotFound)]
    [InlineData(405, StoreErrorKind.Unsupported)]
    [InlineData(409, StoreErrorKind.Unavailable)]
    [InlineData(412, StoreErrorKind.PreconditionFailed)]
    [InlineData(429, StoreErrorKind.RateLimited)]
    [InlineData(500, StoreErrorKind.Unavailable)]
    [InlineData(502, StoreErrorKind.Unavailable)]
    [InlineData(503, StoreErrorKind.Unavailable)]
    [InlineData(507, StoreErrorKind.QuotaExceeded)]
    public void An_unknown_code_goes_by_its_status(int status, StoreErrorKind kind)
    {
        Assert.Equal(kind, s_errors.Of(Answer("Strange", status, "It is so."), s_path).Kind);
        Assert.EndsWith(". It is so. (Strange, HTTP " + status + ")", s_errors.Of(Answer("Strange", status, "It is so."), s_path).Message, StringComparison.Ordinal);
    }

    public static TheoryData<Exception, StoreErrorKind, NextStep> Connections => new()
    {
        { new HttpRequestException(HttpRequestError.ConnectionError, inner: new SocketException()), StoreErrorKind.Unavailable, NextStep.RepeatCall },
        { new HttpRequestException(HttpRequestError.NameResolutionError), StoreErrorKind.Unavailable, NextStep.RepeatCall },
        { new HttpRequestException(HttpRequestError.SecureConnectionError, inner: new AuthenticationException("no")), StoreErrorKind.Unavailable, NextStep.GiveUp },
        { new HttpRequestException(HttpRequestError.ResponseEnded), StoreErrorKind.Interrupted, NextStep.RepeatCall },
        { new IOException("reset"), StoreErrorKind.Interrupted, NextStep.RepeatCall },
        { new SocketException((int)SocketError.NotConnected), StoreErrorKind.Interrupted, NextStep.RepeatCall },
        { new AmazonClientException("wrapped", new SocketException((int)SocketError.NotConnected)), StoreErrorKind.Interrupted, NextStep.RepeatCall },
        { new AmazonServiceException("wrapped", new HttpRequestException(HttpRequestError.ResponseEnded)), StoreErrorKind.Interrupted, NextStep.RepeatCall },
        { new TaskCanceledException("connect", new TimeoutException()), StoreErrorKind.TimedOut, NextStep.RepeatCall },
        { new AmazonClientException("Failed to resolve AWS credentials."), StoreErrorKind.Unauthenticated, NextStep.GiveUp },
        { new AmazonUnmarshallingException("id", null, null!), StoreErrorKind.Interrupted, NextStep.RepeatCall },
        { new ArgumentException("bad"), StoreErrorKind.InvalidRequest, NextStep.GiveUp },
        { new FormatException("?"), StoreErrorKind.Unexpected, NextStep.GiveUp },
    };

    [Theory]
    [MemberData(nameof(Connections))]
    public void What_the_connection_throws_has_a_kind_and_a_next_step(Exception fault, StoreErrorKind kind, NextStep next)
    {
        StoreException error = s_errors.Of(fault, s_path);
        Assert.Equal((kind, next), (error.Kind, error.Next));
        Assert.Same(fault, error.InnerException);
    }

    [Fact]
    public void An_expired_credential_is_looked_up_anew_and_then_not_at_once_again()
    {
        S3Errors errors = Errors();
        Assert.Equal(NextStep.RepeatCall, errors.Of(Answer("ExpiredToken", 400, ""), s_path).Next);
        Assert.Equal(NextStep.RenewCredentials, errors.Of(Answer("ExpiredToken", 400, ""), s_path).Next);
    }

    private static S3Errors Errors() => new(
        "s3://server/bucket", new S3Clock(TimeProvider.System), new S3Credentials(_ => new AnonymousAWSCredentials(), TimeProvider.System), new BucketRegion("us-east-1"));

    private static AmazonS3Exception Answer(string code, int status, string message) =>
        new(message, ErrorType.Sender, code, "request", (HttpStatusCode)status);
}
