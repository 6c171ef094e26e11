using System.CommandLine;
using System.CommandLine.Parsing;
using Godwit.Transfers;

namespace Godwit.Cli.Options;

/// <summary>Options whose every fault is said in one sentence: the option, the value, and what to write instead.</summary>
internal static class SettingOption
{
    /// <summary>An option with a value of its own kind of text.</summary>
    /// <param name="name">The option.</param>
    /// <param name="shape">What stands for its value in the help.</param>
    /// <param name="description">What it does, with its default.</param>
    /// <param name="parse">Reads the value; throws <see cref="FormatException"/> with what to write instead.</param>
    /// <param name="policy">The policy with the value in it, whose own faults are said too.</param>
    public static Option<T?> Of<T>(
        string name, string shape, string description, Func<string, T> parse, Func<T, TransferPolicy>? policy = null) => new(name)
        {
            HelpName = shape,
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result => Read(result, name, parse, policy),
        };

    /// <summary>An option with a value out of some words.</summary>
    public static Option<T?> OneOf<T>(string name, string description, params (string Word, T Value)[] words) => Of(
        name,
        string.Join('|', words.Select(word => word.Word)),
        description,
        text => Array.Find(words, word => word.Word == text) is { Word: not null } found
            ? found.Value
            : throw new FormatException($"write one of {string.Join(", ", words.Select(word => word.Word))}"));

    /// <summary>An option that is there or not.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>An option with the name of a file or directory of this machine.</summary>
    public static Option<string?> File(string name, string shape, string description) => Of(name, shape, description, text =>
        text.Length > 0 && !text.Any(c => c == '\0' || char.IsSurrogate(c)) ? text
        : throw new FormatException("write a file name that is UTF-8"));

    private static T? Read<T>(ArgumentResult result, string name, Func<string, T> parse, Func<T, TransferPolicy>? policy)
    {
        string text = result.Tokens[^1].Value;
        try
        {
            T value = parse(text);
            foreach (string fault in policy?.Invoke(value).Faults() ?? [])
            {
                result.AddError(fault);
            }

            return value;
        }
        catch (FormatException e)
        {
            result.AddError($"{name} is \"{text}\": {e.Message}.");
            return default;
        }
    }
}
