using System.CommandLine;
using System.Globalization;
using Godwit.Transfers;

namespace Godwit.Cli.Configuration;

/// <summary>Something that an option, an environment variable, an endpoint or the configuration's defaults can say.</summary>
internal interface ISetting
{
    /// <summary>What it is called in the configuration.</summary>
    string Key { get; }

    /// <summary>The option.</summary>
    Option Option { get; }

    /// <summary>Godwit's own variables that may say it; the first that is set counts.</summary>
    IReadOnlyList<string> Variables { get; }

    /// <summary>Variables of other tools that may say it. They know of one server only, so an endpoint goes before them.</summary>
    IReadOnlyList<string> SharedVariables { get; }

    /// <summary>What holds where nothing is said, for people.</summary>
    string Usually { get; }

    /// <summary>Whether it names a file.</summary>
    bool IsFile { get; }

    /// <summary>What is wrong with a value, in sentences with the remedy; empty when it can be used.</summary>
    /// <param name="text">The value.</param>
    /// <param name="name">What the sentences call the setting.</param>
    IReadOnlyList<string> FaultsOf(string text, string name);
}

/// <summary>A setting of one kind of value, as an option of the command line.</summary>
/// <typeparam name="T">The kind.</typeparam>
internal sealed class Setting<T> : Option<T?>, ISetting
{
    private readonly Func<string, T> _parse;
    private readonly Func<T, TransferPolicy>? _policy;

    /// <summary>Declares it.</summary>
    /// <param name="key">What it is called in the configuration.</param>
    /// <param name="name">The option.</param>
    /// <param name="shape">What stands for its value in the help; empty for an option without one, which then means <c>yes</c>.</param>
    /// <param name="what">What it does.</param>
    /// <param name="usually">What holds where nothing is said.</param>
    /// <param name="variables">Godwit's own variables that may say it.</param>
    /// <param name="parse">Reads the value; throws <see cref="FormatException"/> with what to write instead.</param>
    /// <param name="policy">The policy with the value in it, whose own faults are said too.</param>
    /// <param name="shared">Variables of other tools that may say it.</param>
    public Setting(
        string key, string name, string shape, string what, string usually, IReadOnlyList<string> variables, Func<string, T> parse,
        Func<T, TransferPolicy>? policy = null, IReadOnlyList<string>? shared = null)
        : base(name)
    {
        (Key, Variables, Usually, _parse, _policy) = (key, variables, usually, parse, policy);
        SharedVariables = shared ?? [];
        Description = $"{what} Default: {string.Join(", ", [.. Variables, .. SharedVariables, usually])}.";
        Arity = shape.Length == 0 ? ArgumentArity.Zero : ArgumentArity.ExactlyOne;
        if (shape.Length == 0)
        {
            return;
        }

        HelpName = shape;
        CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            IReadOnlyList<string> faults = FaultsOf(text, name);
            foreach (string fault in faults)
            {
                result.AddError(fault);
            }

            return faults.Count == 0 ? parse(text) : default;
        };
    }

    /// <inheritdoc/>
    public string Key { get; }

    /// <inheritdoc/>
    public Option Option => this;

    /// <inheritdoc/>
    public IReadOnlyList<string> Variables { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> SharedVariables { get; }

    /// <inheritdoc/>
    public string Usually { get; }

    /// <inheritdoc/>
    public bool IsFile { get; init; }

    /// <summary>The value of a text without a fault.</summary>
    public T Read(string text) => _parse(text);

    /// <inheritdoc/>
    public IReadOnlyList<string> FaultsOf(string text, string name)
    {
        try
        {
            T value = _parse(text);
            return [.. _policy?.Invoke(value).Faults().Select(fault => fault.Replace(Name, name, StringComparison.Ordinal)) ?? []];
        }
        catch (FormatException e)
        {
            return [$"{name} is \"{text}\": {e.Message}."];
        }
    }
}

/// <summary>How the values of settings are read.</summary>
internal static class SettingText
{
    /// <summary>One of some words.</summary>
    public static Func<string, T> OneOf<T>(params (string Word, T Value)[] words) => text =>
        Array.Find(words, word => word.Word == text) is { Word: not null } found
            ? found.Value
            : throw new FormatException($"write one of {string.Join(", ", words.Select(word => word.Word))}");

    /// <summary>A whole number.</summary>
    public static int Count(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw new FormatException("write a whole number");

    /// <summary>Yes or no; also the words that YAML writers are used to.</summary>
    public static bool YesOrNo(string text) => text switch
    {
        "yes" or "true" => true,
        "no" or "false" => false,
        _ => throw new FormatException("write yes or no"),
    };

    /// <summary>A word that is there.</summary>
    public static string NotEmpty(string text) => text.Length > 0 ? text : throw new FormatException("write a name");

    /// <summary>The name of a file.</summary>
    public static string FileName(string text) => text.Length > 0 && !text.Any(c => c == '\0' || char.IsSurrogate(c))
        ? text
        : throw new FormatException("write a file name that is UTF-8");
}
