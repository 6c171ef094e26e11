namespace Godwit.Cli.Configuration;

/// <summary>A value, and where it comes from. It is never a secret.</summary>
/// <param name="Text">The value.</param>
/// <param name="Origin">For people: <c>option --transfers</c>, <c>environment AWS_REGION</c>, <c>FILE:LINE</c>, <c>default</c>.</param>
internal sealed record ConfiguredValue(string Text, string Origin);
