using System.Security.Cryptography;

namespace Godwit.Storage;

/// <summary>MD5 and SHA-256, by the base library.</summary>
internal sealed class RunningHash(ChecksumKind kind) : RunningChecksum(kind)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(
        kind == ChecksumKind.Md5 ? HashAlgorithmName.MD5 : HashAlgorithmName.SHA256);

    public override void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public override Checksum Finish()
    {
        Span<byte> value = stackalloc byte[_hash.HashLengthInBytes];
        _hash.GetCurrentHash(value);
        return new Checksum(Kind, value);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
