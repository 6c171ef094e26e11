namespace Godwit.Backends.S3;

/// <summary>Tells an observer of every request that went out, those that a library repeats, too.</summary>
/// <param name="host">The server as it was configured: the bucket may stand before the name that is asked.</param>
/// <param name="answered">Hears of it.</param>
/// <param name="inner">Sends.</param>
internal sealed class TellAnswers(string host, Action<HttpAnswer> answered, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly string _host = host;
    private readonly Action<HttpAnswer> _answered = answered;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        int status = 0;
        try
        {
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            status = (int)answer.StatusCode;
            return answer;
        }
        finally
        {
            _answered(new HttpAnswer(_host, request.Method.Method, status));
        }
    }
}
