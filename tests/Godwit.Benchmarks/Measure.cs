using System.Diagnostics;
using System.Globalization;

namespace Godwit.Benchmarks;

/// <summary>What one run took.</summary>
/// <param name="Wall">Seconds from start to end.</param>
/// <param name="Processor">Seconds of processor time, of the program and all that it started.</param>
/// <param name="MemoryKib">KiB of memory at most.</param>
internal sealed record Figures(double Wall, double Processor, long MemoryKib);

/// <summary>Runs contestants in turn, so that what the machine does besides meets all alike.</summary>
internal static class Measure
{
    /// <summary>Runs a scenario.</summary>
    /// <exception cref="InvalidOperationException">A contestant failed, or did not do its work.</exception>
    public static Result Run(Scenario scenario, Room room, int rounds)
    {
        Wait(Room.Godwit, "--version");
        Race race = scenario.Prepare(room);
        using IDisposable? holds = race.Holds;
        var figures = race.Contestants.ToDictionary(contestant => contestant.Name, _ => new List<Figures>());
        for (int round = 0; round < rounds; round++)
        {
            foreach (Contestant contestant in race.Contestants)
            {
                Command command = contestant.Command();
                Wait("sync");
                figures[contestant.Name].Add(Time(contestant.Name, command, room));
                Check(contestant.Name, command);
                if (command.Thrown is { } thrown)
                {
                    Directory.Delete(thrown, recursive: true);
                }
            }
        }

        return new Result(scenario.Name, race.Title, [.. race.Contestants.Select(one => new Row(one.Name, figures[one.Name]))]);
    }

    /// <summary>Runs a command that is not measured.</summary>
    public static void Wait(params string[] words)
    {
        using Process process = Start(new Command(words));
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', words)} ended with {process.ExitCode}: {said}");
        }
    }

    private static Figures Time(string name, Command command, Room room)
    {
        string report = room.At(".time");
        using Process process = Start(command with { Words = ["/usr/bin/time", "-f", "%e %U %S %M", "-o", report, .. command.Words] });
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{name} ended with {process.ExitCode}: {said}");
        }

        double[] told = [.. File.ReadAllText(report).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        return new Figures(told[0], told[1] + told[2], (long)told[3]);
    }

    private static void Check(string name, Command command)
    {
        if (command.SameTrees is not ({ } expected, { } found))
        {
            return;
        }

        using Process process = Start(new Command(["diff", "-rq", expected, found]));
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{name} was measured and did not do its work: {found} is not {expected}.");
        }
    }

    private static Process Start(Command command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >/dev/null", "-", .. command.Words]) { RedirectStandardError = true };
        foreach ((string name, string value) in command.Settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
