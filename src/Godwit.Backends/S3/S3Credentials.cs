using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;

namespace Godwit.Backends.S3;

/// <summary>The credential in use. Once the server says that it has expired, it is looked up anew, so that a job outlives it.</summary>
internal sealed class S3Credentials(Func<bool, AWSCredentials> find, TimeProvider time) : AWSCredentials
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private AWSCredentials? _current;
    private long _renewed;
    private int _generation;

    /// <summary>By the options: the keys, the profile, or the usual chain.</summary>
    public static S3Credentials Of(S3Options options, TimeProvider time) =>
        new(isRenewed => options.FindCredentials?.Invoke() ?? Find(options, isRenewed), time);

    /// <summary>How often it was looked up anew.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <inheritdoc/>
    public override ImmutableCredentials GetCredentials() => Current().GetCredentials();

    /// <inheritdoc/>
    public override Task<ImmutableCredentials> GetCredentialsAsync() => Current().GetCredentialsAsync();

    /// <summary>Looks it up anew at the next use, because the server says that it has expired.</summary>
    /// <param name="signedWith">The <see cref="Generation"/> that the refused call was signed with: of many calls under way one renews it,
    /// for all.</param>
    /// <returns>False: the newest was refused, and it was looked up a moment ago, so that repeating the call does not help.</returns>
    public bool Renew(int signedWith)
    {
        lock (_gate)
        {
            if (signedWith != _generation)
            {
                return true;
            }

            if (_renewed != 0 && time.GetElapsedTime(_renewed) < s_between)
            {
                return false;
            }

            _renewed = time.GetTimestamp();
            _current = null;
            _generation++;
            return true;
        }
    }

    private AWSCredentials Current()
    {
        lock (_gate)
        {
            return _current ??= find(_generation > 0);
        }
    }

    private static AWSCredentials Find(S3Options options, bool isRenewed)
    {
        if (((isRenewed ? options.RenewKeys?.Invoke() : null) ?? options.Keys) is { } keys)
        {
            return keys.Token is { } token
                ? new SessionAWSCredentials(keys.AccessKey, keys.SecretKey, token)
                : new BasicAWSCredentials(keys.AccessKey, keys.SecretKey);
        }

        if (options.Profile is not { } profile)
        {
            // A resolver of its own: the one that the library shares keeps what it found.
            using var resolver = new DefaultAWSCredentialsIdentityResolver();
            return resolver.ResolveIdentity(null);
        }

        return new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out AWSCredentials found)
            ? found
            : throw new AmazonClientException($"There is no profile \"{profile}\" with a credential in ~/.aws/config or ~/.aws/credentials.");
    }
}
