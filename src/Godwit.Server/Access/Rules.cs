using Godwit.Transfers.Record.Access;

namespace Godwit.Server.Access;

/// <summary>Whose transfers a role reaches through an endpoint.</summary>
public enum Reach
{
    /// <summary>Nobody's: the endpoint is closed to it.</summary>
    Nothing = 0,

    /// <summary>Those that it handed over itself.</summary>
    Own,

    /// <summary>Those of its project, and its own.</summary>
    Project,

    /// <summary>Everybody's.</summary>
    Everything,
}

/// <summary>Who may do what: the one table that the service goes by. An endpoint that is not in it is closed to everybody.</summary>
public static class Rules
{
    private static readonly IReadOnlyDictionary<TokenRoles, Reach> Users = new Dictionary<TokenRoles, Reach>
    {
        [TokenRoles.Submitter] = Reach.Own,
        [TokenRoles.Project] = Reach.Project,
        [TokenRoles.Operator] = Reach.Everything,
        [TokenRoles.Stager] = Reach.Nothing,
        [TokenRoles.Administrator] = Reach.Everything,
    };

    private static readonly IReadOnlyDictionary<TokenRoles, Reach> Operators =
        Users.Keys.ToDictionary(role => role, role => role is TokenRoles.Operator or TokenRoles.Administrator ? Reach.Everything : Reach.Nothing);

    private static readonly IReadOnlyDictionary<TokenRoles, Reach> Administrators =
        Users.Keys.ToDictionary(role => role, role => role is TokenRoles.Administrator ? Reach.Everything : Reach.Nothing);

    private static readonly IReadOnlyDictionary<TokenRoles, Reach> Stagers =
        Users.Keys.ToDictionary(role => role, role => role is TokenRoles.Stager ? Reach.Everything : Reach.Nothing);

    private static readonly IReadOnlyDictionary<TokenRoles, Reach> Everybody =
        Users.Keys.ToDictionary(role => role, _ => Reach.Everything);

    /// <summary>By the endpoint's name, and by the role. A token of several roles reaches what the widest of them does.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<TokenRoles, Reach>> All { get; } =
        new Dictionary<string, IReadOnlyDictionary<TokenRoles, Reach>>
        {
            ["create_transfer"] = Users,
            ["list_transfers"] = Users,
            ["read_transfer"] = Users,
            ["change_transfer"] = Users,
            ["cancel_transfer"] = Users,
            ["pause_transfer"] = Users,
            ["resume_transfer"] = Users,
            ["retry_transfer"] = Users,
            ["list_files"] = Users,
            ["list_attempts"] = Users,
            ["read_log"] = Users,
            ["follow_transfer"] = Users,
            ["follow_all"] = Users,
            ["create_schedule"] = Users,
            ["list_schedules"] = Users,
            ["read_schedule"] = Users,
            ["change_schedule"] = Users,
            ["remove_schedule"] = Users,
            ["list_schedule_runs"] = Users,
            ["run_schedule"] = Users,
            ["list_limits"] = Operators,
            ["set_limit"] = Operators,
            ["metrics"] = Operators,
            ["read_openapi"] = Everybody,
            ["read_self"] = Everybody,
            ["create_token"] = Administrators,
            ["list_tokens"] = Administrators,
            ["revoke_token"] = Administrators,
            ["list_audit"] = Operators,
            ["list_notices"] = Operators,
            ["retry_notice"] = Operators,
            ["call_back"] = Stagers,
        };

    /// <summary>The endpoints that want no token.</summary>
    public static IReadOnlySet<string> Open { get; } = new HashSet<string> { "health", "readiness", "version" };

    /// <summary>How far a token reaches through an endpoint.</summary>
    public static Reach ReachOf(string endpoint, TokenRoles roles) => All.TryGetValue(endpoint, out IReadOnlyDictionary<TokenRoles, Reach>? rule)
        ? rule.Where(one => roles.HasFlag(one.Key)).Select(one => one.Value).DefaultIfEmpty(Reach.Nothing).Max()
        : Reach.Nothing;
}
