using System.CommandLine;

namespace Godwit.Cli.Completion;

/// <summary>What may stand where a value is wanted, as the definitions tell it.</summary>
/// <param name="Kind">Of which kind.</param>
/// <param name="Words">The only values there are; empty for every other kind.</param>
internal sealed record ValueShape(ValueKind Kind, IReadOnlyList<string> Words)
{
    /// <summary>The value of an option, by what stands for it in the help.</summary>
    public static ValueShape Of(Option option) => option switch
    {
        { Arity.MaximumNumberOfValues: 0 } => new(ValueKind.None, []),
        { HelpName: { } name } => ByName(name),
        _ => new(ValueKind.Free, []),
    };

    /// <summary>An argument, by its name. Addresses are completed like files of this machine.</summary>
    public static ValueShape Of(Argument argument) => argument.Name is "SRC" or "DST" or "BOX" or "URL" ? new(ValueKind.File, []) : ByName(argument.Name);

    private static ValueShape ByName(string name)
    {
        string[] words = name.Split('|');
        return name switch
        {
            "FILE" => new(ValueKind.File, []),
            "DIR" => new(ValueKind.Directory, []),
            _ when words.Length > 1 && Array.TrueForAll(words, IsWord) => new(ValueKind.Words, words),
            _ => new(ValueKind.Free, []),
        };
    }

    /// <summary>What is in capitals only stands for a value; so does what holds a sign.</summary>
    private static bool IsWord(string text) =>
        text.Any(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or ':');
}

/// <summary>The kinds of values.</summary>
internal enum ValueKind
{
    /// <summary>There is no value.</summary>
    None,

    /// <summary>Anything.</summary>
    Free,

    /// <summary>One of some words.</summary>
    Words,

    /// <summary>A file of this machine, or what begins like one.</summary>
    File,

    /// <summary>A directory of this machine.</summary>
    Directory,
}
