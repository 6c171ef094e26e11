using Godwit.Storage;

namespace Godwit.Backends.DropBox;

/// <summary>What the newest push or pull of a host says of itself in the box, for people on the other side.</summary>
/// <param name="Host">The host's name.</param>
/// <param name="IsPull">Whether it takes out; else it puts in.</param>
/// <param name="Ledger">Some letters that tell its ledger from others of hosts of that name.</param>
public sealed record DropBoxRun(string Host, bool IsPull, string Ledger)
{
    /// <summary>When it began, by the host's clock.</summary>
    public required Timestamp Began { get; init; }

    /// <summary>When it said so last, by the host's clock; once it has ended, when it did.</summary>
    public required Timestamp At { get; init; }

    /// <summary>Its exit code; null while it goes on, and for ever where it was killed.</summary>
    public int? Exit { get; init; }

    /// <summary>Files that it delivered: into the box, or to their destination.</summary>
    public long Delivered { get; init; }

    /// <summary>Their bytes, before compression; while it goes on, also those of files under way.</summary>
    public long Bytes { get; init; }

    /// <summary>Files that failed.</summary>
    public long Failed { get; init; }

    /// <summary>What was said of the first failure; null where nothing failed.</summary>
    public string? Fault { get; init; }

    /// <summary>When this host delivered something last; null where it never did.</summary>
    public Timestamp? LastDelivery { get; init; }

    /// <summary>Seconds that it still takes, by its own plan; null where nobody can know.</summary>
    public double? Left { get; init; }

    /// <summary>Bytes a second: lately while it goes on, then of its newest run that delivered something; null where none did.</summary>
    public double? Rate { get; init; }
}
