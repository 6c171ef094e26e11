namespace Godwit.Backends.S3;

/// <summary>The region that requests are signed for. A server may say, once, that the bucket is in another one.</summary>
internal sealed class BucketRegion(string name)
{
    private readonly Lock _gate = new();
    private string _name = name;
    private bool _moved;

    /// <summary>Its name.</summary>
    public string Name => Volatile.Read(ref _name);

    /// <summary>Learns from an answer about a call that was signed for another region.</summary>
    /// <param name="told">The region that the answer names; null where it names none.</param>
    /// <param name="signedFor">The <see cref="Name"/> that the call was signed for.</param>
    /// <returns>False: nothing was learned, so that repeating the call does not help.</returns>
    public bool Learn(string? told, string signedFor)
    {
        lock (_gate)
        {
            if (signedFor != _name)
            {
                return true;
            }

            // The name becomes part of a host's name: nothing but a region's may get there. A server that goes on pointing elsewhere is not followed.
            if (_moved || told is not { Length: > 0 and <= 40 } || told == _name || !told.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            {
                return false;
            }

            _name = told;
            return _moved = true;
        }
    }
}
