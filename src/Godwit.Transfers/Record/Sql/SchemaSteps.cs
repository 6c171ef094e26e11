using System.Reflection;

namespace Godwit.Transfers.Record.Sql;

/// <summary>The tables as numbered steps, which are embedded in the program.</summary>
internal static class SchemaSteps
{
    /// <summary>The steps of a folder, in order.</summary>
    public static IReadOnlyList<string> In(string folder)
    {
        Assembly assembly = typeof(SchemaSteps).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            })];
    }
}
