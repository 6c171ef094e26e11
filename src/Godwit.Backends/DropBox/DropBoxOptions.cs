namespace Godwit.Backends.DropBox;

/// <summary>How a drop box is used.</summary>
public sealed record DropBoxOptions
{
    /// <summary>Nothing special: the side that takes files out.</summary>
    public static DropBoxOptions Default { get; } = new();

    /// <summary>How files are kept.</summary>
    public BoxLayout Layout { get; init; }

    /// <summary>How hard zstd tries, from 1 (fast) to 19 (small).</summary>
    /// <value>3: several times as fast as most links to a bucket, and most of what can be gained.</value>
    public int Level { get; init; } = 3;

    /// <summary>
    /// Whether files that were taken out are still told, as the side that puts files in wants: what was delivered is not sent again. Deleting
    /// then takes the newest version back, instead of marking it as delivered.
    /// </summary>
    public bool CountsDelivered { get; init; }

    /// <summary>On the side that takes files out, the address that they go to, where the layout writes that down; null where it is not known.</summary>
    public string? DeliversTo { get; init; }

    /// <summary>Bytes of a part of a file in the layout of CTA Ingest, but for the last.</summary>
    /// <value>1 GiB: few objects of a large file, and no host needs room for more than one at a time to go on.</value>
    public long PartBytes { get; init; } = 1L << 30;
}
