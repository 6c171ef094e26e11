using Godwit.Transfers.Record.Access;

namespace Godwit.Server.Access;

/// <summary>Roles as they are written in requests, answers and the configuration: in lower case.</summary>
public static class RoleNames
{
    private static readonly TokenRoles[] s_all = [.. Enum.GetValues<TokenRoles>().Where(role => role != TokenRoles.None)];

    /// <summary>All names, the least role first.</summary>
    public static IReadOnlyList<string> All { get; } = [.. s_all.Select(NameOf)];

    /// <summary>The names of the roles in a set.</summary>
    public static IReadOnlyList<string> Of(TokenRoles roles) => [.. s_all.Where(role => roles.HasFlag(role)).Select(NameOf)];

    /// <summary>The role of a name; null for none.</summary>
    public static TokenRoles? Find(string name) => s_all.Select(role => (TokenRoles?)role).FirstOrDefault(role => NameOf(role!.Value) == name);

    private static string NameOf(TokenRoles role) => role.ToString().ToLowerInvariant();
}
