namespace Godwit.Cli.Results;

/// <summary>What a result file is to hold.</summary>
internal enum ResultKind
{
    /// <summary>Lines that are appended: what is there stays.</summary>
    Log = 0,

    /// <summary>A manifest, which <see cref="KnownManifest"/> looks at.</summary>
    Manifest,

    /// <summary>A report.</summary>
    Report,

    /// <summary>A plan.</summary>
    Plan,

    /// <summary>Names of files, one a line.</summary>
    Names,

    /// <summary>Names of files, each ended by NUL.</summary>
    NulNames,

    /// <summary>Names of files, each after a sign.</summary>
    SignedNames,
}

/// <summary>A file that a command leaves.</summary>
/// <param name="Option">The option that names it.</param>
/// <param name="File">The file, as it was named.</param>
/// <param name="Kind">What it is to hold.</param>
internal sealed record ResultFile(string Option, string File, ResultKind Kind);

/// <summary>A file that a command reads itself.</summary>
/// <param name="File">The file, as it was named.</param>
/// <param name="What">What it is to the command, such as <c>the file of --bandwidth-file</c>.</param>
/// <param name="MayBe">The option of the one result that may take its place; null for none.</param>
internal sealed record ReadFile(string File, string What, string? MayBe = null);
