using Godwit.Storage;

namespace Godwit.Transfers.Move;

/// <summary>How one file is cut.</summary>
/// <param name="Length">The file's bytes.</param>
/// <param name="PartSize">Bytes of each part but the last.</param>
internal readonly record struct PartPlan(long Length, long PartSize)
{
    private const long Step = 1L << 20;

    /// <summary>How many parts; none for an empty file.</summary>
    public int Count => (int)((Length + PartSize - 1) / PartSize);

    /// <summary>Cuts a file so that the store's limits hold: a wish is raised until the number of parts fits. Parts may become larger than
    /// memory allows; see <see cref="StreamPart"/>.</summary>
    public static PartPlan For(long length, long? wish, PartLimits limits)
    {
        long size = Math.Clamp(wish ?? limits.UsualBytes, limits.MinBytes, Math.Min(limits.MaxBytes, Array.MaxLength));
        long needed = limits.MaxParts == int.MaxValue ? 0 : (length + limits.MaxParts - 1) / limits.MaxParts;
        if (needed > size)
        {
            size = Math.Min((needed + Step - 1) / Step * Step, limits.MaxBytes);
        }

        return new PartPlan(length, size);
    }

    /// <summary>Where a part begins; parts count from 1.</summary>
    public long OffsetOf(int number) => (number - 1) * PartSize;

    /// <summary>A part's bytes.</summary>
    public long LengthOf(int number) => Math.Min(PartSize, Length - OffsetOf(number));
}
