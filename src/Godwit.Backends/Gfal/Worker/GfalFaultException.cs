namespace Godwit.Backends.Gfal.Worker;

/// <summary>What libgfal2 said no to.</summary>
internal sealed class GfalFaultException(GfalFault fault) : Exception(fault.Message)
{
    /// <summary>What it said.</summary>
    public GfalFault Fault { get; } = fault;
}
