namespace Godwit.Conformance;

/// <summary>Numbers that follow from a seed and a name alone (SplitMix64), on every machine and in every process.</summary>
internal struct SeededDraw(int seed, ReadOnlySpan<byte> name, int time)
{
    private ulong _state = Mix((ulong)(uint)seed ^ ((ulong)(uint)time << 32) ^ HashOf(name));

    /// <summary>From 0 to below 1.</summary>
    public double NextShare() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>From 0 to below the limit, which is above zero.</summary>
    public int NextBelow(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>One of the faults, each as likely as its rate; none as likely as what is left.</summary>
    public StoreFault NextOf(IReadOnlyDictionary<StoreFault, double> rates, ReadOnlySpan<StoreFault> faults)
    {
        double left = NextShare();
        foreach (StoreFault fault in faults)
        {
            left -= rates.GetValueOrDefault(fault);
            if (left < 0)
            {
                return fault;
            }
        }

        return StoreFault.None;
    }

    private static ulong HashOf(ReadOnlySpan<byte> name)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in name)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return hash;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        return Mix(_state);
    }
}
