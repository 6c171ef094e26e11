namespace Godwit.Backends.Gfal;

/// <summary>An error as libgfal2 tells it.</summary>
/// <param name="Domain">Where it comes from, such as <c>GridFTPModule::Done</c>.</param>
/// <param name="Code">Mostly an errno, not always the one that it should be.</param>
/// <param name="Message">For people; of some servers the only thing that tells what happened.</param>
internal sealed record GfalFault(string Domain, int Code, string Message)
{
    /// <summary>The code of a request for a file that could not be opened.</summary>
    public const int NothingOpen = -1;

    /// <summary>The code of what was given up (ECANCELED).</summary>
    public const int GivenUp = 125;
}
