using System.Text;
using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>The last field of a small object: the CRC-64/NVME of all bytes before it. One digit that flips on the way would otherwise be another time or
/// another length.</summary>
internal static class JsonSeal
{
    private const int HexLength = 16;
    private const int Length = 8 + HexLength + 2;

    /// <summary>The object with its seal.</summary>
    /// <param name="json">An object that is not empty, without white space around it.</param>
    public static byte[] Sealed(ReadOnlySpan<byte> json) => [.. json[..^1], .. SealOf(json[..^1])];

    /// <summary>Fails where an object has a seal and other bytes than were sealed.</summary>
    /// <exception cref="FormatException">It has.</exception>
    public static void Require(ReadOnlySpan<byte> json)
    {
        bool isSealed = json.Length > Length && json[^Length..].StartsWith(",\"sum\":\""u8);
        if (isSealed && !json[^Length..].SequenceEqual(SealOf(json[..^Length])))
        {
            throw new FormatException("its bytes are not those that were written");
        }
    }

    private static byte[] SealOf(ReadOnlySpan<byte> bytes)
    {
        using var running = RunningChecksum.Start(ChecksumKind.Crc64Nvme);
        running.Append(bytes);
        return Encoding.ASCII.GetBytes($",\"sum\":\"{running.Finish().Hex}\"}}");
    }
}
