using Godwit.Server.Engine;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Staging;

/// <summary>Which sources a stager may name: asked when he names one, and again when it is open, because a link may lead elsewhere by then.</summary>
internal static class StagerPlaces
{
    /// <summary>Why a stager may not name a source; null where he may.</summary>
    /// <param name="stagers">Who can be asked.</param>
    /// <param name="name">The stager's name.</param>
    /// <param name="source">The source.</param>
    public static string? WhyNot(StagerBook stagers, string name, OrderPlace source)
    {
        StagerRule? rule = stagers.Find(CallStage.Stage, name);
        if (!source.Name.Split('/', ':').Contains("..") && rule?.Places.Any(pattern => pattern.Takes(source.Name)) == true)
        {
            return null;
        }

        string allowed = rule is not { Places.Count: > 0 } ? "None is" : $"Allowed are {string.Join(", ", rule.Places)}";
        return $"The {CallTurn.NameOf(CallStage.Stage, name)} may not name \"{source.Name}\" as a source. {allowed}: stagers.{name}.places of the service's configuration.";
    }
}
