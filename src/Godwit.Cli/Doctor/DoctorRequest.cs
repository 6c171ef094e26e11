namespace Godwit.Cli.Doctor;

/// <summary>What is to be looked at.</summary>
/// <param name="Source">The address to read from, as it was written; null for none.</param>
/// <param name="Destination">The address to write to; null for none.</param>
/// <param name="State">What <c>--state</c> says.</param>
/// <param name="Probe">Whether a file is written to try it.</param>
/// <param name="Work">How long the work takes; null where nobody said.</param>
internal sealed record DoctorRequest(string? Source, string? Destination, string? State, bool Probe, TimeSpan? Work);
