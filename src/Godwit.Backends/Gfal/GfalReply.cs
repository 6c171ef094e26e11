using Godwit.Backends.Gfal.Wire;

namespace Godwit.Backends.Gfal;

/// <summary>An answer of a worker.</summary>
/// <param name="Fault">What went wrong; null when it was done.</param>
/// <param name="Bytes">What was asked for. Of content that went to where it was wanted, nothing.</param>
/// <param name="Count">Bytes of content that went to where it was wanted.</param>
internal sealed record GfalReply(GfalFault? Fault, byte[] Bytes, int Count)
{
    /// <summary>Its fields, from the first.</summary>
    public Fields Fields => new(Bytes);
}
