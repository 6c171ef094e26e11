using System.Text.Json;

namespace Godwit.Server.Metrics;

/// <summary>Names of this program as labels and attributes have them.</summary>
internal static class Words
{
    /// <summary>The word: <c>read-back</c> of <c>ReadBack</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
