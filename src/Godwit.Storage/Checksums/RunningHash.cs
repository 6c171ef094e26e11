using System.Security.Cryptography;

namespace Godwit.Storage;

/// <summary>MD5 and the SHAs, by the base library.</summary>
internal sealed class RunningHash(ChecksumKind kind) : RunningChecksum(kind)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(kind switch
    {
        ChecksumKind.Md5 => HashAlgorithmName.MD5,
        ChecksumKind.Sha1 => HashAlgorithmName.SHA1,
        ChecksumKind.Sha512 => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    });

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
