using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Godwit.Storage;

namespace Godwit.Backends.S3;

/// <summary>Turns what the library and the connection throw into the store's error. The one place that classifies them.</summary>
internal sealed class S3Errors(string place, S3Clock clock, S3Credentials credentials, BucketRegion region)
{
    private const string OtherRegion = "the bucket belongs to another region than the one that was asked";

    /// <summary>Each known code: its kind, its next step where it is not the kind's own, and what it says.</summary>
    internal static readonly FrozenDictionary<string, Meaning> Codes = new Dictionary<string, Meaning>
    {
        ["NoSuchKey"] = new(StoreErrorKind.NotFound, "nothing is there"),
        ["NoSuchVersion"] = new(StoreErrorKind.NotFound, "this version is not there"),
        ["NoSuchBucket"] = new(StoreErrorKind.NotFound, "the bucket does not exist") { IsOfBucket = true },
        ["NoSuchUpload"] = new(StoreErrorKind.NotFound, "the upload is gone", NextStep.RestartFile),
        ["PreconditionFailed"] = new(StoreErrorKind.PreconditionFailed, "another version is there now"),
        ["InvalidAccessKeyId"] = new(StoreErrorKind.Unauthenticated, "the server does not know the access key"),
        ["SignatureDoesNotMatch"] = new(StoreErrorKind.Unauthenticated, "the secret key is wrong, or something on the way changes requests"),
        ["ExpiredToken"] = new(StoreErrorKind.Unauthenticated, "the temporary credential has expired"),
        ["TokenRefreshRequired"] = new(StoreErrorKind.Unauthenticated, "the temporary credential has expired"),
        ["RequestExpired"] = new(StoreErrorKind.Unauthenticated, "the request was signed too long ago"),
        ["InvalidToken"] = new(StoreErrorKind.Unauthenticated, "the server does not accept the token of the temporary credential"),
        ["InvalidSecurity"] = new(StoreErrorKind.Unauthenticated, "the server does not accept the credential"),
        ["CredentialsNotSupported"] = new(StoreErrorKind.Unauthenticated, "the server does not accept this kind of credential"),
        ["RequestTimeTooSkewed"] = new(StoreErrorKind.Unauthenticated, "the clocks of this machine and the server differ too much; set this one", NextStep.GiveUp),
        ["AccessDenied"] = new(StoreErrorKind.Forbidden, "this credential may not do it"),
        ["AllAccessDisabled"] = new(StoreErrorKind.Forbidden, "access to the bucket is switched off") { IsOfBucket = true },
        ["AccountProblem"] = new(StoreErrorKind.Forbidden, "the account has a problem that only its owner can solve"),
        ["NotSignedUp"] = new(StoreErrorKind.Forbidden, "the account has no access to this service"),
        ["UserSuspended"] = new(StoreErrorKind.Forbidden, "the user is suspended"),
        ["InvalidObjectState"] = new(StoreErrorKind.Unsupported, "it lies in an archive and has to be restored first"),
        ["PermanentRedirect"] = new(StoreErrorKind.InvalidRequest, OtherRegion),
        ["TemporaryRedirect"] = new(StoreErrorKind.InvalidRequest, OtherRegion),
        ["AuthorizationHeaderMalformed"] = new(StoreErrorKind.InvalidRequest, OtherRegion),
        ["IllegalLocationConstraintException"] = new(StoreErrorKind.InvalidRequest, OtherRegion),
        ["SlowDown"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["TooManyRequests"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["RequestLimitExceeded"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["Throttling"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["ThrottlingException"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["ThrottledException"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["RequestThrottled"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["RequestThrottledException"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["TooManyRequestsException"] = new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        ["SlowDownRead"] = new(StoreErrorKind.RateLimited, "the server asks to be read from less often"),
        ["SlowDownWrite"] = new(StoreErrorKind.RateLimited, "the server asks to be written to less often"),
        ["KMS.ThrottlingException"] = new(StoreErrorKind.RateLimited, "the service that keeps the encryption keys asks to be called less often"),
        ["KMS.DisabledException"] = new(StoreErrorKind.Forbidden, "the encryption key is switched off"),
        ["KMS.NotFoundException"] = new(StoreErrorKind.Forbidden, "the encryption key does not exist, or this credential may not see it"),
        ["KMS.KMSInvalidStateException"] = new(StoreErrorKind.Forbidden, "the encryption key cannot be used in its present state"),
        ["BandwidthLimitExceeded"] = new(StoreErrorKind.RateLimited, "the bandwidth is used up for now"),
        ["ServiceUnavailable"] = new(StoreErrorKind.Unavailable, "the server is not available now", NextStep.RepeatCallLater),
        ["InternalError"] = new(StoreErrorKind.Unavailable, "the server has an error of its own"),
        ["OperationAborted"] = new(StoreErrorKind.Unavailable, "another call on the same object was under way", NextStep.RepeatCallLater),
        ["ConditionalRequestConflict"] = new(StoreErrorKind.Unavailable, "another call on the same object was under way", NextStep.RepeatCallLater),
        ["RequestTimeout"] = new(StoreErrorKind.Interrupted, "the server did not get the whole request in time"),
        ["IncompleteBody"] = new(StoreErrorKind.Interrupted, "the server did not get the whole body"),
        ["BadDigest"] = new(StoreErrorKind.Integrity, "the bytes that arrived do not match their checksum"),
        ["InvalidDigest"] = new(StoreErrorKind.Integrity, "the server cannot read the checksum that was sent along"),
        ["XAmzContentSHA256Mismatch"] = new(StoreErrorKind.Integrity, "the bytes that arrived do not match their checksum"),
        ["XAmzContentChecksumMismatch"] = new(StoreErrorKind.Integrity, "the bytes that arrived do not match their checksum"),
        ["InvalidPart"] = new(StoreErrorKind.Integrity, "a part is missing or is not the one named"),
        ["InvalidPartOrder"] = new(StoreErrorKind.Integrity, "the parts are not in order"),
        ["QuotaExceeded"] = new(StoreErrorKind.QuotaExceeded, "the quota is used up"),
        ["InsufficientCapacity"] = new(StoreErrorKind.QuotaExceeded, "the server has no space left"),
        ["EntityTooLarge"] = new(StoreErrorKind.InvalidRequest, "it is larger than the server takes in one piece"),
        ["EntityTooSmall"] = new(StoreErrorKind.InvalidRequest, "a part other than the last is smaller than the server takes"),
        ["KeyTooLongError"] = new(StoreErrorKind.InvalidRequest, "the name is longer than the server takes"),
        ["InvalidBucketName"] = new(StoreErrorKind.InvalidRequest, "a bucket cannot have this name"),
        ["InvalidStorageClass"] = new(StoreErrorKind.InvalidRequest, "the server has no such storage class"),
        ["NotImplemented"] = new(StoreErrorKind.Unsupported, "the server cannot do this"),
        ["MethodNotAllowed"] = new(StoreErrorKind.Unsupported, "the server does not do this with that object"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether the exception says that what was named is not there.</summary>
    public static bool IsNotFound(Exception fault) => fault is AmazonServiceException { StatusCode: HttpStatusCode.NotFound };

    /// <summary>Whether the answer, such as one to HEAD, carried a status and no reason.</summary>
    public static bool HasNoReason(Exception fault) =>
        fault is AmazonServiceException { StatusCode: not 0 } answer && !Codes.ContainsKey(answer.ErrorCode ?? "") && (int)answer.StatusCode < 500;

    /// <summary>What a call threw, as the store's error.</summary>
    public StoreException Of(Exception fault, StorePath path) => fault switch
    {
        StoreException known => known,
        AmazonServiceException answer when answer.StatusCode != 0 => OfAnswer(answer, path),
        AmazonUnmarshallingException => Make(path, new(StoreErrorKind.Interrupted, "the answer was cut or is not S3's"), null, fault),
        AmazonClientException when !IsOfConnection(fault) =>
            Make(path, new(StoreErrorKind.Unauthenticated, "no usable credential was found", NextStep.GiveUp), HowToGetCredentials(fault), fault),
        ArgumentException => Make(path, new(StoreErrorKind.InvalidRequest, "the request is wrong"), fault.Message, fault),
        _ => OfConnection(fault, path),
    };

    /// <summary>What reading a body threw, as the store's error.</summary>
    public StoreException OfBody(Exception fault, StorePath path) =>
        Make(path, new(StoreErrorKind.Interrupted, "the connection broke off in the middle of the body"), fault.Message, fault);

    /// <summary>What an answer about many objects says of one.</summary>
    public StoreException OfCode(string? code, string? message, StorePath path) => Make(
        path,
        Codes.GetValueOrDefault(code ?? "") ?? new(StoreErrorKind.Unexpected, "the server refuses it"),
        $"{message}{(string.IsNullOrEmpty(message) ? "" : " ")}({code})",
        null);

    private StoreException OfAnswer(AmazonServiceException answer, StorePath path)
    {
        Meaning meaning = Codes.GetValueOrDefault(answer.ErrorCode ?? "") ?? OfStatus(answer.StatusCode);
        IWebResponseData? response = Cause<HttpErrorResponseException>(answer)?.Response;
        if (MayRepeat(answer, meaning, response))
        {
            meaning = meaning with { Next = NextStep.RepeatCall };
        }

        string said = answer.Message is { Length: > 0 } message && !message.StartsWith("Error making request", StringComparison.Ordinal) ? message : "";
        string code = answer.ErrorCode is { Length: > 0 } text && !text.Equals(answer.StatusCode.ToString(), StringComparison.Ordinal) ? text + ", " : "";
        string elsewhere = meaning.Says == OtherRegion && RegionIn(answer, response) is { Length: > 0 } there ? $"; it is in {PathText.Escape(Encoding.UTF8.GetBytes(there))}" : "";
        string detail = $"{said}{(said.Length > 0 ? " " : "")}({code}HTTP {(int)answer.StatusCode})";
        return Make(path, meaning with { Says = meaning.Says + elsewhere }, detail, answer, RetryAfter(response));
    }

    /// <summary>Learns from the answer what can be learned: the clock, another credential, the region. True: then the call may succeed.</summary>
    private bool MayRepeat(AmazonServiceException answer, Meaning meaning, IWebResponseData? response)
    {
        SignedWith signed = SignedWith.Of(answer) ?? new SignedWith(credentials.Generation, clock.Generation, region.Name);
        return answer.ErrorCode switch
        {
            "RequestTimeTooSkewed" => Date(response) is { } server && clock.Learn(server, signed.Clock),
            "ExpiredToken" or "TokenRefreshRequired" => credentials.Renew(signed.Credential),
            _ when meaning.Says == OtherRegion || (answer.StatusCode == HttpStatusCode.BadRequest && !Codes.ContainsKey(answer.ErrorCode ?? "")) =>
                region.Learn(RegionIn(answer, response), signed.Region),
            _ => false,
        };
    }

    private static bool IsOfConnection(Exception fault) =>
        Cause<HttpRequestException>(fault) is not null || Cause<IOException>(fault) is not null || Cause<SocketException>(fault) is not null;

    private StoreException OfConnection(Exception fault, StorePath path)
    {
        Exception cause = (Exception?)Cause<HttpRequestException>(fault) ?? (Exception?)Cause<IOException>(fault) ?? Cause<SocketException>(fault) ?? fault;
        Meaning meaning = cause switch
        {
            _ when Cause<S3CertificateException>(fault) is { } refused => new(StoreErrorKind.Unavailable, refused.Message, NextStep.GiveUp),
            _ when Cause<AuthenticationException>(fault) is not null => new(
                StoreErrorKind.Unavailable, "no secure connection can be made; the server may not speak TLS at this port, or only a version of it that is not safe", NextStep.GiveUp),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
                new(StoreErrorKind.Unavailable, "the server's name is not known"),
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => new(StoreErrorKind.Unavailable, "the server cannot be reached"),
            OperationCanceledException => new(StoreErrorKind.TimedOut, "the server did not answer in time"),
            HttpRequestException or IOException or SocketException => new(StoreErrorKind.Interrupted, "the connection broke off"),
            _ => new(StoreErrorKind.Unexpected, $"it failed in a way that nobody has classified: {fault.GetType().Name}"),
        };
        string? detail = Cause<S3CertificateException>(fault) is not null ? null : (Cause<AuthenticationException>(fault) ?? cause).Message;
        return Make(path, meaning with { NobodyAnswered = IsUnanswered(fault) }, detail, fault);
    }

    /// <summary>Whether no connection came about. A name server that asks to try again says nothing about the name.</summary>
    private static bool IsUnanswered(Exception fault) =>
        Cause<SocketException>(fault) is { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.HostUnreachable or SocketError.NetworkUnreachable }
        || fault is OperationCanceledException { InnerException: TimeoutException };

    private StoreException Make(StorePath path, Meaning meaning, string? detail, Exception? fault, TimeSpan? retryAfter = null)
    {
        string where = path.IsRoot || meaning.IsOfBucket ? place : $"\"{path}\" in {place}";
        return new StoreException(meaning.Kind, $"{where}: {meaning.Says}{(detail is null ? "" : ". " + detail)}", fault)
        {
            Path = path,
            Next = meaning.Next ?? StoreException.DefaultNextStep(meaning.Kind),
            RetryAfter = retryAfter,
            NobodyAnswered = meaning.NobodyAnswered,
        };
    }

    internal static Meaning OfStatus(HttpStatusCode status) => (int)status switch
    {
        301 or 302 or 307 or 308 => new(StoreErrorKind.InvalidRequest, OtherRegion),
        401 => new(StoreErrorKind.Unauthenticated, "the server does not accept the credential"),
        403 => new(StoreErrorKind.Forbidden, "the server refuses it and does not say why"),
        404 => new(StoreErrorKind.NotFound, "nothing is there"),
        405 or 501 => new(StoreErrorKind.Unsupported, "the server cannot do this"),
        408 => new(StoreErrorKind.Interrupted, "the server did not get the whole request in time"),
        409 => new(StoreErrorKind.Unavailable, "another call on the same object was under way", NextStep.RepeatCallLater),
        412 => new(StoreErrorKind.PreconditionFailed, "another version is there now"),
        429 => new(StoreErrorKind.RateLimited, "the server asks to be called less often"),
        503 => new(StoreErrorKind.Unavailable, "the server is not available now", NextStep.RepeatCallLater),
        507 => new(StoreErrorKind.QuotaExceeded, "the server has no space left"),
        >= 500 => new(StoreErrorKind.Unavailable, "the server has an error of its own"),
        >= 400 => new(StoreErrorKind.InvalidRequest, "the server does not understand the request"),
        _ => new(StoreErrorKind.Unexpected, "the server answered something unexpected"),
    };

    /// <summary>The library lists every place it looked at, a line each; whoever reads it wants to know what to do.</summary>
    private static string HowToGetCredentials(Exception fault) => fault.Message.StartsWith("Failed to resolve", StringComparison.Ordinal)
        ? "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile of ~/.aws with --s3-profile."
        : fault.Message;

    /// <summary>The region that the answer names: in its header, or in the words that Amazon and others refuse a signature with.</summary>
    private static string? RegionIn(AmazonServiceException answer, IWebResponseData? response)
    {
        const string before = "expecting '";
        string said = answer.Message ?? "";
        int at = said.IndexOf(before, StringComparison.Ordinal);
        return Header(response, "x-amz-bucket-region") is { Length: > 0 } told ? told
            : at < 0 ? null : said[(at + before.Length)..].Split('\'')[0];
    }

    private static DateTimeOffset? Date(IWebResponseData? response) =>
        DateTimeOffset.TryParse(Header(response, "Date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)
            ? date
            : null;

    private TimeSpan? RetryAfter(IWebResponseData? response)
    {
        string text = Header(response, "Retry-After") ?? "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset until) && until > clock.Now
            ? until - clock.Now
            : null;
    }

    private static string? Header(IWebResponseData? response, string name) =>
        response?.IsHeaderPresent(name) == true ? response.GetHeaderValue(name) : null;

    private static T? Cause<T>(Exception fault)
        where T : Exception
    {
        for (Exception? at = fault; at is not null; at = at.InnerException)
        {
            if (at is T found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>What an answer means.</summary>
    internal sealed record Meaning(StoreErrorKind Kind, string Says, NextStep? Next = null)
    {
        /// <summary>Whether it is about the bucket, whatever path was asked for.</summary>
        public bool IsOfBucket { get; init; }

        /// <summary><see cref="StoreException.NobodyAnswered"/>.</summary>
        public bool NobodyAnswered { get; init; }
    }
}
