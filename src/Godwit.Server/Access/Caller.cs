using Godwit.Transfers.Record.Access;
using Godwit.Transfers.Record.Submissions;

namespace Godwit.Server.Access;

/// <summary>Who asks, and how far he reaches through the endpoint that he asks.</summary>
/// <param name="Subject">Who it is.</param>
/// <param name="Project">For which project; empty for none.</param>
/// <param name="Reach">How far.</param>
internal sealed record Caller(string Subject, string Project, Reach Reach)
{
    /// <summary>By what he is known: the id of his token, or the name of his certificate.</summary>
    public string Credential { get; init; } = "";

    /// <summary>His roles.</summary>
    public TokenRoles Roles { get; init; }

    public static Caller Of(Token token) => new(token.Subject, token.Project, Reach.Nothing) { Credential = token.Id, Roles = token.Roles };

    /// <summary>Whether a transfer is there for him.</summary>
    public bool Sees(Submission transfer) => Sees(transfer.Owner, transfer.Project);

    /// <summary>Whether a schedule is there for him.</summary>
    public bool Sees(Schedule schedule) => Sees(schedule.Owner, schedule.Project);

    /// <summary>Whether he may hand over transfers for a project.</summary>
    public bool MaySubmitFor(string project) => Reach == Reach.Everything || project == Project;

    /// <summary>What is listed for him of what he asks for; null where that is nothing.</summary>
    public SubmissionFilter? Narrow(SubmissionFilter asked) => Reach switch
    {
        Reach.Everything => asked,
        Reach.Project when Project.Length > 0 => asked.Project is null || asked.Project == Project ? asked with { Project = Project } : null,
        Reach.Project or Reach.Own => asked.Owner is null || asked.Owner == Subject ? asked with { Owner = Subject } : null,
        _ => null,
    };

    private bool Sees(string owner, string project) => Reach switch
    {
        Reach.Everything => true,
        Reach.Project => owner == Subject || HasProject(project),
        Reach.Own => owner == Subject,
        _ => false,
    };

    private bool HasProject(string project) => Project.Length > 0 && project == Project;
}
