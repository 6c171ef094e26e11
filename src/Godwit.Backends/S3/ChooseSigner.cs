using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Godwit.Backends.S3;

/// <summary>Which credential and which clock a call was signed with, counted from the first of each, and for which region.</summary>
internal readonly record struct SignedWith(int Credential, int Clock, string Region)
{
    private const string Key = "Godwit.SignedWith";

    /// <summary>What the call that threw was signed with; null where nobody noted it.</summary>
    public static SignedWith? Of(Exception fault)
    {
        for (Exception? at = fault; at is not null; at = at.InnerException)
        {
            if (at.Data[Key] is SignedWith known)
            {
                return known;
            }
        }

        return null;
    }

    /// <summary>Notes it with what the call threw.</summary>
    public void NoteIn(Exception fault) => fault.Data[Key] = this;
}

/// <summary>Puts <see cref="S3Signer"/> in the place of the library's own, and notes with each failure what the call was signed with.</summary>
internal sealed class ChooseSigner(S3Signer signer, S3Credentials credentials, S3Clock clock, string region) : PipelineHandler
{
    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        // Requests without a credential are not signed at all.
        if (executionContext.RequestContext.Signer is AWS4Signer or Amazon.S3.Internal.S3Signer)
        {
            executionContext.RequestContext.Signer = signer;
        }

        // Before it is signed: a call that is taken for older than it is costs a repeat, one that is taken for newer is lost.
        var signedWith = new SignedWith(credentials.Generation, clock.Generation, region);
        try
        {
            return await base.InvokeAsync<T>(executionContext).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            signedWith.NoteIn(fault);
            throw;
        }
    }
}
