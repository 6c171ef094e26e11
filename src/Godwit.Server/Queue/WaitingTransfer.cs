namespace Godwit.Server.Queue;

/// <summary>A transfer that waits for its turn.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Link">Between which endpoints it goes.</param>
/// <param name="Project">Whose share it is taken from.</param>
/// <param name="Priority">1 to 5; 5 gets the most turns.</param>
public sealed record WaitingTransfer(string Id, EndpointPair Link, string Project, int Priority);

/// <summary>A source and a destination endpoint, which may be the same.</summary>
/// <param name="Source">The name of the source's endpoint.</param>
/// <param name="Destination">The name of the destination's endpoint.</param>
public readonly record struct EndpointPair(string Source, string Destination);
