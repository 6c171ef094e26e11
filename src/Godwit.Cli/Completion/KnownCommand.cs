using System.CommandLine;

namespace Godwit.Cli.Completion;

/// <summary>One command as it is called, for whatever describes the command line.</summary>
/// <param name="Names">The names that lead to it, without the program's own; empty for the program itself.</param>
/// <param name="Command">Its definition.</param>
internal sealed record KnownCommand(IReadOnlyList<string> Names, Command Command)
{
    /// <summary>The options that people are told of, those of all commands included; with <c>--</c> first.</summary>
    public IReadOnlyList<Option> Options { get; } =
    [
        .. Command.Options.Where(option => !option.Hidden),
        .. Command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive && !option.Hidden),
    ];

    /// <summary>The commands below it.</summary>
    public IReadOnlyList<Command> Below { get; } = [.. Command.Subcommands.Where(below => !below.Hidden)];

    /// <summary>What stands for it in a script: its names, each behind a slash.</summary>
    public string Place => string.Concat(Names.Select(name => "/" + name));

    /// <summary>The program and every command of it, each before those below it.</summary>
    public static IEnumerable<KnownCommand> All(Command root) => From([], root);

    private static IEnumerable<KnownCommand> From(string[] names, Command command) =>
    [
        new KnownCommand(names, command),
        .. command.Subcommands.Where(below => !below.Hidden).SelectMany(below => From([.. names, below.Name], below)),
    ];
}
