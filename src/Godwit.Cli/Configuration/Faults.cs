using System.Text.RegularExpressions;

namespace Godwit.Cli.Configuration;

/// <summary>What is wrong with a configuration: every fault with its line, so that all are said at once.</summary>
/// <param name="file">The file.</param>
internal sealed partial class Faults(string file)
{
    private readonly List<(int Line, string Sentence)> _faults = [];

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _faults.Count == 0;

    /// <summary>What is wrong, without the lines.</summary>
    public IEnumerable<string> Sentences => _faults.Select(fault => fault.Sentence);

    /// <summary>What is wrong, each with its file and line, in the order of the file.</summary>
    public IEnumerable<string> Lines => _faults.OrderBy(fault => fault.Line).Select(fault => $"{file}, line {fault.Line}: {fault.Sentence}");

    /// <summary>Adds one.</summary>
    /// <param name="line">Where; from 1.</param>
    /// <param name="sentence">The key, the value and the remedy. Never the value of a secret.</param>
    public void Add(int line, string sentence) => _faults.Add((line, Credentials().Replace(sentence, "://***@")));

    /// <summary>Adds that a key is not known, and the known one that it looks most like.</summary>
    /// <param name="key">The key.</param>
    /// <param name="place">Where it stands, such as <c>in the endpoint "archive"</c>.</param>
    /// <param name="known">What is known there.</param>
    public void AddUnknown(YamlScalar key, string place, IReadOnlyCollection<string> known) => Add(
        key.Line,
        $"the key \"{key.Text}\" is not known {place}; the nearest is \"{NearestWord.To(key.Text, known)}\". Known are {string.Join(", ", known)}.");

    /// <summary>Throws all of them, in the order of the file.</summary>
    /// <exception cref="CommandException">There is one.</exception>
    public void Require()
    {
        if (!IsEmpty)
        {
            throw new CommandException(
                ExitCode.Usage, [.. Lines]);
        }
    }

    // What is quoted may be an address with a password in it.
    [GeneratedRegex("://[^/@\\s]*@")]
    private static partial Regex Credentials();
}
