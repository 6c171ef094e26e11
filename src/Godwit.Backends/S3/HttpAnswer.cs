namespace Godwit.Backends.S3;

/// <summary>What became of one request to a server.</summary>
/// <param name="Host">The server as it was configured, with its port where that is not the usual one.</param>
/// <param name="Method">The request's method.</param>
/// <param name="Status">The answer's status; 0 where none came, or nobody waited for it any longer.</param>
public readonly record struct HttpAnswer(string Host, string Method, int Status);
