namespace Godwit.Cli.Configuration.Secrets;

/// <summary>Where a secret is kept; never the secret.</summary>
/// <param name="Kind">How it is had.</param>
/// <param name="Words">The variable, the file, the program with its arguments, or the path in the vault; one word but for a program.</param>
/// <param name="Origin">Where the reference is written.</param>
internal sealed record SecretReference(SecretKind Kind, IReadOnlyList<string> Words, string Origin)
{
    /// <summary>The one word.</summary>
    public string Word => Words[0];

    /// <summary>What it is called in messages. Of a program only its name: arguments are nobody else's business.</summary>
    public override string ToString() => Kind switch
    {
        SecretKind.Plain => Word,
        SecretKind.Command => $"command: {Word}{(Words.Count > 1 ? " ***" : "")}",
        _ => $"{Kind.ToString().ToLowerInvariant()}: {Word}",
    };
}

/// <summary>How a secret is had.</summary>
internal enum SecretKind
{
    /// <summary>It is written there, because it is none: the name of a key.</summary>
    Plain = 0,

    /// <summary>From an environment variable.</summary>
    Env,

    /// <summary>From a file.</summary>
    File,

    /// <summary>From what a program prints.</summary>
    Command,

    /// <summary>From a vault.</summary>
    Vault,
}
